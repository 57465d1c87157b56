"""Diffs: what git and patch make of them is looked at in the files afterwards."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.output.diff import (
    DiffError,
    DiffStat,
    check_diff,
    header_name,
    path_in_diff,
    proven_diff,
    split_lines,
    stat,
    unified_diff,
)

TEXTS = {
    "plain": (b"FROM a\nRUN b\n", b"FROM a\nRUN c\n"),
    "CRLF": (b"FROM a\r\nRUN b\r\nCMD c\r\n", b"FROM a\r\nRUN x\r\nRUN y\r\nCMD c\r\n"),
    "CRLF to mixed": (b"FROM a\r\nRUN b\r\n", b"FROM a\r\nRUN b\n"),
    "no last newline": (b"FROM a\nRUN b", b"FROM x\nRUN b"),
    "last newline added": (b"FROM a\nRUN b", b"FROM a\nRUN b\n"),
    "last newline taken": (b"FROM a\nRUN b\n", b"FROM a\nRUN b"),
    "last newline far from the change": (
        b"FROM a\n" + b"RUN b\n" * 9 + b"CMD c",
        b"FROM z\n" + b"RUN b\n" * 9 + b"CMD c",
    ),
    "form feed": (b"FROM a\n# page\x0cbreak\nRUN b\n", b"FROM a\n# page\x0cbreak\nRUN c\n"),
    "lone CR": (b"FROM a\n# old\rmac\nRUN b\n", b"FROM a\n# old\rmac\nRUN c\r\n"),
    "unicode line separators": (
        "FROM a\n# x\u2028y\u0085z\nRUN b\n".encode(),
        "FROM a\n# x\u2028y\u0085z\nRUN c\n".encode(),
    ),
    "BOM": (b"\xef\xbb\xbfFROM a\n", b"\xef\xbb\xbf# syntax=docker/dockerfile:1\nFROM a\n"),
    "not UTF-8": (b"FROM a\n# caf\xe9 \xff\xfe\nRUN b\n", b"FROM a\n# caf\xe9 \xff\xfe\nRUN c\xe9\n"),
    "lines that look like headers": (b"-- a/x\n++ b/x\nFROM a\n", b"-- c/x\n++ d/x\n@@ -1 +1 @@\nFROM a\n"),
    "lines of a backslash": (b"RUN a \\\n\\ No newline at end of file\n b\n", b"RUN a \\\n\\ b\n"),
    "empty lines": (b"\n\n\nFROM a\n\n\n", b"\n\nFROM a\n\n\n\n"),
    "two hunks": (
        b"".join(b"RUN %d\n" % n for n in range(40)),
        b"".join(b"RUN %d\n" % (n if n not in (3, 30) else 99) for n in range(40)),
    ),
    "emptied": (b"FROM a\n", b""),
    "from empty": (b"", b"FROM a\n"),
    "new": (None, b"node_modules\n*.log\n"),
    "new without last newline": (None, b"node_modules"),
    "new with CRLF": (None, b"node_modules\r\n.git\r\n"),
}
CASES = [pytest.param(before, after, id=name) for name, (before, after) in TEXTS.items()]
PATHS = [
    "Dockerfile",
    "services/api/Dockerfile",
    "my app/Docker file",
    " leading",
    'quo"te/Dockerfile',
    "back\\slash",
    "caf\u00e9/Dockerfile",
    "tab\there/Dockerfile",
    "new\nline/Dockerfile",
    "Dockerfile 2024-01-02 10:11:12",
    "bytes\udce9\udcff/Dockerfile",
    "b/Dockerfile",
]


def repository(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def git_apply(diff: bytes, folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", *arguments, "-"]
    done = subprocess.run(command, cwd=folder, input=diff, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + diff.decode("latin-1")


def put(file: Path, before: bytes | None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if before is not None:
        file.write_bytes(before)


@pytest.mark.parametrize("sub_folder", ["", "sub/folder"])
@pytest.mark.parametrize(("before", "after"), CASES)
def test_git_applies_it(before: bytes | None, after: bytes, sub_folder: str, tmp_path: Path) -> None:
    folder = repository(tmp_path) / sub_folder
    put(folder / "api/Dockerfile", before)

    git_apply(proven_diff(before, after, "api/Dockerfile"), folder)

    file = folder / "api/Dockerfile"
    assert (file.read_bytes() if file.exists() else b"") == after


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize("path", PATHS)
def test_git_applies_it_to_any_path(path: str, tracked: bool, tmp_path: Path) -> None:
    folder = repository(tmp_path) / "sub"
    before, after = b"FROM a\n", b"FROM b\n"
    put(folder / path, before)
    if tracked:
        subprocess.run(["git", "add", "."], cwd=folder, check=True)

    git_apply(proven_diff(before, after, path), folder)

    assert (folder / path).read_bytes() == after


@pytest.mark.parametrize("path", PATHS)
def test_git_makes_a_new_file_of_any_path(path: str, tmp_path: Path) -> None:
    folder = repository(tmp_path) / "sub"
    folder.mkdir()

    git_apply(proven_diff(None, b"FROM b\n", path), folder)

    assert (folder / path).read_bytes() == b"FROM b\n"


def test_git_applies_several_files_at_once(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    put(folder / "Dockerfile", b"FROM a")
    diff = proven_diff(b"FROM a", b"FROM b", "Dockerfile") + proven_diff(None, b"x\n", ".dockerignore")

    git_apply(diff, folder)

    assert (folder / "Dockerfile").read_bytes() == b"FROM b"
    assert (folder / ".dockerignore").read_bytes() == b"x\n"
    assert stat(diff) == DiffStat(files=2, added=2, removed=1)


def test_git_undoes_it(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    put(folder / "Dockerfile", b"FROM b\r\n")

    git_apply(proven_diff(b"FROM a", b"FROM b\r\n", "Dockerfile"), folder, "--reverse")

    assert (folder / "Dockerfile").read_bytes() == b"FROM a"


@pytest.mark.skipif(shutil.which("patch") is None, reason="no patch")
@pytest.mark.parametrize(("before", "after"), CASES)
def test_patch_applies_it(before: bytes | None, after: bytes, tmp_path: Path) -> None:
    file = tmp_path / "my app/Dockerfile"
    put(file, before)

    diff = proven_diff(before, after, "my app/Dockerfile")
    # --binary: without it patch takes the CR off the ends of lines.
    command = ["patch", "-p1", "--binary", "--no-backup-if-mismatch"]
    done = subprocess.run(command, cwd=tmp_path, input=diff, capture_output=True)

    assert done.returncode == 0, done.stdout.decode()
    assert (file.read_bytes() if file.exists() else b"") == after


def test_reads_as_expected() -> None:
    assert unified_diff(b"FROM a\nRUN b", b"FROM a\nRUN c", "my app/Dockerfile") == (
        b"--- a/my app/Dockerfile\t\n"
        b"+++ b/my app/Dockerfile\t\n"
        b"@@ -1,2 +1,2 @@\n"
        b" FROM a\n"
        b"-RUN b\n"
        b"\\ No newline at end of file\n"
        b"+RUN c\n"
        b"\\ No newline at end of file\n"
    )
    assert unified_diff(None, b"x\n", ".dockerignore") == b"--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1 @@\n+x\n"


@pytest.mark.parametrize("before", [b"", b"FROM a", b"FROM a\r\n"])
def test_nothing_differs(before: bytes) -> None:
    assert proven_diff(before, before, "Dockerfile") == b""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/Dockerfile", b"a/Dockerfile"),
        ("a/my file", b"a/my file\t"),
        ('a/"', b'"a/\\""'),
        ("a/\\", b'"a/\\\\"'),
        ("a/\u00e9 x", b'"a/\\303\\251 x"'),
        ("a/\t\x01\x7f", b'"a/\\t\\001\\177"'),
    ],
)
def test_names_are_quoted_as_git_does(path: str, name: bytes) -> None:
    assert header_name(path) == name


def test_path_in_diff(tmp_path: Path) -> None:
    assert path_in_diff(tmp_path / "a b/Dockerfile", tmp_path) == "a b/Dockerfile"
    assert path_in_diff(tmp_path / "Dockerfile", tmp_path / "sub") == "../Dockerfile"


@pytest.mark.parametrize(
    "diff",
    [
        b"",
        b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-FROM a\n+FROM c\n",
        b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-FROM x\n+FROM b\n",
        b"--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-FROM a\n+FROM b\n",
        b"--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+FROM b\n",
        b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-FROM a\n+FROM b\n\\ No newline at end of file\n",
        b"--- a/x\n+++ b/x\n@@ -9 +9 @@\n-FROM a\n+FROM b\n",
        b"no diff at all\n",
    ],
)
def test_a_wrong_diff_is_found(diff: bytes) -> None:
    with pytest.raises(DiffError):
        check_diff(diff, b"FROM a\n", b"FROM b\n")


LINES = st.lists(
    st.sampled_from(
        [b"a", b"b", b"", b"-- x", b"++ y", b"\\ No", b"\r", b"\x0c", b"\xff\x00", b"@@ -1 +1 @@", b"\xc2\x85"]
    ),
    max_size=12,
)


@given(LINES, LINES, st.sampled_from([b"", b"\n"]), st.sampled_from([b"", b"\n"]))
def test_any_diff_makes_the_new_text(old: list[bytes], new: list[bytes], old_end: bytes, new_end: bytes) -> None:
    before, after = b"\n".join(old) + old_end, b"\n".join(new) + new_end
    proven_diff(before, after, "Dockerfile")
    assert b"".join(split_lines(before)) == before
