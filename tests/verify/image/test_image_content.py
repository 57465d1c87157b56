"""The archives that engines save images as."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest

from dockerslim.verify.image.image_content import UNKNOWN_IMAGE, ImageContent, read_image, read_known
from dockerslim.verify.image.layer_cache import LayerCache
from tests.verify.image_archives import chunks, digest, image_archive, member, tar

BASE = tar(member("etc/passwd", b"root:x:0:0::/root:/bin/sh\n"), member("a/"), member("a/old", b"x" * 3000))
TOP = tar(member("a/.wh.old"), member("a/new", b"y" * 10_000))


def read(data: bytes, *, compress: bool = False, cache: LayerCache | None = None) -> ImageContent:
    return read_image(chunks(data), compress=compress, cache=cache or LayerCache())


def files(content: ImageContent) -> list[str]:
    assert content.tree is not None
    return sorted(path for path, entry in content.tree.entries.items() if entry.kind != "folder")


@pytest.mark.parametrize("manifest_first", [True, False])
def test_blobs_by_digest(manifest_first: bool) -> None:
    content = read(image_archive([BASE, TOP], manifest_first=manifest_first))

    assert files(content) == ["a/new", "etc/passwd"]
    assert content.compressed is None
    assert content.tree is not None and content.tree.content("/etc/passwd") == b"root:x:0:0::/root:/bin/sh\n"


def test_the_manifest_tells_the_order() -> None:
    paths = ["z/layer.tar", "a/layer.tar"]

    assert files(read(image_archive([BASE, TOP], paths=paths))) == ["a/new", "etc/passwd"]
    assert files(read(image_archive([TOP, BASE], paths=paths))) == ["a/new", "a/old", "etc/passwd"]


def test_podman_names_layers_by_their_digest() -> None:
    cache = LayerCache()

    content = read(image_archive([BASE, TOP], paths=[f"{digest(BASE)}.tar", f"{digest(TOP)}.tar"]), cache=cache)

    assert files(content) == ["a/new", "etc/passwd"]
    assert cache.has([f"sha256:{digest(BASE)}", f"sha256:{digest(TOP)}"])


def test_older_archives_link_a_layer_that_is_there_twice() -> None:
    configuration = member("c.json", b"{}")
    manifest = member("manifest.json", b'[{"Config": "c.json", "Layers": ["1/layer.tar", "2/layer.tar"]}]')
    link = member("2/layer.tar", target="../1/layer.tar")

    assert files(read(tar(member("1/layer.tar", BASE), link, configuration, manifest))) == ["a/old", "etc/passwd"]


@pytest.mark.parametrize("manifest_first", [True, False])
def test_layers_that_are_compressed_already(manifest_first: bool) -> None:
    packed = [gzip.compress(BASE), gzip.compress(TOP)]
    diff_ids = [f"sha256:{digest(BASE)}", f"sha256:{digest(TOP)}"]
    cache = LayerCache()

    content = read(image_archive(packed, diff_ids=diff_ids, manifest_first=manifest_first), cache=cache)

    assert files(content) == ["a/new", "etc/passwd"]
    assert content.compressed == sum(map(len, packed))
    assert read_known(diff_ids, cache) == content
    assert cache.has([f"sha256:{digest(blob)}" for blob in packed])


def test_zstd_that_can_not_be_read() -> None:
    content = read(image_archive([b"\x28\xb5\x2f\xfd" + b"x" * 600]))

    assert content.tree is None
    assert content.compressed == 604


def test_the_compressed_size() -> None:
    content = read(image_archive([BASE, TOP]), compress=True)

    assert content.compressed == pytest.approx(len(gzip.compress(BASE, 6)) + len(gzip.compress(TOP, 6)), abs=16)


def test_a_layer_that_is_there_twice_is_stored_once() -> None:
    once = read(image_archive([BASE]), compress=True)

    assert read(image_archive([BASE, BASE]), compress=True).compressed == once.compressed


def test_bytes_after_the_end_of_a_layer_are_compressed_too() -> None:
    content = read(image_archive([BASE + bytes(1 << 20)]), compress=True)

    assert content.compressed == pytest.approx(len(gzip.compress(BASE + bytes(1 << 20), 6)), abs=64)


def test_known_layers_are_not_read_again() -> None:
    cache = LayerCache()
    first = read(image_archive([BASE, TOP]), compress=True, cache=cache)
    damaged = image_archive([BASE, TOP]).replace(b"y" * 10_000, b"?" * 10_000)

    assert read(damaged, compress=True, cache=cache) == first
    assert read_known([f"sha256:{digest(BASE)}", f"sha256:{digest(TOP)}"], cache, compress=True) == first


def test_an_image_that_is_not_known() -> None:
    cache = LayerCache()
    read(image_archive([BASE]), cache=cache)

    assert read_known([f"sha256:{digest(BASE)}"], cache) is not None
    assert read_known([f"sha256:{digest(BASE)}"], cache, compress=True) is None
    assert read_known([f"sha256:{digest(BASE)}", "sha256:other"], cache) is None


def test_an_image_without_layers() -> None:
    content = read(image_archive([]), compress=True)

    assert files(content) == []
    assert content.compressed == 0


def test_a_file_name_that_begins_like_json() -> None:
    assert files(read(image_archive([tar(member("{arch}/x"))]))) == ["{arch}/x"]


def test_other_parts_of_an_archive() -> None:
    extra = {"index.json": b"{}", "repositories": b"{}", "VERSION": b"1.0", "huge.json": b"{" + b" " * (5 << 20)}

    assert files(read(image_archive([TOP], extra=extra))) == ["a/new"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Error response from daemon\n",
        image_archive([BASE])[:5000],
        tar(member("a")),
        tar(member("manifest.json", b"[")),
        tar(member("manifest.json", b"[" * 100_000)),
        tar(member("manifest.json", b"[]")),
        tar(member("manifest.json", b"[1]")),
        tar(member("manifest.json", b'[{"Layers": "x"}]')),
        tar(member("manifest.json", b'[{"Layers": [1]}]')),
        tar(member("x", target="x"), member("manifest.json", b'[{"Layers": ["x"], "Config": {}}]')),
    ],
)
def test_what_is_no_image(data: bytes) -> None:
    assert read(data) == UNKNOWN_IMAGE


def test_a_damaged_layer_still_has_its_size() -> None:
    damaged = BASE[:512] + b"\x01" * (len(BASE) - 512)

    content = read(image_archive([damaged, TOP]), compress=True)

    assert content.tree is None
    assert content.compressed is not None and content.compressed > 0


def test_a_damaged_compressed_layer() -> None:
    assert read(image_archive([gzip.compress(BASE)[:-20] + b"\x00" * 20])).tree is None


def test_what_the_engine_raises_comes_through() -> None:
    class EngineError(Exception):
        pass

    def failing() -> Iterator[bytes]:
        yield image_archive([BASE])[:3000]
        raise EngineError

    with pytest.raises(EngineError):
        read_image(failing(), compress=True, cache=LayerCache())


def test_contents_are_not_held() -> None:
    content = bytes(30 << 20)
    data = image_archive([tar(member("large", content), member("more", content))])
    tracemalloc.start()
    try:
        made = read_image(chunks(data, 1 << 16), compress=False, cache=LayerCache())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert files(made) == ["large", "more"]
    assert peak < 8 << 20
