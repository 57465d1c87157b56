"""Unified diffs that `git apply` and `patch -p1` take, of any bytes.

The headers are plain: `git apply` takes the paths of a `diff --git` header from the top of the repository and silently
does nothing with them in a sub-folder, while plain ones are relative to the folder that it runs in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unidiff.patch import Hunk, PatchedFile

CONTEXT_LINES = 3
NO_NEWLINE = b"\\ No newline at end of file\n"

_ESCAPES = {
    0x07: b"\\a",
    0x08: b"\\b",
    0x09: b"\\t",
    0x0A: b"\\n",
    0x0B: b"\\v",
    0x0C: b"\\f",
    0x0D: b"\\r",
    0x22: b'\\"',
    0x5C: b"\\\\",
}


class DiffError(Exception):
    """A diff that would not make the new text out of the old one: our fault, and nothing to print."""


@dataclass(frozen=True, slots=True)
class DiffStat:
    """How many files a diff names, and how many lines it adds and removes."""

    files: int
    added: int
    removed: int


def unified_diff(before: bytes | None, after: bytes, path: str) -> bytes:
    """The diff of one file, `before` being None where it is new; empty where nothing differs.

    `path` has forward slashes and is relative to the folder in which the diff will be applied.
    """
    old, new = split_lines(before or b""), split_lines(after)
    hunks = b"".join(_hunks(old, new))
    if not hunks:
        return b""
    source = b"/dev/null" if before is None else header_name("a/" + path)
    return b"--- " + source + b"\n+++ " + header_name("b/" + path) + b"\n" + hunks


def proven_diff(before: bytes | None, after: bytes, path: str) -> bytes:
    """The diff of one file as `unified_diff` makes it, after `check_diff` has agreed."""
    diff = unified_diff(before, after, path)
    check_diff(diff, before, after)
    return diff


def check_diff(diff: bytes, before: bytes | None, after: bytes) -> None:
    """Read a diff of one file back with another program's eyes and apply it; DiffError if it doesn't make `after`."""
    if not diff:
        if (before or b"") != after:
            raise DiffError("the diff is empty and the texts differ")
        return
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        # Latin-1 gives each byte one character, whatever the file's encoding is.
        files = list(PatchSet.from_string(diff.decode("latin-1")))
    except UnidiffParseError as error:
        raise DiffError(f"the diff can't be read back: {error}") from error
    if len(files) != 1 or (files[0].source_file == "/dev/null") != (before is None):
        raise DiffError("the diff doesn't name just the file")
    if _applied(files[0], split_lines(before or b"")) != after:
        raise DiffError("the diff doesn't make the new text out of the old one")


def stat(diff: bytes) -> DiffStat:
    """Count what a diff of any number of files says."""
    from unidiff.patch import PatchSet

    patch = PatchSet.from_string(diff.decode("latin-1"))
    return DiffStat(len(patch), patch.added, patch.removed)


def path_in_diff(file: Path, folder: Path) -> str:
    """The path to write into a diff that is to be applied in `folder`; one outside of it starts with `..`."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return file.as_posix()


def header_name(path: str) -> bytes:
    """A path as git writes it into a header: quoted as in C where it needs that, with a tab after one with blanks."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw + b"\t" if b" " in raw else raw
    return b'"' + b"".join(_ESCAPES.get(byte) or _escaped(byte) for byte in raw) + b'"'


def split_lines(data: bytes) -> list[bytes]:
    """The lines with their ends, cut at `\\n` only: `splitlines` also cuts at a lone CR and, of text, at form feeds."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _escaped(byte: int) -> bytes:
    return bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte


def _hunks(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT_LINES):
        old_range = _range(group[0][1], group[-1][2])
        new_range = _range(group[0][3], group[-1][4])
        yield b"@@ -%s +%s @@\n" % (old_range, new_range)
        for operation, old_start, old_end, new_start, new_end in group:
            if operation == "equal":
                yield from (_line(b" ", line) for line in old[old_start:old_end])
            else:
                yield from (_line(b"-", line) for line in old[old_start:old_end])
                yield from (_line(b"+", line) for line in new[new_start:new_end])


def _range(start: int, end: int) -> bytes:
    length = end - start
    # An empty range names the line before it.
    first = start + 1 if length else start
    return b"%d" % first if length == 1 else b"%d,%d" % (first, length)


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n" + NO_NEWLINE


def _applied(hunks: PatchedFile, old: Sequence[bytes]) -> bytes:
    """What a parsed diff makes of the old lines."""
    result: list[bytes] = []
    position = 0
    for hunk in hunks:
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        result += old[position:start]
        position = start
        for mark, line in _marked_lines(hunk):
            if mark == "+":
                result.append(line)
                continue
            if old[position : position + 1] != [line]:
                raise DiffError(f"line {position + 1} of the old text is not what the diff says")
            position += 1
            if mark == " ":
                result.append(line)
    return b"".join([*result, *old[position:]])


def _marked_lines(hunk: Hunk) -> list[tuple[str, bytes]]:
    """Each line of a hunk with its mark, the missing newline of a last line taken off."""
    lines: list[tuple[str, bytes]] = []
    for line in hunk:
        if line.line_type == "\\":
            mark, last = lines.pop()
            lines.append((mark, last.removesuffix(b"\n")))
        else:
            lines.append((line.line_type or " ", line.value.encode("latin-1")))
    return lines
