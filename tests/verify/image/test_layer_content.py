"""The entries of one layer, from whatever bytes come."""

from __future__ import annotations

import tarfile

import pytest

from dockerslim.verify.image import layer_content
from dockerslim.verify.image.chunk_stream import ChunkStream
from dockerslim.verify.image.layer_content import Entry, LayerContent, read_layer
from tests.verify.image_archives import layer, member, tar


def test_entries() -> None:
    made = layer(
        member("app/", owner=(1000, 1000), mode=0o750),
        member("app/run", b"12345", mode=0o4755),
        member("app/link", target="../etc/x"),
        member("app/same", kind=tarfile.LNKTYPE, target="./app/run"),
        member("app/pipe", kind=tarfile.FIFOTYPE),
        member("dev/null", kind=tarfile.CHRTYPE, mode=0o666),
    )

    assert made.entries == (
        Entry("app", "folder", 0, 0o750, 1000, 1000),
        Entry("app/run", "file", 5, 0o4755, 0, 0),
        Entry("app/link", "link", 0, 0o777, 0, 0, "../etc/x"),
        Entry("app/same", "hard link", 0, 0o644, 0, 0, "app/run"),
        Entry("app/pipe", "device", 0, 0o644, 0, 0),
        Entry("dev/null", "device", 0, 0o666, 0, 0),
    )


def test_whiteouts() -> None:
    made = layer(
        member("etc/.wh.old"), member(".wh.top"), member("var/cache/.wh..wh..opq"), member(".wh..wh.plnk"), member("x")
    )

    assert made.removed == {"etc/old", "top"}
    assert made.emptied == {"var/cache"}
    assert made.entries is not None and [entry.path for entry in made.entries] == ["x"]


def test_few_contents_are_kept() -> None:
    made = layer(
        member("etc/passwd", b"root"),
        member("etc/shadow", b"secret"),
        member("app/etc/passwd", b"no"),
        member("var/lib/dpkg/status", b"Package"),
        member("var/lib/dpkg/status.d/base", b"base"),
        member("usr/lib/apk/db/installed", b"P:musl"),
        member("usr/lib/os-release", target="x"),
    )

    assert made.kept == {
        "etc/passwd": b"root",
        "var/lib/dpkg/status": b"Package",
        "var/lib/dpkg/status.d/base": b"base",
        "usr/lib/apk/db/installed": b"P:musl",
    }


def test_what_is_kept_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_content, "KEPT_LAYER_BYTES", 10)

    made = layer(member("etc/passwd", b"x" * 11), member("etc/group", b"y" * 6), member("etc/os-release", b"z" * 5))

    assert made.kept == {"etc/group": b"y" * 6}
    assert made.entries is not None and len(made.entries) == 3


def test_entries_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_content, "ENTRIES_LIMIT", 2)

    assert layer(member("a"), member("b")).entries is not None
    assert layer(member("a"), member("b"), member("c")).entries is None


def test_an_empty_layer() -> None:
    assert read_layer(ChunkStream([bytes(1024)])) == LayerContent(())


@pytest.mark.parametrize("data", [b"", b"no archive" * 100, tar(member("a", b"x" * 5000))[:2000]])
def test_what_can_not_be_read(data: bytes) -> None:
    assert read_layer(ChunkStream([data])).entries is None


def test_a_name_that_is_no_text() -> None:
    made = layer(member("caf\udce9"))

    assert made.entries is not None and made.entries[0].path == "caf\udce9"
