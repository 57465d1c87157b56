"""Users of images that managers start."""

from __future__ import annotations

import pytest

from tests.transforms.python.managers import PIPENV, POETRY, UV, UV_PACKAGE
from tests.transforms.rewriting import rewrite

BASE = "FROM python:3.12-slim\nWORKDIR /app\n"
STALE = {**UV, "pyproject.toml": UV["pyproject.toml"].replace('"flask"', '"flask>=3"')}
HOME = "`{}` keeps its environment below /root, which only root can read"
CHANGES = "`uv run` changes the project's environment when it starts"


def reasons(install: str, command: str, files: dict[str, str]) -> tuple[str, ...]:
    got = rewrite("add-user", f"{BASE}COPY . .\nRUN {install}\nCMD {command}\n", files)
    assert ("USER 1000:1000" in got.text) == (not got.reasons and not got.risks)
    return (*got.reasons, *got.risks)


@pytest.mark.parametrize(
    ("install", "command", "files"),
    [
        ("uv sync --locked", '["uv", "run", "app.py"]', UV),
        ("uv sync", '["uv", "run", "python", "app.py"]', UV),
        ("uv sync", '["uv", "run", "--no-dev", "app.py"]', UV),
        ("uv sync --no-dev", "exec uv run --no-dev app.py", UV),
        ("uv sync --extra web", '["uv", "run", "--extra", "web", "app.py"]', UV),
        ("uv sync", '["uv", "run", "--no-sync", "app.py"]', UV_PACKAGE),
        (
            "poetry config virtualenvs.in-project true && poetry install",
            '["poetry", "run", "python", "app.py"]',
            POETRY,
        ),
        ("pipenv install --system", '["pipenv", "run", "python", "app.py"]', PIPENV),
    ],
)
def test_a_manager_that_installs_nothing_more_runs_as_anybody(
    install: str, command: str, files: dict[str, str]
) -> None:
    assert reasons(install, command, files) == ()


@pytest.mark.parametrize(
    ("install", "command", "files", "reason"),
    [
        ("uv sync --no-dev", '["uv", "run", "app.py"]', UV, CHANGES),
        ("uv sync", '["uv", "run", "--with", "rich", "app.py"]', UV, CHANGES),
        ("uv sync", '["uv", "run", "app.py"]', UV_PACKAGE, CHANGES),
        ("uv sync", '["uv", "run", "app.py"]', STALE, CHANGES),
        ("pip install uv", '["uv", "run", "app.py"]', UV, CHANGES),
        ("poetry install", '["poetry", "run", "python", "app.py"]', POETRY, HOME.format("poetry")),
        ("pipenv sync", '["pipenv", "run", "python", "app.py"]', PIPENV, HOME.format("pipenv")),
    ],
)
def test_refuses_where_the_manager_would_write(install: str, command: str, files: dict[str, str], reason: str) -> None:
    assert reasons(install, command, files) == (reason,)


DOWNLOADED = "`uv` keeps the Python that it downloads below /root, which only root can read"
UV_IMAGE = "COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/\n"
START = 'CMD [".venv/bin/python", "app.py"]\n'
NEWER = {**UV, ".python-version": "3.13\n"}


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("FROM debian:bookworm-slim\n{}RUN uv sync\n", UV),
        ("FROM python:3.12-slim\n{}RUN uv python install 3.13\nRUN uv sync --python 3.13\n", UV),
        ("FROM python:3.12-slim\n{}RUN uv sync\n", NEWER),
        ("FROM python:3.12-slim AS base\n{}RUN uv sync\nFROM base\n", NEWER),
        ("FROM ghcr.io/astral-sh/uv:bookworm-slim\n{}RUN uv sync\n", UV),
        ("FROM ghcr.io/astral-sh/uv:0.9-alpine\n{}RUN uv venv && uv sync\n", UV),
    ],
)
def test_refuses_an_interpreter_that_root_downloaded_for_itself(text: str, files: dict[str, str]) -> None:
    got = rewrite("add-user", text.format(f"{UV_IMAGE}WORKDIR /app\nCOPY . .\n") + START, files)

    assert got.reasons == (DOWNLOADED,)
    assert "USER" not in got.text


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("FROM python:3.12-slim\n{}RUN uv sync\n", {**UV, ".python-version": "3.12\n"}),
        ("FROM debian:bookworm-slim\n{}ENV UV_PYTHON_INSTALL_DIR=/python\nRUN uv sync\n", UV),
        ("FROM ghcr.io/astral-sh/uv:trixie-slim\n{}ENV UV_PYTHON_INSTALL_DIR=/python\nRUN uv sync\n", UV),
        ("FROM debian:bookworm-slim\n{}RUN UV_PYTHON_INSTALL_DIR=/python uv python install\n", UV),
        ("FROM debian:bookworm-slim\n{}RUN apt-get update && apt-get install -y python3\nRUN uv sync\n", UV),
        ("FROM debian:bookworm-slim\n{}ENV UV_PYTHON_DOWNLOADS=never\nRUN uv sync\n", UV),
    ],
)
def test_an_interpreter_that_anybody_can_read(text: str, files: dict[str, str]) -> None:
    got = rewrite("add-user", text.format(f"{UV_IMAGE}WORKDIR /app\nCOPY . .\n") + START, files)

    assert got.reasons == ()
    assert "USER 1000:1000" in got.text
