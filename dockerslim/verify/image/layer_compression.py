"""What a layer weighs in a registry: its size with gzip, told without keeping a byte of it.

Registries store layers with gzip at its usual level, and nothing but compressing tells how much that is. One core does
some 30 MB a second, so blocks are compressed side by side, each primed with the end of the one before it, as pigz does:
the sum is within a few bytes in a thousand of one long stream.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from concurrent.futures import Executor, Future

LEVEL = 6
BLOCK_BYTES = 1 << 20
WINDOW_BYTES = 1 << 15
"""How far back deflate looks."""
WRAPPING_BYTES = 18
"""The header and the trailer of gzip."""
WORKERS = max(1, min(8, os.cpu_count() or 1))


class LayerCompression:
    """Takes a layer's bytes in turn. `pool` runs threads: zlib lets others work while it does."""

    def __init__(self, pool: Executor, workers: int = WORKERS) -> None:
        self._pool = pool
        self._most_waiting = 2 * workers
        self._waiting: deque[Future[int]] = deque()
        self._pending = bytearray()
        self._window = b""
        self._size = WRAPPING_BYTES

    def write(self, data: bytes) -> None:
        """More of the layer. Waits where the pool is behind, so that few blocks are held."""
        self._pending += data
        while len(self._pending) > BLOCK_BYTES:
            self._compress(bytes(self._pending[:BLOCK_BYTES]), is_last=False)
            del self._pending[:BLOCK_BYTES]

    def finish(self) -> int:
        """The compressed size in bytes, once all was written."""
        self._compress(bytes(self._pending), is_last=True)
        self._pending.clear()
        while self._waiting:
            self._size += self._waiting.popleft().result()
        return self._size

    def _compress(self, block: bytes, *, is_last: bool) -> None:
        if len(self._waiting) >= self._most_waiting:
            self._size += self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(_compressed_size, block, self._window, is_last))
        self._window = block[-WINDOW_BYTES:]


def _compressed_size(block: bytes, window: bytes, is_last: bool) -> int:
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=window)
    size = len(compressor.compress(block))
    return size + len(compressor.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH))
