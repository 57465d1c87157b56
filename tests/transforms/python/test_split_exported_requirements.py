"""Requirements files that a manager writes from its lock file, for pip to install."""

from __future__ import annotations

import pytest

from tests.transforms.python.managers import PIPENV, POETRY, UV, UV_PACKAGE, with_package
from tests.transforms.python.rewriting import Rewritten, rewrite

CMD = 'CMD ["python", "app.py"]\n'
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
EXPORT = (
    "FROM python:3.12 AS locked\nWORKDIR /tmp\nRUN pip install poetry\nCOPY ./pyproject.toml ./poetry.lock* /tmp/\n"
    "RUN poetry export -f requirements.txt --output requirements.txt --without-hashes\n\n"
)
BROUGHT = "COPY --from=locked /tmp/requirements.txt /code/requirements.txt\n"
INSTALL = "RUN pip install --upgrade -r /code/requirements.txt\n"


def split(text: str, files: dict[str, str]) -> Rewritten:
    return rewrite("split-stages", text, files)


def order(text: str, files: dict[str, str]) -> Rewritten:
    return rewrite("copy-dependencies-first", text, files)


def test_a_stage_of_its_own_writes_the_file() -> None:
    text = f"{EXPORT}FROM python:3.12\nWORKDIR /code\n{BROUGHT}{INSTALL}COPY ./app.py /code/app.py\n{CMD}"

    got = split(text, POETRY)

    assert got.text == (
        f"{EXPORT}FROM python:3.12 AS build\nWORKDIR /code\n{VENV}{BROUGHT}{INSTALL}\n"
        f"FROM python:3.12-slim\nWORKDIR /code\n{CARRIED}COPY ./app.py /code/app.py\n{CMD}"
    )


@pytest.mark.parametrize(
    ("files", "tool", "run"),
    [
        (POETRY, "poetry", "poetry export -f requirements.txt -o requirements.txt && pip install -r requirements.txt"),
        (POETRY, "poetry", "poetry export --output=/tmp/r.txt && pip install -r /tmp/r.txt"),
        (UV, "uv", "uv export --frozen > requirements.txt && pip install -r requirements.txt"),
        (UV_PACKAGE, "uv", "uv export --no-emit-project -o /tmp/r.txt && pip install -r /tmp/r.txt"),
        (PIPENV, "pipenv", "pipenv requirements > requirements.txt && pip install -r requirements.txt"),
    ],
)
def test_the_run_of_the_install_writes_the_file(files: dict[str, str], tool: str, run: str) -> None:
    manifests = " ".join(name for name in files if name != "app.py")
    head = f"FROM python:3.12\nWORKDIR /app\nRUN pip install {tool}\n"

    ordered = order(f"{head}COPY . .\nRUN {run}\n{CMD}", files)
    got = split(ordered.text, files)

    assert ordered.text == f"{head}COPY {manifests} ./\nRUN {run}\nCOPY . .\n{CMD}"
    assert got.text == (
        f"FROM python:3.12 AS build\nWORKDIR /app\nRUN pip install {tool}\n{VENV}COPY {manifests} ./\nRUN {run}\n\n"
        f"FROM python:3.12-slim\nWORKDIR /app\n{CARRIED}COPY . .\n{CMD}"
    )


def test_the_lock_file_says_what_is_installed() -> None:
    files = {**POETRY, "poetry.lock": with_package(POETRY["poetry.lock"], "seldom-seen")}
    text = f"{EXPORT}FROM python:3.12\nWORKDIR /code\n{BROUGHT}{INSTALL}COPY ./app.py /code/app.py\n{CMD}"

    assert split(text, files).reasons == ("which libraries `seldom-seen` needs of the full image is not known",)


@pytest.mark.parametrize(
    ("files", "run", "reason"),
    [
        (
            POETRY,
            "poetry export | pip install -r /dev/stdin",
            "what the RUN does is not known: it is more than plain commands",
        ),
        (
            {**POETRY, "requirements.txt": "flask\n"},
            "poetry export -o requirements.txt && pip install -r requirements.txt",
            "`requirements.txt` is written over",
        ),
        (
            UV_PACKAGE,
            "uv export -o r.txt && pip install -r r.txt",
            "`r.txt` is not copied from the build context",
        ),
        (
            POETRY,
            "poetry export -o other.txt && pip install -r r.txt",
            "`r.txt` is not copied from the build context",
        ),
    ],
)
def test_refuses_what_is_not_clear(files: dict[str, str], run: str, reason: str) -> None:
    text = f"FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN {run}\n{CMD}"

    got = split(text, files)

    assert got.text == text
    assert got.reasons == (reason,)
