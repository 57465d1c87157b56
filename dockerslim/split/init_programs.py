"""Programs that only start another one and pass signals on: a container's process 1."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

VALUE_OPTIONS = {"tini": ("-p", "-e"), "tini-static": ("-p", "-e"), "dumb-init": ("-r", "--rewrite"), "catatonit": ()}
"""Their options that take a value in the next word."""


def without_init(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The init that the words begin with ("" for none), and the command that it starts."""
    name = posixpath.basename(words[0]) if words else ""
    if name not in VALUE_OPTIONS:
        return "", tuple(words)
    rest = list(words[1:])
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option == "--":
            break
        if option in VALUE_OPTIONS[name] and rest:
            rest.pop(0)
    return name, tuple(rest)
