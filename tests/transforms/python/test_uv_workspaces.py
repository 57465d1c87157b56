"""Workspaces of uv: several projects with one lock file."""

from __future__ import annotations

import pytest

from tests.transforms.python.managers import WORKSPACE
from tests.transforms.python.rewriting import rewrite

HEAD = "FROM python:3.12\nRUN pip install uv\nWORKDIR /app\n"
MANIFESTS = "COPY pyproject.toml uv.lock ./\nCOPY libs/common/pyproject.toml ./libs/common/\n"
CMD = 'CMD [".venv/bin/python", "app.py"]\n'
MEMBER = "libs/common/pyproject.toml"


def changed(file: str, old: str, new: str) -> dict[str, str]:
    assert old in WORKSPACE[file]
    return {**WORKSPACE, file: WORKSPACE[file].replace(old, new)}


@pytest.mark.parametrize("options", ["--locked", "--frozen --no-dev", "--package demo", "--all-packages --no-dev"])
def test_the_manifests_of_all_projects_come_first(options: str) -> None:
    got = rewrite("copy-dependencies-first", f"{HEAD}COPY . .\nRUN uv sync {options}\n{CMD}", WORKSPACE)

    assert got.text == (
        f"{HEAD}{MANIFESTS}RUN uv sync {options} --no-install-workspace\nCOPY . .\nRUN uv sync {options}\n{CMD}"
    )


def test_its_projects_lie_in_both_stages() -> None:
    steps = f"{MANIFESTS}RUN uv sync --no-install-workspace\nCOPY . .\nRUN uv sync\n"

    got = rewrite("split-stages", HEAD + steps + CMD, WORKSPACE)

    assert got.text == (
        f"FROM python:3.12 AS build\nRUN pip install uv\nWORKDIR /app\n{steps}\n"
        f"FROM python:3.12-slim\nWORKDIR /app\nCOPY --from=build /app/.venv /app/.venv\nCOPY . .\n{CMD}"
    )


def test_leaves_alone_what_is_in_order() -> None:
    text = f"{HEAD}{MANIFESTS}RUN uv sync --frozen --no-install-workspace\nCOPY . .\nRUN uv sync --frozen\n{CMD}"

    got = rewrite("copy-dependencies-first", text, WORKSPACE)

    assert got.text == text
    assert got.reasons == ()


@pytest.mark.parametrize(
    ("steps", "files", "reason"),
    [
        (
            "COPY . .\nRUN uv sync\n",
            changed(MEMBER, 'build-backend = "hatchling.build"', 'build-backend = "maturin"'),
            "what building the project leaves among its source is not known",
        ),
        (
            "COPY . .\nRUN uv sync\n",
            changed(MEMBER, "[build-system]", '[tool.uv.sources]\nx = { path = "../../x" }\n[build-system]'),
            "`../../x` is installed from the source",
        ),
        (
            "COPY . .\nRUN uv sync\n",
            changed("pyproject.toml", '["libs/*"]', '["lib/**"]'),
            "`the workspace` is installed from the source",
        ),
        (
            "COPY pyproject.toml uv.lock app.py ./\nRUN uv sync\n",
            WORKSPACE,
            "`libs/common/pyproject.toml` of the workspace is not copied",
        ),
        (
            "COPY . .\nWORKDIR /app/libs/common\nRUN uv sync\n",
            WORKSPACE,
            "the project belongs to the workspace of `.`, whose lock file counts",
        ),
        (
            "COPY . .\nRUN uv sync\n",
            changed(MEMBER, 'version = "1"', 'version = "1"\nrequires-python = ">=3.13"'),
            "`requires-python` asks for >=3.13, which the image's Python is not",
        ),
    ],
)
def test_refuses_to_split(steps: str, files: dict[str, str], reason: str) -> None:
    text = HEAD + steps + CMD.replace(".venv", "/app/.venv")

    got = rewrite("split-stages", text, files)

    assert got.text == text
    assert got.reasons == (reason,)


def test_refuses_the_order_where_a_version_is_computed() -> None:
    files = changed(MEMBER, 'version = "1"', 'dynamic = ["version"]')

    got = rewrite("copy-dependencies-first", f"{HEAD}COPY . .\nRUN uv sync\n{CMD}", files)

    assert got.reasons == ("the project's version is computed from its source, which the install looks at",)
