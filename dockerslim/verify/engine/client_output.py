"""Reads what a client prints without holding more than a limit of it."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

CHUNK = 1 << 20


@contextmanager
def reading(
    command: Sequence[str], *, with_errors: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """A client and its standard output (with its standard error in it); the client is ended with the block.

    `environment` stands in place of our own.
    """
    errors = subprocess.STDOUT if with_errors else subprocess.PIPE
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment
    )
    with process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            if process.poll() is None:
                process.kill()


def end_of(stream: IO[bytes], limit: int) -> bytes:
    """The last `limit` bytes (one at least) of a stream, however much it has."""
    chunks: deque[bytes] = deque()
    held = 0
    while chunk := stream.read(min(CHUNK, limit)):
        chunks.append(chunk)
        held += len(chunk)
        while held - len(chunks[0]) >= limit:
            held -= len(chunks.popleft())
    return b"".join(chunks)[-limit:]
