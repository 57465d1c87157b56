"""The flags of `go build` and its like, by the command line and by GOFLAGS."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SWITCHES = frozenset(
    {
        "a", "asan", "buildvcs", "cover", "i", "json", "linkshared", "modcacherw", "msan", "n", "race", "trimpath",
        "v", "work", "x",
    }
)  # fmt: skip
"""Flags that take a value only after `=`. `-i` was one until Go 1.20."""
_VALUED = frozenset(
    {
        "C", "asmflags", "buildmode", "compiler", "covermode", "coverpkg", "debug-actiongraph",
        "debug-runtime-trace", "debug-trace", "gccgoflags", "gcflags", "installsuffix", "ldflags", "mod", "modfile",
        "o", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BuildFlags:
    """What was asked for, by flags or by GOFLAGS, as far as it decides what the result needs."""

    race: bool = False
    sanitized: bool = False
    """`-msan` or `-asan`."""
    buildmode: str = "default"
    tags: tuple[str, ...] = ()
    ldflags: str | None = None
    trimpath: bool = False
    buildvcs: str = "auto"
    mod: str = ""

    @property
    def needs_cgo(self) -> bool:
        """Do the flags alone need cgo?"""
        return self.race or self.sanitized or self.buildmode in ("c-shared", "c-archive", "plugin", "shared")


def build_flags(words: Sequence[str], env: Mapping[str, str]) -> BuildFlags:
    """The flags of `go build …` or another command with build flags, those of GOFLAGS before its own."""
    given: dict[str, str] = {}
    # GOFLAGS holds words of the form -flag=value only.
    for word in env.get("GOFLAGS", "").split():
        name, equals, value = word.lstrip("-").partition("=")
        given[name] = value if equals else "true"
    parsed = read_flags(words[2:])
    if not isinstance(parsed, str):
        given |= parsed[0]
    return BuildFlags(
        is_on(given.get("race")),
        is_on(given.get("msan")) or is_on(given.get("asan")),
        given.get("buildmode", "default"),
        tuple(tag for tag in re.split(r"[,\s]+", given.get("tags", "")) if tag),
        given.get("ldflags"),
        is_on(given.get("trimpath")),
        given.get("buildvcs", "auto"),
        given.get("mod", ""),
    )


def is_on(value: str | None) -> bool:
    """Does the value of a switch turn it on?"""
    return value is not None and value.lower() in ("true", "1", "t")


def read_flags(words: Sequence[str]) -> tuple[dict[str, str], list[str]] | str:
    """Flags (the last of each counts) and arguments, as Go's flag package takes them; or what is wrong."""
    given: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest[0]
        if not word.startswith("-") or word == "-":
            break
        rest.pop(0)
        if word == "--":
            break
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        if name in _SWITCHES:
            given[name] = value if equals else "true"
        elif name not in _VALUED:
            return f"`{word}` is no flag that is known"
        elif equals:
            given[name] = value
        elif rest:
            given[name] = rest.pop(0)
        else:
            return f"`{word}` lacks its value"
    return given, rest
