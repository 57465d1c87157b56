"""Reading a build context from the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerslim.context.read_context import DEPTH_LIMIT, read_context

HAS_LINKS = hasattr(os, "symlink") and os.name != "nt"
needs_links = pytest.mark.skipif(not HAS_LINKS, reason="links need a privilege here")


def make(root: Path, *paths: str, text: str = "") -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def test_lists_what_copy_sees(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile", "b.txt", "a/c/d.txt", "dist/x", "dist/y/z", "notes.md")
    make(tmp_path, ".dockerignore", text="dist\n*.md\n")
    context = read_context(tmp_path, tmp_path / "Dockerfile")
    assert context.files == (".dockerignore", "Dockerfile", "a/c/d.txt", "b.txt")
    assert context.hidden == ("dist/x", "notes.md")
    assert context.ignore_text == "dist\n*.md\n"
    assert context.ignore_name == ".dockerignore"
    assert context.complete
    assert not context.has_git


def test_reads_texts(tmp_path: Path) -> None:
    make(tmp_path, "a/b.txt", text="hello")
    context = read_context(tmp_path, None)
    assert context.read_text("a/b.txt") == "hello"
    assert context.read_text("a/c.txt") is None
    assert context.reader("a/b.txt", 2) == b"he"
    for path in ("a", "nothing", "../" + tmp_path.name + "/../x", "/etc/hostname", "\0"):
        with pytest.raises(OSError):
            context.reader(path, 10)


def test_an_exception_shows_files_below_a_hidden_folder(tmp_path: Path) -> None:
    make(tmp_path, "docs/README.md", "docs/a/b.md", "src/main.py", "other/x")
    make(tmp_path, ".dockerignore", text="*\n!src\n!docs/README.md\n")
    context = read_context(tmp_path, None)
    assert context.files == ("docs/README.md", "src/main.py")
    assert context.hidden == (".dockerignore", "docs/a/b.md", "other/x")


@pytest.mark.parametrize("folder", [".", "docker"])
def test_the_dockerfiles_own_ignore_file_wins(tmp_path: Path, folder: str) -> None:
    make(tmp_path, "a", "b", f"{folder}/api.Dockerfile")
    make(tmp_path, ".dockerignore", text="a\n")
    make(tmp_path, f"{folder}/api.Dockerfile.dockerignore", text="b\n")
    context = read_context(tmp_path, tmp_path / folder / "api.Dockerfile")
    assert "a" in context.files
    assert "b" in context.hidden
    assert context.ignore_name == f"{folder}/api.Dockerfile.dockerignore".removeprefix("./")
    assert context.ignore_text == "b\n"


def test_an_own_ignore_file_outside_the_context(tmp_path: Path) -> None:
    make(tmp_path, "app/a", "docker/Dockerfile", "docker/Dockerfile.dockerignore")
    context = read_context(tmp_path / "app", tmp_path / "docker" / "Dockerfile")
    assert context.ignore_name == "../docker/Dockerfile.dockerignore"


def test_an_ignore_file_is_read_without_loss(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfa\r\n\xff\n"
    (tmp_path / ".dockerignore").write_bytes(data)
    make(tmp_path, "a")
    context = read_context(tmp_path, None)
    assert context.ignore_text is not None
    assert context.ignore_text.encode("utf-8", "surrogateescape") == data
    assert context.hidden == ("a",)


def test_git_is_known_and_not_listed(tmp_path: Path) -> None:
    make(tmp_path, ".git/config", ".git/objects/ab/cd", "sub/.git/config", "a")
    context = read_context(tmp_path, None)
    assert context.files == ("a",)
    assert context.has_git
    assert context.is_folder(".git")
    assert not context.lacks(".git/config")
    make(tmp_path, ".dockerignore", text=".git")
    context = read_context(tmp_path, None)
    assert context.has_git
    assert not context.is_folder(".git")
    assert context.lacks(".git/config")


def test_generated_folders_are_sampled(tmp_path: Path) -> None:
    make(tmp_path, "web/node_modules/.bin/tool", "web/node_modules/a/index.js", "web/node_modules/b/index.js")
    make(tmp_path, "env/.gitignore", "env/pyvenv.cfg", "env/lib/python3.12/site-packages/a.py", "app.py")
    context = read_context(tmp_path, None)
    assert context.files == ("app.py", "env/pyvenv.cfg", "web/node_modules/.bin/tool")
    assert context.sampled == ("env", "web/node_modules")
    assert context.is_folder("web/node_modules")
    assert not context.lacks("web/node_modules/a")
    assert context.complete


def test_an_empty_folder_is_there(tmp_path: Path) -> None:
    (tmp_path / "data" / "cache").mkdir(parents=True)
    (tmp_path / "logs").mkdir()
    make(tmp_path, "logs/a.log", "private/a")
    make(tmp_path, ".dockerignore", text="logs/*\nprivate\n")
    context = read_context(tmp_path, None)
    assert context.empty_folders == ("data", "data/cache", "logs")
    assert context.has("logs")
    assert context.lacks("private")


@pytest.mark.parametrize("limit", [0, 1, 3, 4])
def test_a_limit_ends_the_walk(tmp_path: Path, limit: int) -> None:
    make(tmp_path, "a/1", "a/2", "b", "c")
    context = read_context(tmp_path, None, limit=limit)
    assert len(context.files) <= limit
    assert context.complete is (limit == 4)
    assert limit < 2 or {"b", "c"} <= set(context.files), "the root comes first"
    assert not context.lacks("z") or context.complete


def test_many_empty_folders_end_the_walk(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"f{number}").mkdir()
    assert not read_context(tmp_path, None, limit=10).complete


def test_a_very_deep_folder(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(DEPTH_LIMIT + 5):
        folder = folder / "d"
    folder.mkdir(parents=True)
    assert not read_context(tmp_path, None).complete


def test_a_missing_root(tmp_path: Path) -> None:
    context = read_context(tmp_path / "nothing", tmp_path / "nothing" / "Dockerfile")
    assert context.files == ()
    assert not context.complete


def test_an_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a", "b/c")
    scan = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry[str]]:
        if path.name == "b":
            raise PermissionError
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    context = read_context(tmp_path, None)
    assert context.files == ("a",)
    assert not context.complete


@needs_links
def test_links_are_not_followed_out(tmp_path: Path) -> None:
    make(tmp_path, "outside/secret", text="secret")
    make(tmp_path, "root/file", "root/folder/a", text="inside")
    root = tmp_path / "root"
    (root / "good").symlink_to("file")
    (root / "bad").symlink_to("../outside/secret")
    (root / "broken").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    (root / "linked").symlink_to("folder")
    (root / "out").symlink_to("../outside")
    (root / ".dockerignore").symlink_to("../outside/secret")
    context = read_context(root, None)
    assert context.files == (
        ".dockerignore",
        "bad",
        "broken",
        "file",
        "folder/a",
        "good",
        "linked",
        "loop",
        "out",
    )
    assert context.read_text("good") == "inside"
    assert context.ignore_text is None
    for path in ("bad", "broken", "loop", "linked", "out"):
        assert context.read_text(path) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / ".dockerignore")
    context = read_context(tmp_path, None)
    assert "pipe" in context.files
    assert context.read_text("pipe") is None
