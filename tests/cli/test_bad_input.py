"""One clear line for each thing that is no Dockerfile, exit 2, nothing changed, the other files done."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerslim.fleet.open_case import open_case
from tests.cli.command import AFTER, BEFORE, ONE, dockerslim, put

needs_posix = pytest.mark.skipif(os.name == "nt", reason="not on Windows")


def _bytes(data: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(data)

    return make


def _folder(path: Path) -> None:
    path.mkdir()


def _missing(path: Path) -> None:
    pass


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


def _large(path: Path) -> None:
    path.write_bytes(b"FROM debian:12\n" + b"# x\n" * 2_500_000)


def _below_a_file(path: Path) -> None:
    path.write_bytes(b"")


BAD: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("text", _bytes(b"hello there\n"), "bad", "bad:1: not a Dockerfile that BuildKit accepts: "),
    ("binary", _bytes(b"\x7fELF\x00\x01\xff" * 50), "bad", "bad:1: not a Dockerfile that BuildKit accepts: "),
    ("no FROM", _bytes(b"RUN a\n"), "bad", "bad:1: not a Dockerfile that BuildKit accepts: "),
    ("empty", _bytes(b""), "bad", "bad:1: not a Dockerfile that BuildKit accepts: file with no instructions"),
    ("comments", _bytes(b"# a\n"), "bad", "not a Dockerfile that BuildKit accepts: file with no instructions"),
    ("folder", _folder, "bad", "no Dockerfile in `bad`"),
    ("missing", _missing, "bad", "bad does not exist"),
    ("large", _large, "bad", "bad has 10.0 MB, the limit is 5 MB"),
    ("below a file", _below_a_file, "bad/Dockerfile", "bad/Dockerfile does not exist: a part of the path is a file"),
    ("long name", _missing, "x" * 300, "file name too long"),
]
if os.name != "nt":
    BAD += [
        ("fifo", _fifo, "bad", "bad is not a plain file"),
        ("device", _missing, "/dev/zero", "/dev/zero is not a plain file"),
        ("link to itself", _loop, "bad", "bad can't be read: too many levels of symbolic links"),
        ("broken link", _broken_link, "bad", "bad does not exist"),
    ]


@pytest.mark.parametrize(("make", "name", "message"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_one_line_and_the_others_are_done(
    tmp_path: Path, make: Callable[[Path], None], name: str, message: str
) -> None:
    make(tmp_path / "bad")
    put(tmp_path, a__Dockerfile=BEFORE, z__Dockerfile=BEFORE)

    done = dockerslim(tmp_path, "fix", *ONE, "--write", "a", name, "z")

    errors = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert done.code == 2
    assert len(errors) == 1
    assert message in errors[0]
    assert len(errors[0]) < 500
    assert "Traceback" not in done.err
    assert done.err.endswith("2 files changed, 1 failed\n")
    assert (tmp_path / "a" / "Dockerfile").read_bytes() == AFTER
    assert (tmp_path / "z" / "Dockerfile").read_bytes() == AFTER


@needs_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE, locked__Dockerfile=BEFORE)
    (tmp_path / "Dockerfile").chmod(0)
    (tmp_path / "locked").chmod(0)
    try:
        done = dockerslim(tmp_path, "fix", "Dockerfile", "locked/Dockerfile")
    finally:
        (tmp_path / "locked").chmod(0o700)

    assert done.code == 2
    assert done.err.count("permission denied") == 2


@needs_posix
def test_a_folder_with_odd_things_in_it(tmp_path: Path) -> None:
    """What is found is taken only if it is a file; a walk is not stopped by what it can't look at."""
    put(tmp_path, a__Dockerfile=BEFORE)
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "Dockerfile")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "Dockerfile").symlink_to("Dockerfile")
    (tmp_path / "d" / "Dockerfile").mkdir(parents=True)
    (tmp_path / "e").symlink_to("..")
    (tmp_path / ".gitignore").symlink_to(".gitignore")

    done = dockerslim(tmp_path, "fix", *ONE)

    assert (done.code, done.out.count(b"+++")) == (0, 1)


def test_a_folder_without_one(tmp_path: Path) -> None:
    put(tmp_path, readme=b"")

    done = dockerslim(tmp_path, "fix")

    assert done.code == 2
    assert done.err.startswith("error: no Dockerfile in `.`\n   = help: ")


def test_a_file_that_changes_between_reading_and_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, a__Dockerfile=BEFORE, b__Dockerfile=BEFORE)

    def change(data, path, *rest):  # type: ignore[no-untyped-def]
        if path.parent.name == "a":
            path.write_bytes(data + b"# somebody else\n")
        return open_case(data, path, *rest)

    monkeypatch.setattr("dockerslim.fleet.fix_all.open_case", change)
    done = dockerslim(tmp_path, "fix", *ONE, "--write")

    assert done.code == 2
    assert "error: a/Dockerfile changed while it was worked on" in done.err
    assert done.err.endswith("1 file changed, 1 failed\n")
    assert (tmp_path / "a" / "Dockerfile").read_bytes() == BEFORE + b"# somebody else\n"
    assert (tmp_path / "b" / "Dockerfile").read_bytes() == AFTER


def test_our_own_fault_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, a__Dockerfile=BEFORE, b__Dockerfile=BEFORE)

    def fail(data, path, *rest):  # type: ignore[no-untyped-def]
        if path.parent.name == "a":
            raise RuntimeError("\x1b[31mno idea")
        return open_case(data, path, *rest)

    monkeypatch.setattr("dockerslim.fleet.fix_all.open_case", fail)
    brief = dockerslim(tmp_path, "fix", *ONE)
    long = dockerslim(tmp_path, "fix", *ONE, "--verbose")

    assert (brief.code, long.code) == (2, 2)
    assert "error: a/Dockerfile: internal error: RuntimeError: \\x1b[31mno idea\n" in brief.err
    assert "Traceback" not in brief.err
    assert "Traceback" in long.err
    assert "\x1b" not in long.err
    assert b"+++ b/b/Dockerfile" in brief.out


def test_a_file_that_can_not_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockerslim.output import write

    put(tmp_path, a__Dockerfile=BEFORE, b__Dockerfile=BEFORE)
    replace = write._replace

    def fail(path, *rest):  # type: ignore[no-untyped-def]
        if path.parent.name == "a":
            raise OSError(28, "No space left on device")
        replace(path, *rest)

    monkeypatch.setattr(write, "_replace", fail)
    done = dockerslim(tmp_path, "fix", *ONE, "--write")

    assert done.code == 2
    assert "error: a/Dockerfile can't be written: no space left on device" in done.err
    assert (tmp_path / "a" / "Dockerfile").read_bytes() == BEFORE
    assert (tmp_path / "b" / "Dockerfile").read_bytes() == AFTER


def test_a_copy_of_what_no_folder_has(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=b"FROM debian:12\nCOPY missing /srv/\nCMD serve --port 80\n")
    done = dockerslim(tmp_path, "fix", *ONE)

    assert done.code == 0
    assert b'+CMD ["serve", "--port", "80"]' in done.out
