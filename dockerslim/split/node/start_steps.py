"""Programs of the system that a start runs before the server, and that change files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MAKES = {"mkdir": "/", "touch": ""}
"""They make what they are given: folders, or files."""
CHANGES = frozenset({"chmod", "cp", "ln", "mv", "rm", "rmdir"})
COMPUTED = frozenset("$*?[`~{")


def made_by_steps(programs: Sequence[Sequence[str]]) -> Iterator[str]:
    """The paths, counted from the work folder, that the start makes; a folder ends in `/`."""
    for argv in programs:
        if argv[0] in MAKES and not _is_computed(argv):
            yield from (word.rstrip("/") + MAKES[argv[0]] for word in argv[1:] if not word.startswith("-"))


def unknown_steps(programs: Sequence[Sequence[str]]) -> Iterator[str]:
    """The commands that change files which may be another user's."""
    for argv in programs:
        if argv[0] in CHANGES or (argv[0] in MAKES and _is_computed(argv)):
            yield " ".join(argv)[:60]


def _is_computed(argv: Sequence[str]) -> bool:
    return any(not COMPUTED.isdisjoint(word) for word in argv)
