"""Files of more stages than one: the last one is split, or runs on the slim image."""

from __future__ import annotations

import pytest

from tests.transforms.python.rewriting import rewrite

APP = {"requirements.txt": "flask\n", "app.py": "import flask\n", "web/index.html": ""}
FRONT_END = "FROM node:22 AS web\nCOPY web .\nRUN npm run build\n\n"
CMD = 'CMD ["python", "app.py"]\n'
INSTALL = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
BUILDER = (
    "FROM python:3.12 AS builder\nCOPY requirements.txt .\nRUN pip install --prefix=/install -r requirements.txt\n\n"
)
END = f"COPY --from=builder /install /usr/local\nCOPY app.py .\n{CMD}"


def test_the_last_stage_is_split() -> None:
    end = f"COPY --from=web /dist ./static\nCOPY app.py ./\n{CMD}"

    got = rewrite("split-stages", f"{FRONT_END}FROM python:3.12\n{INSTALL}{end}", APP)

    assert got.text == (
        f"{FRONT_END}FROM python:3.12 AS build\nWORKDIR /app\n{VENV}"
        "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n\n"
        f"FROM python:3.12-slim\nWORKDIR /app\n{CARRIED}{end}"
    )


def test_a_stage_of_that_name_is_there_already() -> None:
    text = (
        f"FROM node:22 AS build\nRUN npm run build\n\nFROM python:3.12 AS web\n{INSTALL}COPY --from=build /d ./d\n{CMD}"
    )

    got = rewrite("split-stages", text, APP)

    assert "FROM python:3.12 AS build-2\n" in got.text
    assert "FROM python:3.12-slim AS web\nWORKDIR /app\nCOPY --from=build-2 /opt/venv /opt/venv\n" in got.text


@pytest.mark.parametrize(
    "text",
    [
        f"FROM python:3.12 AS base\n{INSTALL}\nFROM base\nCOPY app.py ./\n{CMD}",
        f"{BUILDER}FROM python:3.12-slim\n{END}",
    ],
)
@pytest.mark.parametrize("transform", ["split-stages", "replace-runtime-image"])
def test_leaves_alone(transform: str, text: str) -> None:
    got = rewrite(transform, text, APP)

    assert (got.text, got.reasons) == (text, ())


def test_packages_that_another_stage_installs_are_not_in_an_environment() -> None:
    copy = "COPY --from=builder /install/lib/python3.12 /usr/local/lib/python3.12\n"
    text = f"{BUILDER}FROM python:3.12\n{copy}{INSTALL}{CMD}"

    assert rewrite("split-stages", text, APP).reasons == (
        "this names `/usr/local/lib/python3.12`, which lies outside a virtual environment",
    )


@pytest.mark.parametrize(
    ("base", "slim"),
    [("python:3.12", "python:3.12-slim"), ("python:3.12-bookworm AS web", "python:3.12-slim-bookworm AS web")],
)
def test_the_last_stage_runs_on_the_slim_image(base: str, slim: str) -> None:
    got = rewrite("replace-runtime-image", f"{BUILDER}FROM {base}\n{END}", APP)

    assert got.text == f"{BUILDER}FROM {slim}\n{END}"


def test_the_libraries_of_the_packages_come_back() -> None:
    files = {**APP, "requirements.txt": "psycopg2\n"}

    got = rewrite("replace-runtime-image", f"{BUILDER}FROM python:3.12-bookworm\n# all of it\n{END}", files)

    assert got.text == (
        f"{BUILDER}FROM python:3.12-slim-bookworm\n"
        "RUN apt-get update && apt-get install -y --no-install-recommends \\\n"
        f"    libpq5 \\\n    && rm -rf /var/lib/apt/lists/*\n# all of it\n{END}"
    )


@pytest.mark.parametrize(
    ("builder", "end", "reason"),
    [
        (BUILDER.replace("-r requirements.txt", "."), END, "`.` is installed from the source"),
        (
            BUILDER.replace("-r requirements.txt", "-r other.txt"),
            END,
            "`other.txt` is not copied from the build context",
        ),
        (BUILDER, f"RUN ./prepare.sh\n{END}", "what `./prepare.sh` does for the image is not known"),
        (
            BUILDER,
            END.replace('["python", "app.py"]', '["flask", "run", "--debug"]'),
            "`flask run --debug` is a development server",
        ),
    ],
)
def test_refuses_another_image(builder: str, end: str, reason: str) -> None:
    text = f"{builder}FROM python:3.12\n{end}"

    got = rewrite("replace-runtime-image", text, APP)

    assert (got.text, got.reasons) == (text, (reason,))
