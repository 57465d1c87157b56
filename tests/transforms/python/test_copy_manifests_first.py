"""The manifest and the lock file of uv, Poetry, pipenv and PDM come before the source."""

from __future__ import annotations

import pytest

from tests.transforms.python.managers import PDM, PIPENV, POETRY, POETRY_PACKAGE, PROJECT, UV, UV_PACKAGE
from tests.transforms.python.rewriting import Rewritten, rewrite

COMPUTED_VERSION = {
    **UV_PACKAGE,
    "pyproject.toml": UV_PACKAGE["pyproject.toml"].replace('version = "0.1.0"', 'dynamic = ["version"]'),
}
BY_GIT = "[tool.poetry-dynamic-versioning]\nenable = true\n"
BASE = "FROM python:3.12\nWORKDIR /app\n"
CMD = 'CMD ["python", "app.py"]\n'


def order(text: str, files: dict[str, str]) -> Rewritten:
    return rewrite("copy-dependencies-first", text, files)


@pytest.mark.parametrize(
    ("files", "install", "manifests"),
    [
        pytest.param(UV, "uv sync --locked", "pyproject.toml uv.lock", id="uv"),
        pytest.param(UV_PACKAGE, "uv sync --no-install-project", "pyproject.toml uv.lock", id="uv without the project"),
        pytest.param(
            {**UV, ".python-version": "3.12\n"}, "uv sync", "pyproject.toml uv.lock .python-version", id="uv's Python"
        ),
        pytest.param(POETRY, "poetry install --only main", "pyproject.toml poetry.lock", id="Poetry"),
        pytest.param(
            POETRY_PACKAGE, "poetry install --no-root", "pyproject.toml poetry.lock", id="Poetry without the project"
        ),
        pytest.param(
            {**POETRY, "poetry.toml": "[virtualenvs]\nin-project = true\n"},
            "poetry sync",
            "pyproject.toml poetry.lock poetry.toml",
            id="Poetry's own settings",
        ),
        pytest.param(
            POETRY,
            "poetry config virtualenvs.create false && poetry install",
            "pyproject.toml poetry.lock",
            id="config",
        ),
        pytest.param(PIPENV, "pipenv install --system --deploy", "Pipfile Pipfile.lock", id="pipenv"),
        pytest.param(PDM, "pdm install --prod", "pyproject.toml pdm.lock", id="PDM"),
        pytest.param({"app.py": "", "pyproject.toml": PROJECT}, "uv sync", "pyproject.toml", id="no lock file"),
    ],
)
def test_copies_the_manifests_first(files: dict[str, str], install: str, manifests: str) -> None:
    got = order(f"{BASE}COPY . .\nRUN {install}\n{CMD}", files)

    assert got.text == f"{BASE}COPY {manifests} ./\nRUN {install}\nCOPY . .\n{CMD}"
    assert order(got.text, files).text == got.text


@pytest.mark.parametrize(
    ("files", "install", "option"),
    [
        pytest.param(UV_PACKAGE, "uv sync --frozen", "--no-install-project", id="uv"),
        pytest.param(POETRY_PACKAGE, "poetry install --without dev", "--no-root", id="Poetry"),
        pytest.param({**PDM, "pyproject.toml": PROJECT}, "pdm sync --prod", "--no-self", id="PDM"),
    ],
)
def test_installs_the_project_itself_below_its_source(files: dict[str, str], install: str, option: str) -> None:
    manifests = " ".join(name for name in files if name != "app.py")

    got = order(f"{BASE}COPY . .\nRUN {install}\n{CMD}", files)

    assert got.text == f"{BASE}COPY {manifests} ./\nRUN {install} {option}\nCOPY . .\nRUN {install}\n{CMD}"
    assert order(got.text, files).text == got.text


def test_the_step_for_the_project_keeps_flags_and_leaves_the_rest_of_the_run() -> None:
    text = BASE + "COPY . .\nRUN --mount=type=ssh pip install uv && \\\n    uv sync \\\n      --locked\n" + CMD

    got = order(text, UV_PACKAGE)

    assert got.text == (
        BASE + "COPY pyproject.toml uv.lock ./\n"
        "RUN --mount=type=ssh pip install uv && \\\n    uv sync \\\n      --locked --no-install-project\n"
        "COPY . .\nRUN --mount=type=ssh uv sync --locked\n" + CMD
    )


@pytest.mark.parametrize(
    ("text", "files"),
    [
        pytest.param("COPY pyproject.toml uv.lock ./\nRUN uv sync\nCOPY . .\n", UV, id="in place"),
        pytest.param(
            "RUN --mount=type=bind,source=uv.lock,target=uv.lock "
            "--mount=type=bind,source=pyproject.toml,target=pyproject.toml uv sync --no-install-project\n"
            "COPY . .\nRUN uv sync\n",
            UV,
            id="bind mounts",
        ),
        pytest.param(
            "COPY pyproject.toml uv.lock ./\nRUN uv sync --no-install-project\nCOPY . .\nRUN uv sync\n",
            UV_PACKAGE,
            id="two steps",
        ),
        pytest.param("COPY . .\nRUN uv run app.py\n", UV, id="no install"),
        pytest.param("COPY . .\nRUN uv lock --check\n", UV, id="another verb"),
    ],
)
def test_leaves_alone(text: str, files: dict[str, str]) -> None:
    got = order(f"{BASE}{text}{CMD}", files)

    assert got.text == f"{BASE}{text}{CMD}"
    assert got.reasons == ()


@pytest.mark.parametrize(
    ("install", "files", "reason"),
    [
        ("uv sync", {"app.py": ""}, "`pyproject.toml` is not copied from the build context"),
        ("uv sync --package web", UV, "`--package` makes `uv sync` install another project than that of the folder"),
        (
            "poetry install -C web",
            POETRY,
            "`-C` makes `poetry install` install another project than that of the folder",
        ),
        ("pipenv install flask", PIPENV, "what `pipenv install` installs is named on its command line"),
        (
            "uv sync",
            COMPUTED_VERSION,
            "the project's version is computed from its source, which the install looks at",
        ),
        (
            "poetry install",
            {**POETRY, "pyproject.toml": POETRY["pyproject.toml"] + BY_GIT},
            "the project's version is computed from its source, which the install looks at",
        ),
        (
            "uv sync",
            {**UV, "pyproject.toml": PROJECT + '[tool.uv.sources]\ncommon = { path = "libs/common" }\n'},
            "`libs/common` is installed from the source",
        ),
        (
            "uv sync",
            {**UV, "pyproject.toml": PROJECT + '[tool.uv.workspace]\nmembers = ["libs/*"]\n'},
            "`the workspace` is installed from the source",
        ),
        (
            "pipenv sync",
            {**PIPENV, "Pipfile": '[packages]\ndemo = {path = "./libs", editable = true}\n'},
            "`./libs` is installed from the source",
        ),
        (
            "uv sync",
            {**UV, ".python-version": "3.13\n"},
            "`.python-version` asks for Python 3.13, the image has 3.12",
        ),
        (
            "uv sync",
            {**UV, "pyproject.toml": PROJECT.replace("3.11", "3.13")},
            "`requires-python` asks for >=3.13, which the image's Python is not",
        ),
        ("uv sync --python 3.13", UV, "`uv` is told which Python to use"),
        ("uv sync && ./prepare.sh", UV, "`./prepare.sh` in the RUN of the install may need the source"),
    ],
)
def test_refuses(install: str, files: dict[str, str], reason: str) -> None:
    text = f"{BASE}COPY . .\nRUN {install}\n{CMD}"

    got = order(text, files)

    assert got.text == text
    assert got.reasons == (reason,)


def test_a_frozen_lock_file_needs_no_metadata() -> None:
    files = {
        **UV_PACKAGE,
        "pyproject.toml": UV_PACKAGE["pyproject.toml"].replace('version = "0.1.0"', 'dynamic = ["version"]'),
    }

    got = order(f"{BASE}COPY . .\nRUN uv sync --frozen\n{CMD}", files)

    assert "RUN uv sync --frozen --no-install-project\nCOPY . .\nRUN uv sync --frozen\n" in got.text


def test_other_line_ends_and_lower_case() -> None:
    got = order("from python:3.12\r\nworkdir /app\r\ncopy . .\r\nrun poetry install", POETRY_PACKAGE)

    assert got.text == (
        "from python:3.12\r\nworkdir /app\r\ncopy pyproject.toml poetry.lock ./\r\nrun poetry install --no-root\r\n"
        "copy . .\r\nrun poetry install"
    )
