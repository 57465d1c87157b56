"""The end of a long output is held, and no more."""

from __future__ import annotations

import io
import sys

import pytest

from dockerslim.verify.engine.client_output import end_of, reading


@pytest.mark.parametrize(
    ("data", "limit", "end"), [(b"", 4, b""), (b"ab", 4, b"ab"), (b"abcdef", 4, b"cdef"), (b"abcdefg", 3, b"efg")]
)
def test_the_end_of_a_stream(data: bytes, limit: int, end: bytes) -> None:
    assert end_of(io.BytesIO(data), limit) == end


def test_a_client_that_is_not_read_to_its_end_is_ended() -> None:
    program = "import sys\nwhile True: sys.stdout.write('x' * 1000)"
    with reading([sys.executable, "-c", program]) as (process, stream):
        stream.read(10)

    assert process.returncode != 0


def test_both_streams_where_wanted() -> None:
    program = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    with reading([sys.executable, "-c", program], with_errors=True) as (_, stream):
        assert stream.read().split() == [b"out", b"err"]
