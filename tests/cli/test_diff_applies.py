"""`git apply` makes of the diff what `--write` would have written: looked at in the files afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command import AFTER, BEFORE, ONE, dockerslim, git_apply, git_repository


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, AFTER),
        (crlf(BEFORE), crlf(AFTER)),
        (BEFORE[:-1], AFTER[:-1]),
        (crlf(BEFORE)[:-2], crlf(AFTER)[:-2]),
        (b"\xef\xbb\xbf" + BEFORE, b"\xef\xbb\xbf" + AFTER),
        (b"# \xff\xfe\n" + BEFORE, b"# \xff\xfe\n" + AFTER),
        (b"# form\x0cfeed\x1c\n" + BEFORE, b"# form\x0cfeed\x1c\n" + AFTER),
        (b"# lone\rreturn\n" + BEFORE, b"# lone\rreturn\n" + AFTER),
    ],
    ids=["plain", "crlf", "no last newline", "crlf, no last newline", "BOM", "not UTF-8", "form feed", "lone CR"],
)
def test_contents(tmp_path: Path, before: bytes, after: bytes) -> None:
    folder = git_repository(tmp_path)
    file = folder / "Dockerfile"
    file.write_bytes(before)

    done = dockerslim(folder, "fix", *ONE)

    assert (done.code, file.read_bytes()) == (0, before)
    git_apply(folder, done.out)
    assert file.read_bytes() == after
    file.write_bytes(before)
    assert dockerslim(folder, "fix", *ONE, "--write").code == 0
    assert file.read_bytes() == after
    assert dockerslim(folder, "fix", *ONE).out == b""


@pytest.mark.parametrize(
    "name", ["Dockerfile", "a b/Dockerfile", "ünï/Dockerfile", "Dockerfile.prod", 'q"uote/Dockerfile', "-x/Dockerfile"]
)
def test_names(tmp_path: Path, name: str) -> None:
    if os.name == "nt" and '"' in name:
        pytest.skip("no name on Windows")
    folder = git_repository(tmp_path / "with blank")
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(BEFORE)

    git_apply(folder, dockerslim(folder, "fix", *ONE).out)

    assert file.read_bytes() == AFTER


def test_from_a_folder_below_the_repository(tmp_path: Path) -> None:
    sub = git_repository(tmp_path) / "services"
    for name in ("api", "web"):
        (sub / name).mkdir(parents=True)
        (sub / name / "Dockerfile").write_bytes(BEFORE)

    git_apply(sub, dockerslim(sub, "fix", *ONE).out)

    assert (sub / "api" / "Dockerfile").read_bytes() == AFTER
    assert (sub / "web" / "Dockerfile").read_bytes() == AFTER


def test_named_with_its_full_path(tmp_path: Path) -> None:
    folder = git_repository(tmp_path)
    (folder / "Dockerfile").write_bytes(BEFORE)

    done = dockerslim(folder, "fix", *ONE, str(folder / "Dockerfile"))

    assert done.out.startswith(b"--- a/Dockerfile\n")
    git_apply(folder, done.out)
    assert (folder / "Dockerfile").read_bytes() == AFTER


def test_through_a_link(tmp_path: Path) -> None:
    """`git apply` changes no file through a link; the diff names the file that it leads to."""
    folder = git_repository(tmp_path)
    (folder / "docker").mkdir()
    (folder / "docker" / "Dockerfile").write_bytes(BEFORE)
    (folder / "Dockerfile").symlink_to("docker/Dockerfile")

    done = dockerslim(folder, "fix", *ONE, "Dockerfile")

    git_apply(folder, done.out)
    assert (folder / "docker" / "Dockerfile").read_bytes() == AFTER
    assert (folder / "Dockerfile").is_symlink()


NODE = b'FROM node:20-alpine\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\nCMD ["node", "index.js"]\n'


@pytest.mark.parametrize("existing", [None, b"dist\n", b"dist", b"dist\r\n*.log\r\n"])
def test_dockerignore(tmp_path: Path, existing: bytes | None) -> None:
    folder = git_repository(tmp_path)
    (folder / "Dockerfile").write_bytes(NODE)
    (folder / "package.json").write_bytes(b'{"name": "x", "version": "1.0.0"}\n')
    (folder / "index.js").write_bytes(b"1\n")
    (folder / "node_modules" / "x").mkdir(parents=True)
    (folder / "node_modules" / "x" / "index.js").write_bytes(b"1\n")
    ignore = folder / ".dockerignore"
    if existing is not None:
        ignore.write_bytes(existing)

    diff = dockerslim(folder, "fix").out
    git_apply(folder, diff)
    applied = ignore.read_bytes(), (folder / "Dockerfile").read_bytes()

    (folder / "Dockerfile").write_bytes(NODE)
    if existing is None:
        ignore.unlink()
    else:
        ignore.write_bytes(existing)
    written = dockerslim(folder, "fix", "--write")
    assert (ignore.read_bytes(), (folder / "Dockerfile").read_bytes()) == applied
    assert ("created" if existing is None else "rewrote") + " .dockerignore" in written.err
    assert applied[0].startswith(existing or b"")
    assert b"node_modules" in applied[0]
    if existing is not None:
        assert applied[0].count(b"\r\n") in (0, applied[0].count(b"\n"))
    assert dockerslim(folder, "fix").out == b""


def test_several_files_share_a_context(tmp_path: Path) -> None:
    folder = git_repository(tmp_path)
    for name in ("Dockerfile", "Dockerfile.prod"):
        (folder / name).write_bytes(NODE)
    (folder / "package.json").write_bytes(b'{"name": "x", "version": "1.0.0"}\n')
    (folder / "index.js").write_bytes(b"1\n")
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "x.js").write_bytes(b"1\n")

    diff = dockerslim(folder, "fix").out

    assert diff.count(b"+++ b/.dockerignore") == 1
    git_apply(folder, diff)
    lines = (folder / ".dockerignore").read_text("utf-8").splitlines()
    assert len(lines) == len(set(lines))
    assert dockerslim(folder, "fix").out == b""
