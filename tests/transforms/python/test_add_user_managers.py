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
