"""The dynamic section of an ELF file: which libraries it is linked with, and what it calls itself."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRINGS, _NAME = 1, 5, 14
_MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Linked:
    """`name` is the library's own, by which others ask for it."""

    needed: tuple[str, ...]
    name: str | None = None


def linked(data: bytes) -> Linked | None:
    """None for what is no 64-bit little-endian ELF file, or is broken; a static one needs nothing."""
    if data[:6] != b"\x7fELF\x02\x01":
        return None
    try:
        return _linked(data)
    except (struct.error, ValueError, OverflowError):
        return None


def _linked(data: bytes) -> Linked:
    headers = tuple(_program_headers(data))
    dynamic = next(((offset, size) for kind, offset, _, size in headers if kind == _DYNAMIC), None)
    if dynamic is None:
        return Linked(())
    entries = tuple(_entries(data, *dynamic))
    strings = next((value for tag, value in entries if tag == _STRINGS), None)
    if strings is None:
        return Linked(())
    start = strings
    for kind, offset, address, size in headers:
        if kind == _LOAD and address <= strings < address + size:
            start = strings - address + offset
    needed = tuple(_text(data, start + value) for tag, value in entries if tag == _NEEDED)
    return Linked(needed, next((_text(data, start + value) for tag, value in entries if tag == _NAME), None))


def _program_headers(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(kind, offset in the file, address, size in the file) of each."""
    (table,) = struct.unpack_from("<Q", data, 0x20)
    size, count = struct.unpack_from("<HH", data, 0x36)
    for number in range(count):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", data, table + number * size)
        yield kind, offset, address, length


def _entries(data: bytes, offset: int, size: int) -> Iterator[tuple[int, int]]:
    for place in range(offset, offset + min(size, 16 * _MOST_ENTRIES), 16):
        tag, value = struct.unpack_from("<QQ", data, place)
        if tag == 0:
            return
        yield tag, value


def _text(data: bytes, start: int) -> str:
    end = data.index(b"\0", start)
    return data[start:end].decode("utf-8", "replace")
