"""Tar files read as they come, damaged ones too."""

from __future__ import annotations

import tarfile

import pytest

from dockerslim.verify.image.chunk_stream import ChunkStream
from dockerslim.verify.image.tar_stream import EXTENDED_HEADER_BYTES, UNREADABLE, clean_path, open_tar, read_members
from tests.verify.image_archives import member, tar


def read(data: bytes) -> list[str]:
    with open_tar(ChunkStream([data])) as archive:
        return [path for path, _ in read_members(archive)]


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("etc/passwd", "etc/passwd"),
        ("./etc/passwd", "etc/passwd"),
        ("/etc//passwd", "etc/passwd"),
        ("etc/", "etc"),
        ("./", ""),
        (".", ""),
        ("etc/./passwd", "etc/passwd"),
        (".dockerenv", ".dockerenv"),
        ("..data/x", "..data/x"),
        ("../etc/passwd", None),
        ("etc/../passwd", None),
        ("a/..", None),
    ],
)
def test_paths_are_relative_to_the_root(path: str, clean: str | None) -> None:
    assert clean_path(path) == clean


def test_members_in_their_order() -> None:
    assert read(tar(member("b"), member("../out"), member("a/"), member("a/" + "long" * 100))) == [
        "b",
        "a",
        "a/" + "long" * 100,
    ]


def test_members_are_not_held() -> None:
    with open_tar(ChunkStream([tar(*(member(f"{number}") for number in range(50)))])) as archive:
        for _ in read_members(archive):
            assert len(archive.getmembers.__self__.members) <= 1  # type: ignore[attr-defined]


def test_damage_is_not_the_end() -> None:
    good = tar(member("a", b"content"))[:1024]

    with pytest.raises(UNREADABLE):
        read(good + b"\x01" * 512 + bytes(1024))


@pytest.mark.parametrize("cut", [100, 512 + 100, 1024 + 3])
def test_an_archive_that_is_cut(cut: int) -> None:
    with pytest.raises(UNREADABLE):
        read(tar(member("a", b"content" * 200), member("b"))[:cut])


def test_a_large_header_is_refused() -> None:
    info, _ = member("a")
    info.pax_headers = {"comment": "x" * EXTENDED_HEADER_BYTES}

    with pytest.raises(UNREADABLE):
        read(info.tobuf(tarfile.PAX_FORMAT) + bytes(1024))


def test_headers_of_headers() -> None:
    info, _ = member("a")
    info.pax_headers = {"comment": "x"}
    one = info.tobuf(tarfile.PAX_FORMAT)[:-512]

    with pytest.raises(UNREADABLE):
        read(one * 3000)


def test_no_archive() -> None:
    with pytest.raises(UNREADABLE):
        read(b"{}" * 1000)
