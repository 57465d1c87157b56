"""The image of the runtime stage as the person asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.case import Options
from dockerslim.context.usage import ServiceUse, Usage
from tests.transforms.python.managers import APP, UV_PACKAGE
from tests.transforms.python.rewriting import Rewritten, rewrite

FILES = {**APP, "requirements.txt": "flask\ngunicorn\n"}
INSTALL = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
BUILD = (
    "WORKDIR /app\nRUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
    "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
)
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nCOPY . .\n"
MODULES = "/opt/venv/lib/python3.13/site-packages"
BARE = f"COPY --from=build {MODULES} {MODULES}\nENV PYTHONPATH={MODULES}\nCOPY . .\n"
PLAIN = f'FROM python:3.13\n{INSTALL}CMD ["gunicorn", "app:app"]\n'
OTHER_PYTHON = "distroless has Python 3.13 only, and `{}` may have another one"
DISTROLESS = "gcr.io/distroless/python3-debian13"
CMD = 'CMD ["gunicorn", "app:app"]\n'


def split(text: str, runtime: str, files: dict[str, str] | None = None, **options: object) -> Rewritten:
    return rewrite("split-stages", text, files or FILES, options=Options(runtime=runtime), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("base", "runtime", "image"),
    [
        ("python:3.13", "slim", "python:3.13-slim"),
        ("python:3.13", "python:3.13-slim-trixie", "python:3.13-slim-trixie"),
        ("python:3.13-slim", "python:3.13-slim-trixie", "python:3.13-slim-trixie"),
        ("python:3.13", "example.com/python:1", "example.com/python:1"),
    ],
)
def test_runs_on_the_image_that_is_asked_for(base: str, runtime: str, image: str) -> None:
    got = split(f"FROM {base}\n{INSTALL}{CMD}", runtime)

    assert got.text == f"FROM {base} AS build\n{BUILD}\nFROM {image}\nWORKDIR /app\n{CARRIED}{CMD}"


@pytest.mark.parametrize("runtime", ["slim", "alpine"])
def test_a_small_image_without_build_packages_stays(runtime: str) -> None:
    base = {"slim": "python:3.13-slim", "alpine": "python:3.13-alpine"}[runtime]

    got = split(f"FROM {base}\n{INSTALL}{CMD}", runtime)

    assert (got.text, got.reasons) == (f"FROM {base}\n{INSTALL}{CMD}", ())


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (CMD, 'CMD ["-m", "gunicorn", "app:app"]\n'),
        ('CMD ["python", "-u", "app.py"]\n', 'CMD ["-u", "app.py"]\n'),
        ('CMD ["python3", "-m", "flask", "run"]\n', 'CMD ["-m", "flask", "run"]\n'),
        (
            '# starts\nENTRYPOINT ["waitress-serve", "app:app"]\n',
            '# starts\nENTRYPOINT ["/usr/bin/python3.13", "-m", "waitress", "app:app"]\n',
        ),
    ],
)
def test_distroless_gets_the_arguments_of_the_interpreter(command: str, line: str) -> None:
    got = split(f"FROM python:3.13\n{INSTALL}{command}", "distroless")

    assert got.text == f"FROM python:3.13 AS build\n{BUILD}\nFROM {DISTROLESS}\nWORKDIR /app\n{BARE}{line}"


@pytest.mark.parametrize(
    ("text", "runtime", "reason"),
    [
        (PLAIN, "alpine", "what is installed for another C library does not run on alpine"),
        (PLAIN, "python:3.12-slim", "`python:3.12-slim` has another Python than `python:3.13`"),
        (PLAIN, "python:3.13-alpine", "`python:3.13-alpine` has another C library than `python:3.13`"),
        (
            f"FROM python:3.13-bookworm\nRUN apt-get update && apt-get install -y libpq-dev\n{INSTALL}{CMD}",
            "example.com/python:1",
            "the program needs `libpq5`, which `example.com/python:1` may not have",
        ),
        (f"FROM python:3.12\n{INSTALL}{CMD}", "distroless", OTHER_PYTHON.format("python:3.12")),
        (f"FROM python:3\n{INSTALL}{CMD}", "distroless", OTHER_PYTHON.format("python:3")),
        (
            f"FROM python:3.13\n{INSTALL}CMD gunicorn app:app --bind :$PORT\n",
            "distroless",
            "the command needs a shell, which distroless lacks",
        ),
        (f"FROM python:3.13\n{INSTALL}RUN mkdir data\n{CMD}", "distroless", "distroless has no shell to run this with"),
        (
            f'FROM python:3.13\n{INSTALL}CMD ["alembic", "upgrade", "head"]\n',
            "distroless",
            "which module `alembic` starts is not known",
        ),
        (f"FROM python:3.13\nENV PYTHONPATH=/app\n{INSTALL}{CMD}", "distroless", "`PYTHONPATH` is set already"),
        (
            f"FROM python:3.13\n{INSTALL}HEALTHCHECK CMD python check.py\n{CMD}",
            "distroless",
            "the HEALTHCHECK gives a command that is not the interpreter's",
        ),
        (f"FROM python:3.13\n{INSTALL}USER nobody\n{CMD}", "distroless", "distroless has no user `nobody`"),
    ],
)
def test_refuses(text: str, runtime: str, reason: str) -> None:
    got = split(text, runtime)

    assert got.text == text
    assert got.reasons == (reason,)


def test_distroless_refuses_a_project_that_is_a_link_to_its_source() -> None:
    text = 'FROM python:3.13\nWORKDIR /app\nRUN pip install uv\nCOPY . .\nRUN uv sync\nCMD ["python", "app.py"]\n'

    assert split(text, "distroless", UV_PACKAGE).reasons == ("the project is installed as a link to its source",)


def test_distroless_refuses_a_command_of_compose() -> None:
    usage = Usage((ServiceUse("compose.yaml", "web", 1, Path(), command="gunicorn app:app"),))
    text = f"FROM python:3.13\n{INSTALL}{CMD}"

    assert split(text, "distroless", usage=usage).reasons == (
        "`compose.yaml` gives a command that is not the interpreter's",
    )
