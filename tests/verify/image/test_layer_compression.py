"""The size of a layer as a registry stores it."""

from __future__ import annotations

import gzip
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from dockerslim.verify.image.layer_compression import BLOCK_BYTES, LayerCompression

WORDS = [
    word.encode() for word in "the image of a layer with its files and folders 0123 node_modules package.json".split()
]


def text(size: int) -> bytes:
    """Text that gzip makes small, much of it by looking back across the borders of blocks."""
    source = random.Random(7)
    made = bytearray()
    while len(made) < size:
        made += source.choice(WORDS) + b" " + source.randbytes(2)
    return bytes(made[:size])


def compressed(data: bytes, piece: int) -> int:
    with ThreadPoolExecutor(2) as pool:
        compression = LayerCompression(pool, workers=2)
        for start in range(0, len(data), piece):
            compression.write(data[start : start + piece])
        return compression.finish()


@pytest.mark.parametrize("size", [0, 1, 10_000, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 77])
def test_is_near_what_one_stream_takes(size: int) -> None:
    data = text(size)

    assert compressed(data, 100_000) == pytest.approx(len(gzip.compress(data, 6)), rel=0.01, abs=8)


def test_pieces_make_no_difference() -> None:
    data = text(2 * BLOCK_BYTES + 5)

    assert len({compressed(data, piece) for piece in (10_000, BLOCK_BYTES, 3 * BLOCK_BYTES)}) == 1


def test_what_is_random_stays_as_large() -> None:
    data = random.Random(1).randbytes(2 * BLOCK_BYTES)

    assert compressed(data, BLOCK_BYTES) == pytest.approx(len(data), rel=0.001)
