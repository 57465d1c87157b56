"""What an image holds, from one pass over the stream of `docker image save`.

Three forms are read: blobs by digest (Docker since 25; with containerd's store the layers in it are compressed),
`<id>/layer.tar` (older Docker) and `<diff id>.tar` (Podman). All have a `manifest.json` that names the configuration
and the layers in their order, before the layers or after them; so each part is recognized by how it begins, and put in
order at the end.
"""

from __future__ import annotations

import gzip
import json
import posixpath
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from dockerslim.verify.image.chunk_stream import ChunkStream
from dockerslim.verify.image.image_tree import ImageTree, flatten
from dockerslim.verify.image.layer_cache import LayerCache
from dockerslim.verify.image.layer_compression import BLOCK_BYTES, WORKERS, LayerCompression
from dockerslim.verify.image.layer_content import UNKNOWN_LAYER, LayerContent, read_layer
from dockerslim.verify.image.tar_stream import UNREADABLE, open_tar, read_members

if sys.version_info >= (3, 14):
    from compression import zstd

DOCUMENT_BYTES = 4 << 20
"""Of a manifest or a configuration."""
DOCUMENTS_LIMIT = 1000
UNPACKED_BYTES = 64 << 30
"""Of one compressed layer: what unpacks to more is not an image but an attack."""

_TAR_BLOCK = 512
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_DIGEST = re.compile(r"(?:blobs/sha256/)?([0-9a-f]{64})(?:\.tar)?")


@dataclass(frozen=True, slots=True)
class ImageContent:
    """What is in an image. `tree` is None where a layer could not be read."""

    tree: ImageTree | None
    compressed: int | None
    """Bytes of its layers with gzip, as a registry stores them (each once); None where not asked for or not known."""


UNKNOWN_IMAGE = ImageContent(None, None)


def read_image(chunks: Iterator[bytes], *, compress: bool, cache: LayerCache) -> ImageContent:
    """The content of the (first) image in the archive that `chunks` are, read once and never written anywhere.

    `compress` asks for the compressed size too. Layers that `cache` knows are passed over; those read are put into it.
    Raises only what taking the next chunk does.
    """
    archive = _Archive({}, {}, {})
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            _read_archive(ChunkStream(chunks), archive, pool if compress else None, cache)
        except UNREADABLE:
            return UNKNOWN_IMAGE
    ordered = archive.ordered()
    if ordered is None:
        return UNKNOWN_IMAGE
    for diff_id, path, layer in ordered:
        if diff_id:
            cache.put(diff_id, layer, _digest(path))
    return _image([layer for _, _, layer in ordered], [diff_id or path for diff_id, path, _ in ordered])


def read_known(diff_ids: Iterable[str], cache: LayerCache, *, compress: bool = False) -> ImageContent | None:
    """The content of an image whose layers were all read before; None where one is not known.

    `compress` asks for the compressed size too: a layer without one is not known then.
    """
    digests = tuple(diff_ids)
    layers = [layer for digest in digests if (layer := cache.get(digest, compress=compress)) is not None]
    return _image(layers, digests) if len(layers) == len(digests) else None


def _image(layers: Iterable[LayerContent], identities: Iterable[str]) -> ImageContent:
    each_once = dict(zip(identities, layers, strict=True))
    sizes = [layer.compressed for layer in each_once.values()]
    known = [size for size in sizes if size is not None]
    return ImageContent(flatten(layers), sum(known) if len(known) == len(sizes) else None)


@dataclass(frozen=True, slots=True)
class _Archive:
    """What an archive of an image was found to hold, by path."""

    layers: dict[str, LayerContent]
    documents: dict[str, bytes]
    links: dict[str, str]
    """Older archives link a layer that stands in them already."""

    def ordered(self) -> list[tuple[str, str, LayerContent]] | None:
        """Diff id (empty where not known), path and content of the image's layers, the lowest first."""
        manifest = self._json("manifest.json")
        image = manifest[0] if isinstance(manifest, list) and manifest else None
        if not isinstance(image, dict):
            return None
        paths = image.get("Layers") or []
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            return None
        diff_ids = self._diff_ids(image.get("Config"))
        if len(diff_ids) != len(paths):
            diff_ids = [""] * len(paths)
        targets = [self._target(path) for path in paths]
        return [
            (diff_id, path, self.layers.get(path, UNKNOWN_LAYER))
            for diff_id, path in zip(diff_ids, targets, strict=True)
        ]

    def _diff_ids(self, path: object) -> list[str]:
        configuration = self._json(path) if isinstance(path, str) else None
        root = configuration.get("rootfs") if isinstance(configuration, dict) else None
        diff_ids = root.get("diff_ids") if isinstance(root, dict) else None
        return [str(diff_id) for diff_id in diff_ids] if isinstance(diff_ids, list) else []

    def _target(self, path: str) -> str:
        for _ in range(len(self.links)):
            if path not in self.links:
                break
            path = self.links[path]
        return path

    def _json(self, path: str) -> object:
        try:
            return json.loads(self.documents.get(path, b"null"))
        except (ValueError, RecursionError):
            return None


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _read_archive(stream: ChunkStream, archive: _Archive, pool: Executor | None, cache: LayerCache) -> None:
    with open_tar(stream) as members:
        for path, member in read_members(members):
            if member.issym() or member.islnk():
                folder = posixpath.dirname(path) if member.issym() else ""
                archive.links[path] = posixpath.normpath(posixpath.join(folder, member.linkname))
            elif member.isreg():
                known = cache.get(_digest(path), compress=pool is not None)
                file = members.extractfile(member)
                if known is not None:
                    archive.layers[path] = known
                elif file is not None:
                    _read_part(path, member.size, file, archive, pool)


def _read_part(path: str, size: int, file: _Readable, archive: _Archive, pool: Executor | None) -> None:
    """One file of the archive: a layer, a JSON document, or something else that is passed over."""
    head = file.read(_TAR_BLOCK)
    blocks = _blocks(file, head)
    if _is_tar(head):
        archive.layers[path] = _read_plain(blocks, pool)
    elif head.startswith((_GZIP_MAGIC, _ZSTD_MAGIC)):
        unpack = _gunzip if head.startswith(_GZIP_MAGIC) else _unpack_zstd
        archive.layers[path] = replace(read_layer(ChunkStream(unpack(blocks))), compressed=size)
    elif head.startswith((b"{", b"[")) and size <= DOCUMENT_BYTES and len(archive.documents) < DOCUMENTS_LIMIT:
        archive.documents[path] = b"".join(blocks)


def _read_plain(blocks: Iterator[bytes], pool: Executor | None) -> LayerContent:
    if pool is None:
        return read_layer(ChunkStream(blocks))
    compression = LayerCompression(pool)
    compressed_blocks = _compressing(blocks, compression)
    layer = read_layer(ChunkStream(compressed_blocks))
    for _ in compressed_blocks:  # what fills the archive up after its last entry, or all after a damaged one
        pass
    return replace(layer, compressed=compression.finish())


def _compressing(blocks: Iterator[bytes], compression: LayerCompression) -> Iterator[bytes]:
    for block in blocks:
        compression.write(block)
        yield block


def _blocks(file: _Readable, head: bytes = b"") -> Iterator[bytes]:
    """`head`, which was read already, and the rest of `file`."""
    if head:
        yield head
    while block := file.read(BLOCK_BYTES):
        yield block


def _gunzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    return _limited(_blocks(gzip.GzipFile(fileobj=ChunkStream(blocks))))


if sys.version_info >= (3, 14):

    def _unpack_zstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from _limited(_blocks(zstd.ZstdFile(ChunkStream(blocks))))
        except zstd.ZstdError as error:
            raise ValueError("a damaged layer") from error
else:

    def _unpack_zstd(blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Python can't read it: the layer stays unknown."""
        return iter(())


def _limited(blocks: Iterator[bytes]) -> Iterator[bytes]:
    unpacked = 0
    for block in blocks:
        unpacked += len(block)
        if unpacked > UNPACKED_BYTES:
            raise ValueError("a layer that unpacks without an end")
        yield block


def _is_tar(head: bytes) -> bool:
    if len(head) < _TAR_BLOCK:
        return False
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return not head.strip(b"\0")  # the archive of an empty layer
    return True


def _digest(path: str) -> str:
    """The digest that a path of the archive names; empty where it names none."""
    match = _DIGEST.fullmatch(path)
    return f"sha256:{match[1]}" if match else ""
