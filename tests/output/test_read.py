"""Reading what somebody named: one clear sentence for each thing that is no readable file."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from dockerslim.output import read
from dockerslim.output.read import InputError, read_file

POSIX = pytest.mark.skipif(os.name == "nt", reason="not on Windows")


def refusal(path: Path, limit: int = read.READ_LIMIT) -> InputError:
    with pytest.raises(InputError) as caught:
        read_file(path, limit)
    assert "\n" not in caught.value.message
    assert caught.value.help
    return caught.value


@pytest.mark.parametrize("data", [b"", b"FROM a\r\n", b"\xef\xbb\xbf\xff\x00\x0c\r\x1a no end"])
def test_reads_the_very_bytes(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(data)
    assert read_file(file) == data


def test_missing(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    assert refusal(file).message == f"{file} does not exist"


def test_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert "does not exist" in refusal(tmp_path / "file" / "Dockerfile").message


def test_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path).message == f"{tmp_path} is a directory"


@POSIX
def test_link_in_a_circle(tmp_path: Path) -> None:
    link = tmp_path / "Dockerfile"
    link.symlink_to(link)
    assert "can't be read" in refusal(link).message


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(b"FROM a\n")
    file.chmod(0)
    assert refusal(file).message == f"{file} can't be read: permission denied"


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert refusal(tmp_path / "Dockerfile").message.endswith("can't be read: permission denied")


def test_nul_in_the_name(tmp_path: Path) -> None:
    assert "can't be read" in refusal(tmp_path / "a\0b").message


@POSIX
def test_pipe_without_a_writer_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "Dockerfile"
    os.mkfifo(pipe)
    assert refusal(pipe).message == f"{pipe} is not a plain file"


@POSIX
def test_endless_device() -> None:
    assert refusal(Path("/dev/zero")).message == "/dev/zero is not a plain file"


@POSIX
def test_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("Dockerfile")
        assert refusal(Path("Dockerfile")).message == "Dockerfile is not a plain file"


def test_too_large(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(b"")
    os.truncate(file, 10_000_000)
    assert refusal(file).message == f"{file} has 10.0 MB, the limit is 5 MB"


def test_exactly_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(b"12345")
    assert read_file(file, limit=5) == b"12345"
    refusal(file, limit=4)


@pytest.mark.parametrize("change", [b"FROM b\nRUN c\n", b""])
def test_changed_while_read(change: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(b"FROM a\n")
    read_all = read._read_all

    def change_after_reading(descriptor: int, limit: int) -> bytes:
        data = read_all(descriptor, limit)
        file.write_bytes(change)
        return data

    monkeypatch.setattr(read, "_read_all", change_after_reading)
    assert refusal(file).message == f"{file} changed while it was read"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_file_whose_size_is_a_lie() -> None:
    assert "changed while it was read" in refusal(Path("/proc/self/status")).message
