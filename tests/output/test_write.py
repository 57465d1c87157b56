"""Writing: all or nothing, and the file stays what it was in every other respect."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerslim.output import write
from dockerslim.output.read import InputError
from dockerslim.output.write import ChangedError, write_atomically

POSIX = pytest.mark.skipif(os.name == "nt", reason="not on Windows")
OLD, NEW = b"FROM a\r\n", b"FROM b\r\n\xff"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_replaces(file: Path) -> None:
    assert write_atomically(file, NEW, expected=OLD)
    assert file.read_bytes() == NEW
    assert names(file.parent) == ["Dockerfile"]


def test_writes_nothing_if_equal(file: Path) -> None:
    before = file.stat()
    assert not write_atomically(file, OLD, expected=OLD)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664, 0o2755])
def test_keeps_mode(mode: int, file: Path) -> None:
    file.chmod(mode)
    write_atomically(file, NEW, expected=OLD)
    assert stat.S_IMODE(file.stat().st_mode) == mode


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_keeps_owner(file: Path) -> None:
    os.chown(file, 1234, 2345)
    file.chmod(0o640)
    write_atomically(file, NEW, expected=OLD)
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o640)


@POSIX
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_new_file_has_the_mode_of_the_umask(umask: int, mode: int, tmp_path: Path) -> None:
    old = os.umask(umask)
    try:
        assert write_atomically(tmp_path / ".dockerignore", NEW, expected=None)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / ".dockerignore").stat().st_mode) == mode
    assert (tmp_path / ".dockerignore").read_bytes() == NEW
    assert names(tmp_path) == [".dockerignore"]


def test_new_empty_file(tmp_path: Path) -> None:
    assert write_atomically(tmp_path / "new", b"", expected=None)
    assert (tmp_path / "new").read_bytes() == b""


def test_long_and_odd_names(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127)
    path.write_bytes(OLD)
    assert write_atomically(path, NEW, expected=OLD)


@pytest.mark.parametrize(
    ("now", "expected"), [(b"FROM x\n", OLD), (None, OLD), (b"FROM x\n", None), (b"", None), (NEW, OLD)]
)
def test_refuses_if_changed(now: bytes | None, expected: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    if now is not None:
        path.write_bytes(now)

    with pytest.raises(ChangedError):
        write_atomically(path, NEW, expected=expected)

    assert names(tmp_path) == (["Dockerfile"] if now is not None else [])
    assert now is None or path.read_bytes() == now


@pytest.mark.parametrize("expected", [OLD, None])
def test_refuses_if_changed_at_the_last_moment(
    expected: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "Dockerfile"
    if expected is not None:
        path.write_bytes(expected)
    fsync = os.fsync

    def somebody_else_writes(descriptor: int) -> None:
        fsync(descriptor)
        path.write_bytes(b"theirs")

    monkeypatch.setattr(os, "fsync", somebody_else_writes)
    with pytest.raises(ChangedError):
        write_atomically(path, NEW, expected=expected)
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["Dockerfile"]


def test_does_not_overwrite_a_file_made_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new"
    check = write._check_unchanged
    calls = []

    def check_then_somebody_writes(path: Path, expected: bytes | None, limit: int) -> None:
        check(path, expected, limit)
        calls.append(path)
        if len(calls) == 2:
            path.write_bytes(b"theirs")

    monkeypatch.setattr(write, "_check_unchanged", check_then_somebody_writes)
    with pytest.raises(ChangedError):
        write_atomically(path, NEW, expected=None)
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["new"]


def raising(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(), MemoryError(), OSError(28, "No space left on device")]
)
def test_leaves_nothing_behind(step: str, error: BaseException, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os if step == "fsync" else Path, step, raising(error))

    with pytest.raises(InputError if isinstance(error, OSError) else type(error)) as caught:
        write_atomically(file, NEW, expected=OLD)

    assert file.read_bytes() == OLD
    assert names(file.parent) == ["Dockerfile"]
    if isinstance(caught.value, InputError):
        assert caught.value.message == f"{file} can't be written: no space left on device"


@POSIX
def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", raising(OSError(1, "Operation not permitted")))
    assert write_atomically(tmp_path / "new", NEW, expected=None)
    assert names(tmp_path) == ["new"]


@POSIX
class TestSymbolicLink:
    def test_is_refused(self, file: Path) -> None:
        link = file.with_name("link")
        link.symlink_to(file.name)
        with pytest.raises(InputError, match="is a symbolic link"):
            write_atomically(link, NEW, expected=OLD)
        assert file.read_bytes() == OLD

    def test_is_written_through_if_allowed(self, file: Path) -> None:
        folder = file.parent / "other"
        folder.mkdir()
        link = folder / "link"
        link.symlink_to(file)
        assert write_atomically(link, NEW, expected=OLD, follow_symlink=True)
        assert link.is_symlink()
        assert file.read_bytes() == NEW
        assert names(folder) == ["link"]

    def test_in_a_circle(self, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(link)
        with pytest.raises(InputError):
            write_atomically(link, NEW, expected=None, follow_symlink=True)


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be written"):
        write_atomically(tmp_path / "no/Dockerfile", NEW, expected=None)


def test_write_protected_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="permission denied"):
        write_atomically(file, NEW, expected=OLD)
    assert file.read_bytes() == OLD
