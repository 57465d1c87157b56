"""Bytes that come in pieces of any size, read as a file."""

from __future__ import annotations

import pytest

from dockerslim.verify.image.chunk_stream import ChunkStream


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_reads_what_the_chunks_hold(size: int) -> None:
    stream = ChunkStream([b"ab", b"", b"cdefg", b"h"])

    read = b""
    while block := stream.read(size):
        assert len(block) <= size
        read += block

    assert read == b"abcdefgh"
    assert stream.read(1) == b""


def test_takes_no_chunk_before_it_is_needed() -> None:
    taken = []
    stream = ChunkStream(taken.append(number) or b"x" for number in range(9))  # type: ignore[func-returns-value]

    stream.read(1)

    assert taken == [0]
