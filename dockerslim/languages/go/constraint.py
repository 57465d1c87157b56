"""Which Go files a build for Linux takes: file names and `//go:build` lines.

The processor and whether cgo is on depend on the build, so they may be either; a file counts unless it can't
be part of the build. Custom tags are off unless given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

_SYSTEMS = frozenset(
    {
        "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl",
        "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
    }
)  # fmt: skip
_PROCESSORS = frozenset(
    {
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
        "riscv64", "s390x", "amd64p32", "armbe", "arm64be", "mips64p32", "mips64p32le", "ppc", "riscv", "s390",
        "sparc", "sparc64", "wasm",
    }
)  # fmt: skip
_ON = frozenset({"linux", "unix", "gc"})
_EITHER = _PROCESSORS | {"cgo"}
_TOKEN = re.compile(r"\s*(&&|\|\||[!()]|[\w.]+)")
_EXPRESSION_LIMIT = 2_000
_DEPTH_LIMIT = 50

NO_TAGS: frozenset[str] = frozenset()


def is_built_by_name(name: str) -> bool:
    """May a build for Linux take a file of this name (`x_windows.go`, `x_test.go`, `_x.go` are not taken)?"""
    if not name.endswith(".go") or name.startswith(("_", ".")) or name.endswith("_test.go"):
        return False
    # The first part is a name whatever it says: `linux.go` has no constraint.
    parts = name[: -len(".go")].split("_")[1:]
    if len(parts) >= 2 and parts[-1] in _PROCESSORS and parts[-2] in _SYSTEMS:
        return parts[-2] == "linux"
    return not parts or parts[-1] not in _SYSTEMS or parts[-1] == "linux"


def is_built(lines: tuple[str, ...], tags: Set[str] = NO_TAGS) -> bool:
    """May a build take a file whose head has these comment lines?"""
    expressions = [line[len("//go:build") :] for line in lines if re.match(r"//go:build\s", line)]
    if expressions:
        return all(_evaluate(expression, tags) is not False for expression in expressions)
    return all(_old_style(found[1], tags) is not False for line in lines if (found := _OLD.match(line)))


_OLD = re.compile(r"//\s*\+build\s+(.*)")


def _old_style(text: str, tags: Set[str]) -> bool | None:
    """`// +build a,!b c`: a space is "or", a comma is "and"."""
    options = [_all(_tag_or_not(tag, tags) for tag in option.split(",")) for option in text.split()]
    return _any(options)


def _tag_or_not(text: str, tags: Set[str]) -> bool | None:
    value = _tag(text.lstrip("!"), tags)
    return value if value is None or not text.startswith("!") else not value


def _tag(name: str, tags: Set[str]) -> bool | None:
    """None: the build decides."""
    if name in _ON or name in tags or re.fullmatch(r"go1\.\d+", name):
        return True
    return None if name in _EITHER else False


def _evaluate(text: str, tags: Set[str]) -> bool | None:
    """The value of a constraint; None where the build decides or where it can't be read."""
    if len(text) > _EXPRESSION_LIMIT:
        return None
    text = text.split("//")[0].strip()
    tokens: list[str] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            return None
        tokens.append(found[1])
        position = found.end()
    try:
        value, rest = _either(tokens, 0, tags, 0)
    except (IndexError, _TooDeepError):
        return None
    return value if rest == len(tokens) else None


class _TooDeepError(Exception):
    """More parentheses than any author writes."""


def _either(tokens: list[str], at: int, tags: Set[str], depth: int) -> tuple[bool | None, int]:
    value, at = _both(tokens, at, tags, depth)
    while at < len(tokens) and tokens[at] == "||":
        other, at = _both(tokens, at + 1, tags, depth)
        value = _any((value, other))
    return value, at


def _both(tokens: list[str], at: int, tags: Set[str], depth: int) -> tuple[bool | None, int]:
    value, at = _single(tokens, at, tags, depth)
    while at < len(tokens) and tokens[at] == "&&":
        other, at = _single(tokens, at + 1, tags, depth)
        value = _all((value, other))
    return value, at


def _single(tokens: list[str], at: int, tags: Set[str], depth: int) -> tuple[bool | None, int]:
    if depth > _DEPTH_LIMIT:
        raise _TooDeepError
    if tokens[at] == "!":
        value, at = _single(tokens, at + 1, tags, depth + 1)
        return (None if value is None else not value), at
    if tokens[at] == "(":
        value, at = _either(tokens, at + 1, tags, depth + 1)
        if tokens[at] != ")":
            raise IndexError
        return value, at + 1
    return _tag(tokens[at], tags), at + 1


def _any(values: Iterable[bool | None]) -> bool | None:
    found = set(values)
    return True if True in found else None if None in found else False


def _all(values: Iterable[bool | None]) -> bool | None:
    found = set(values)
    return False if False in found else None if None in found else True
