"""Finding the build context."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerslim.context.locate import find_context
from dockerslim.context.service_use import ServiceUse
from dockerslim.context.usage import Usage


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for path in (".git/HEAD", "package.json", "src/a.js", "api/go.mod", "api/cmd/main.go", "api/docker/Dockerfile"):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return root


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([], "api/docker"),
        (["."], "api/docker"),
        (["./"], "api/docker"),
        (["go.mod", "."], "api"),
        (["/go.mod", "./cmd/"], "api"),
        (["../go.mod"], "api"),
        (["cmd/*.go"], "api"),
        (["go.mod", "go.su[m]"], "api"),
        (["go.*"], "api"),
        (["*/go.mod"], "."),
        (["package*.json", "src"], "."),
        (["api/go.mod", "package.json"], "."),
        (["go.mod", "package.json"], None),
        (["nothing*"], None),
        (["$DIR/x", "https://example.com/a", "go.mod"], "api"),
        (["a\0b"], None),
        (["[", "go.mod"], "api"),
    ],
)
def test_the_folder_that_holds_the_sources(repository: Path, sources: list[str], expected: str | None) -> None:
    found = find_context(repository / "api" / "docker" / "Dockerfile", None, Usage.none(), sources)
    assert found == (None if expected is None else repository / expected)


def test_what_is_said_wins(repository: Path) -> None:
    usage = Usage((ServiceUse("compose.yaml", "a", 1, repository / "api"),))
    dockerfile = repository / "api" / "docker" / "Dockerfile"
    assert find_context(dockerfile, repository / "src", usage, ["go.mod"]) == repository / "src"
    assert find_context(dockerfile, None, usage, ["package.json"]) == repository / "api"


def test_a_folder_that_is_not_there_is_no_context(repository: Path) -> None:
    usage = Usage((ServiceUse("compose.yaml", "a", 1, repository / "gone"),))
    assert find_context(repository / "api" / "Dockerfile", None, usage, ["go.mod"]) == repository / "api"


def test_never_above_the_repository(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "above.txt").write_text("")
    assert find_context(repository / "Dockerfile", None, Usage.none(), ["above.txt"]) is None


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    files = {
        ".git/HEAD": "",
        "package.json": '{"workspaces": ["apps/*"]}',
        "package-lock.json": "{}",
        "apps/api/package.json": "{}",
        "apps/api/src/a.js": "",
    }
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


@pytest.mark.parametrize(
    ("sources", "text", "expected"),
    [
        (["package*.json", "."], "RUN npm ci\n", "."),
        (["."], "WORKDIR /repo\nRUN npm install\nWORKDIR /repo/apps/api\n", "."),
        (["."], "RUN cd apps/api && npm install\n", "."),
        (["."], "RUN npm install && npm run build --workspace=api\n", "."),
        (["."], "RUN pnpm i && pnpm -F api build\n", "."),
        (["."], "RUN yarn workspace api build\n", "."),
        (["package*.json", "."], "RUN npm install\n", None),
        (["."], "RUN npm install && ls apps/api-docs\n", None),
        (["package.json", "src"], "RUN npm install\n", "apps/api"),
        (["apps/api/package.json", "."], "RUN npm install\n", "."),
    ],
)
def test_a_member_of_a_workspace(workspace: Path, sources: list[str], text: str, expected: str | None) -> None:
    dockerfile = workspace / "apps" / "api" / "Dockerfile"

    found = find_context(dockerfile, None, Usage.none(), sources, text)

    assert found == (None if expected is None else workspace / expected)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("apps/api/package-lock.json", "{}"),
        ("package.json", "{}"),
        ("package.json", "{"),
        ("package.json", "[" * 100_000),
        ("package.json", '{"workspaces": []}'),
    ],
)
def test_a_package_of_its_own(workspace: Path, path: str, text: str) -> None:
    (workspace / path).write_text(text)
    dockerfile = workspace / "apps" / "api" / "Dockerfile"

    assert find_context(dockerfile, None, Usage.none(), ["."], "RUN npm ci\n") == dockerfile.parent


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["package.json", "package-lock.json"])
def test_a_pipe_in_place_of_a_workspaces_file_is_not_opened(workspace: Path, name: str) -> None:
    (workspace / name).unlink()
    os.mkfifo(workspace / name)
    dockerfile = workspace / "apps" / "api" / "Dockerfile"

    assert find_context(dockerfile, None, Usage.none(), ["."], "RUN npm ci\n") == dockerfile.parent


def test_a_link_out_of_the_repository_makes_no_workspace(tmp_path: Path, workspace: Path) -> None:
    (tmp_path / "package.json").write_text('{"workspaces": ["apps/*"]}')
    (workspace / "package.json").unlink()
    (workspace / "package.json").symlink_to(tmp_path / "package.json")
    dockerfile = workspace / "apps" / "api" / "Dockerfile"

    assert find_context(dockerfile, None, Usage.none(), ["."], "RUN npm ci\n") == dockerfile.parent
