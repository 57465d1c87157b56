"""Reading what an ELF file is linked with, from files made here."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.surveys.elf import Linked, linked


def shared_object(needed: tuple[str, ...], name: str | None = None, address: int = 0x1000) -> bytes:
    """A file with one loaded segment, whose strings lie at another address than their place in the file."""
    strings = b"\0"
    entries: list[tuple[int, int]] = []
    for tag, text in [*((1, each) for each in needed), *([(14, name)] if name else [])]:
        entries.append((tag, len(strings)))
        strings += text.encode() + b"\0"
    headers_end = 64 + 2 * 56
    dynamic_size = 16 * (len(entries) + 2)
    place_of_strings = headers_end + dynamic_size
    entries.append((5, address + place_of_strings))
    size = place_of_strings + len(strings)
    header = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    header += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, address, address, size, size, 0x1000)
    dynamic = struct.pack("<IIQQQQQQ", 2, 6, headers_end, address + headers_end, 0, dynamic_size, dynamic_size, 8)
    table = b"".join(struct.pack("<QQ", tag, value) for tag, value in [*entries, (0, 0)])
    return header + load + dynamic + table + strings


def test_needed_and_name() -> None:
    data = shared_object(("libpq.so.5", "libc.so.6"), "libfoo.so.1")

    assert linked(data) == Linked(("libpq.so.5", "libc.so.6"), "libfoo.so.1")


def test_a_module_of_python_has_no_name() -> None:
    assert linked(shared_object(("libc.so.6",))) == Linked(("libc.so.6",))


def test_what_is_no_elf_file() -> None:
    assert linked(b"") is None
    assert linked(b"#!/bin/sh\n") is None
    assert linked(b"\x7fELF\x01\x01" + b"\0" * 100) is None  # 32 bits


@given(st.integers(0, 400), st.binary(max_size=64))
def test_a_broken_file_never_raises(end: int, rest: bytes) -> None:
    linked(shared_object(("libpq.so.5",), "libfoo.so.1")[:end] + rest)


@given(st.binary(max_size=300))
def test_any_bytes_never_raise(data: bytes) -> None:
    linked(b"\x7fELF\x02\x01" + data)
