"""Which files are Dockerfiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerslim.fleet.discover import discover, is_dockerfile_name


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "dockerfile",
        "Containerfile",
        "Dockerfile.prod",
        "Dockerfile.dev.alpine",
        "api.dockerfile",
        "api.Dockerfile",
        "Dockerfile-web",
        "dockerfile_web",
    ],
)
def test_names(name: str) -> None:
    assert is_dockerfile_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.dockerignore",
        ".dockerignore",
        "Dockerfile.md",
        "Dockerfile.orig",
        "Dockerfile.bak",
        "Dockerfile~",
        "Dockerfiles",
        "docker-compose.yml",
        "mydockerfile",
    ],
)
def test_names_of_others(name: str) -> None:
    assert not is_dockerfile_name(name)


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("FROM x\n", "utf-8")


def found(root: Path, *named: str) -> list[str]:
    return [p.relative_to(root).as_posix() for p in discover([root / name for name in named or ("",)]).paths]


def test_sorted_and_each_once(tmp_path: Path) -> None:
    put(tmp_path, "b/Dockerfile", "a/Dockerfile", "Dockerfile")

    assert found(tmp_path) == ["Dockerfile", "a/Dockerfile", "b/Dockerfile"]
    assert found(tmp_path, "b", "a/Dockerfile", "b/Dockerfile", "b/../b") == ["a/Dockerfile", "b/Dockerfile"]


def test_folders_of_others_are_not_entered(tmp_path: Path) -> None:
    put(tmp_path, ".git/Dockerfile", "web/node_modules/x/Dockerfile", ".venv/Dockerfile", "vendor/x/Dockerfile")

    assert found(tmp_path) == []
    assert discover([tmp_path]).empty == (tmp_path,)
    assert found(tmp_path, "vendor/x") == ["vendor/x/Dockerfile"]


def test_gitignore(tmp_path: Path) -> None:
    put(tmp_path, "Dockerfile", "out/Dockerfile", "a/Dockerfile.tmp", "a/b/Dockerfile", "a/kept/Dockerfile")
    (tmp_path / ".gitignore").write_text("/out/\n*.tmp\n", "utf-8")
    (tmp_path / "a" / ".gitignore").write_text("b\n", "utf-8")

    assert found(tmp_path) == ["Dockerfile", "a/kept/Dockerfile"]
    assert found(tmp_path, "out/Dockerfile") == ["out/Dockerfile"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_links(tmp_path: Path) -> None:
    put(tmp_path, "outside/Dockerfile", "r/docker/Dockerfile")
    root = tmp_path / "r"
    (root / "Dockerfile").symlink_to("docker/Dockerfile")
    (root / "Dockerfile.out").symlink_to("../outside/Dockerfile")
    (root / "Dockerfile.loop").symlink_to("Dockerfile.loop")
    (root / "folder").symlink_to("../outside")
    (root / "circle").symlink_to(".")

    assert found(root) == ["docker/Dockerfile"]
    assert found(root, "Dockerfile") == ["Dockerfile"]
    assert found(root, "Dockerfile.out") == ["Dockerfile.out"]


def test_a_deep_tree_is_no_problem(tmp_path: Path) -> None:
    deep = "/".join("d" * 1 for _ in range(400))
    put(tmp_path, f"{deep}/Dockerfile")

    assert found(tmp_path) == [f"{deep}/Dockerfile"]
