"""Splits of images whose packages uv, Poetry, pipenv or PDM installs."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from tests.transforms.python.managers import (
    APP,
    PDM,
    PIPENV,
    POETRY,
    POETRY_LOCK,
    POETRY_PACKAGE,
    PROJECT,
    UV,
    UV_PACKAGE,
    with_package,
)
from tests.transforms.python.rewriting import Rewritten, rewrite

BASE = "FROM python:3.12\nWORKDIR /app\n"
BUILD = "FROM python:3.12 AS build\nWORKDIR /app\n"
RUNTIME = "\nFROM python:3.12-slim\nWORKDIR /app\n"
CARRIED = "COPY --from=build /app/.venv /app/.venv\n"
CMD = 'CMD ["python", "app.py"]\n'
PATH = "ENV PATH=/app/.venv/bin:$PATH\n"
UV_IMAGE = "COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /uvx /bin/\n"


def split(text: str, files: dict[str, str], **options: object) -> Rewritten:
    return rewrite("split-stages", text, files, **options)  # type: ignore[arg-type]


def manifests(files: dict[str, str]) -> str:
    return "COPY " + " ".join(name for name in files if name != "app.py") + " ./\n"


@pytest.mark.parametrize(
    ("files", "tool", "install"),
    [
        pytest.param(UV, "RUN pip install uv\n", "RUN uv sync --locked\n", id="uv"),
        pytest.param(UV, UV_IMAGE, "RUN uv sync --locked\n", id="uv of its image"),
        pytest.param(
            POETRY,
            "RUN pip install poetry==1.8.3\n",
            "RUN poetry config virtualenvs.in-project true && poetry install\n",
            id="Poetry",
        ),
        pytest.param(
            POETRY,
            "RUN pip install poetry\nENV POETRY_VIRTUALENVS_IN_PROJECT=1\n",
            "RUN poetry sync\n",
            id="Poetry's variable",
        ),
        pytest.param(
            PIPENV, "ENV PIPENV_VENV_IN_PROJECT=1\nRUN pip install pipenv\n", "RUN pipenv sync\n", id="pipenv"
        ),
        pytest.param(PDM, "RUN pip install -U pip pdm\n", "RUN pdm sync --prod\n", id="PDM"),
    ],
)
def test_takes_over_the_environment_of_the_project(files: dict[str, str], tool: str, install: str) -> None:
    start = f"{PATH}COPY . .\n{CMD}"

    got = split(f"{BASE}{tool}{manifests(files)}{install}{start}", files)

    assert got.text == f"{BUILD}{tool}{manifests(files)}{install}{RUNTIME}{CARRIED}{start}"
    assert got.ignore_lines == (".venv",)
    assert split(got.text, files).text == got.text


@pytest.mark.parametrize(
    ("files", "head", "changed"),
    [
        pytest.param(
            POETRY,
            "RUN pip install poetry\nCOPY pyproject.toml poetry.lock ./\n"
            "RUN poetry config virtualenvs.create false && poetry install\n",
            "RUN pip install poetry\nCOPY pyproject.toml poetry.lock ./\n"
            "RUN poetry config virtualenvs.in-project true && poetry install\n",
            id="poetry config",
        ),
        pytest.param(
            POETRY,
            "ENV POETRY_VERSION=1.8.3 \\\n    POETRY_VIRTUALENVS_CREATE=false\n"
            "RUN pip install poetry==$POETRY_VERSION\n"
            "COPY pyproject.toml poetry.lock ./\nRUN poetry install\n",
            "ENV POETRY_VERSION=1.8.3 \\\n    POETRY_VIRTUALENVS_IN_PROJECT=true\n"
            "RUN pip install poetry==$POETRY_VERSION\n"
            "COPY pyproject.toml poetry.lock ./\nRUN poetry install\n",
            id="Poetry's variable",
        ),
        pytest.param(
            PIPENV,
            "RUN pip install pipenv\nCOPY Pipfile Pipfile.lock ./\nRUN pipenv install --system --deploy\n",
            "RUN pip install pipenv\nENV PIPENV_VENV_IN_PROJECT=1\nCOPY Pipfile Pipfile.lock ./\n"
            "RUN pipenv install --deploy\n",
            id="pipenv",
        ),
    ],
)
def test_gives_an_environment_to_what_was_installed_into_the_interpreter(
    files: dict[str, str], head: str, changed: str
) -> None:
    got = split(f"{BASE}{head}COPY . .\n{CMD}", files)

    assert got.text == f"{BUILD}{changed}{RUNTIME}{CARRIED}{PATH}COPY . .\n{CMD}"


def test_uv_is_told_another_folder_than_the_interpreters() -> None:
    install = "COPY pyproject.toml uv.lock ./\nRUN uv sync --frozen\n"

    got = split(f"{BASE}{UV_IMAGE}ENV UV_PROJECT_ENVIRONMENT=/usr/local\n{install}COPY . .\n{CMD}", UV)

    assert got.text == (
        f"{BUILD}{UV_IMAGE}ENV UV_PROJECT_ENVIRONMENT=/opt/venv\n{install}{RUNTIME}"
        f"COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nCOPY . .\n{CMD}"
    )


@pytest.mark.parametrize(
    ("files", "tool", "install", "line", "command"),
    [
        pytest.param(UV, "uv", "uv sync --locked", "", '["uv", "run", "app.py"]', id="uv"),
        pytest.param(
            POETRY,
            "poetry",
            "poetry install",
            "ENV POETRY_VIRTUALENVS_IN_PROJECT=true\n",
            '["poetry", "run", "python", "app.py"]',
            id="Poetry",
        ),
        pytest.param(
            PIPENV,
            "pipenv",
            "pipenv sync",
            "ENV PIPENV_VENV_IN_PROJECT=1\n",
            "exec pipenv run python app.py --port $PORT",
            id="pipenv",
        ),
        pytest.param(PDM, "pdm", "pdm sync --prod", "", '["pdm", "run", "python", "app.py"]', id="PDM"),
    ],
)
def test_a_manager_that_the_image_runs_comes_along(
    files: dict[str, str], tool: str, install: str, line: str, command: str
) -> None:
    end = f"COPY . .\nCMD {command}\n"

    got = split(f"{BASE}RUN pip install {tool}\n{manifests(files)}RUN {install}\n{end}", files)

    assert got.text == (
        f"{BUILD}RUN pip install {tool}\n{line}{manifests(files)}RUN {install}\n{RUNTIME}"
        f"RUN pip install {tool}\n{CARRIED}{end}"
    )


def test_a_manager_of_a_longer_run_comes_along_in_a_run_of_its_own() -> None:
    head = "COPY pyproject.toml poetry.lock /app/\n"
    install = "RUN pip install 'poetry<2' && \\\n    poetry install --only main --no-root\n"
    end = 'COPY . /app\nCMD ["poetry", "run", "python", "app.py"]\n'

    got = split(f"{BASE}{head}{install}{end}", POETRY)

    assert got.text == (
        f"{BUILD}ENV POETRY_VIRTUALENVS_IN_PROJECT=true\n{head}{install}{RUNTIME}"
        f"RUN pip install 'poetry<2'\n{CARRIED}{end}"
    )


def test_the_manifests_come_along_where_the_manager_needs_them_and_nothing_else_brings_them() -> None:
    end = 'COPY app.py ./\nCMD ["uv", "run", "app.py"]\n'

    got = split(f"{BASE}{UV_IMAGE}{manifests(UV)}RUN uv sync --locked\n{end}", UV)

    assert got.text == (
        f"{BUILD}{UV_IMAGE}{manifests(UV)}RUN uv sync --locked\n{RUNTIME}{UV_IMAGE}{CARRIED}{manifests(UV)}{end}"
    )


@pytest.mark.parametrize(
    ("files", "first", "second"),
    [
        pytest.param(UV_PACKAGE, "uv sync --locked --no-install-project", "uv sync --locked", id="uv"),
        pytest.param(POETRY_PACKAGE, "poetry install --no-root", "poetry install", id="Poetry"),
    ],
)
def test_a_project_that_is_installed_has_its_source_in_both_stages(
    files: dict[str, str], first: str, second: str
) -> None:
    tool = "RUN pip install uv poetry\nENV POETRY_VIRTUALENVS_IN_PROJECT=true\n"
    build = f"{tool}{manifests(files)}RUN {first}\nCOPY . .\nRUN {second}\n"

    got = split(f"{BASE}{build}{PATH}{CMD}", files)

    assert got.text == f"{BUILD}{build}{RUNTIME}{CARRIED}COPY . .\n{PATH}{CMD}"


@pytest.mark.parametrize(
    ("before", "build"),
    [
        pytest.param(
            "RUN pip install uv\nCOPY requirements.txt .\nRUN uv pip install --system -r requirements.txt\n",
            "RUN pip install uv\nRUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
            "ENV VIRTUAL_ENV=/opt/venv\n"
            "COPY requirements.txt .\nRUN uv pip install -r requirements.txt\n",
            id="--system",
        ),
        pytest.param(
            "RUN pip install uv\nENV UV_SYSTEM_PYTHON=1\nCOPY requirements.txt .\nRUN uv pip sync requirements.txt\n",
            "RUN pip install uv\nENV VIRTUAL_ENV=/opt/venv\n"
            "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
            "COPY requirements.txt .\nRUN uv pip sync requirements.txt\n",
            id="the variable",
        ),
    ],
)
def test_uv_pip_installs_into_a_new_environment(before: str, build: str) -> None:
    files = {**APP, "requirements.txt": "flask\n"}

    got = split(f"{BASE}{before}COPY . .\n{CMD}", files)

    assert got.text == (
        f"{BUILD}{build}{RUNTIME}COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nCOPY . .\n{CMD}"
    )


def test_uv_pip_keeps_an_environment_that_uv_made() -> None:
    install = "RUN uv venv\nCOPY requirements.txt .\nRUN uv pip install -r requirements.txt\n"
    end = f"{PATH}COPY . .\n{CMD}"

    got = split(f"{BASE}{UV_IMAGE}{install}{end}", {**APP, "requirements.txt": "flask\n"})

    assert got.text == f"{BUILD}{UV_IMAGE}{install}{RUNTIME}{CARRIED}{end}"
    assert got.ignore_lines == (".venv",)


def test_a_wheel_of_the_lock_file_needs_no_library() -> None:
    lock = with_package(POETRY_LOCK, "seldom-seen", wheel="cp312-cp312-manylinux_2_17_x86_64")
    text = (
        f"{BASE}RUN pip install poetry\n{manifests(POETRY)}RUN poetry install\nCOPY . .\nCMD poetry run python app.py\n"
    )

    assert "python:3.12-slim" in split(text, {**POETRY, "poetry.lock": lock}).text
    got = split(text, {**POETRY, "poetry.lock": with_package(POETRY_LOCK, "seldom-seen")})
    assert got.reasons == ("which libraries `seldom-seen` needs of the full image is not known",)


@pytest.mark.parametrize(
    ("text", "files", "reason"),
    [
        (
            f"{UV_IMAGE}COPY . .\nRUN uv sync --locked\n" + 'CMD ["uv", "run", "demo"]\n',
            UV_PACKAGE,
            "`uv run` would build the project again when the container starts, as its files were copied",
        ),
        (
            f"{UV_IMAGE}COPY . .\nRUN uv sync\n{CMD}",
            {**UV_PACKAGE, "pyproject.toml": PROJECT + '[build-system]\nbuild-backend = "maturin"\n'},
            "what building the project leaves among its source is not known",
        ),
        (
            f"RUN pip install poetry\nCOPY . .\nRUN poetry config virtualenvs.create false && poetry install\n{CMD}",
            {**POETRY, "app.py": "import flask, requests\n"},
            "the program imports `requests`, which only `poetry` brings",
        ),
        (
            f"RUN pip install poetry\nCOPY . .\nRUN poetry config virtualenvs.create false && poetry install\n"
            f"RUN pip install gunicorn\n{CMD}",
            POETRY,
            "this installs beside the virtual environment of `poetry`",
        ),
        (
            "COPY . .\nRUN poetry install\n" + 'CMD ["poetry", "run", "python", "app.py"]\n',
            POETRY,
            "the image runs `poetry`, and how it comes into the image is not known",
        ),
        (
            f"RUN pip install poetry\nCOPY . .\nRUN poetry lock && poetry install\n{CMD}",
            POETRY,
            "`poetry` installs packages in its own way, and only pip's are carried over",
        ),
        (
            f"{UV_IMAGE}COPY . .\nRUN uv pip install flask\n{CMD}",
            UV,
            "`uv pip` has no virtual environment to install into",
        ),
        (
            f"RUN pip install poetry\nCOPY . .\nRUN poetry install\n{CMD}",
            {**POETRY, "poetry.toml": "[virtualenvs]\ncreate = false\n"},
            "`poetry` is told to install into the interpreter's own folder",
        ),
    ],
)
def test_refuses(text: str, files: dict[str, str], reason: str) -> None:
    got = split(BASE + text, files)

    assert got.text == BASE + text
    assert got.reasons == (reason,)


def test_refuses_where_no_ignore_file_may_be_written() -> None:
    text = f"{BASE}{UV_IMAGE}{manifests(UV)}RUN uv sync\nCOPY . .\n{CMD}"

    got = split(text, UV, options=Options(can_write_ignore=False))

    assert got.reasons == ("this could lay a virtual environment of the host over the installed one",)
    assert split(text, UV, ignore=".venv\n").ignore_lines == ()


def test_nothing_to_gain_on_the_slim_image() -> None:
    text = f"FROM python:3.12-slim\nWORKDIR /app\n{UV_IMAGE}COPY . .\nRUN uv sync\n{CMD}"

    got = split(text, UV)

    assert (got.text, got.reasons) == (text, ())
