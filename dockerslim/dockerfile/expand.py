"""Variables in an instruction's words.

dockerfile-parse substitutes variables and takes quotes out. What it gets wrong (the `${v:-w}` family, other escape
characters, some escapes in quotes) is resolved before it, or given up as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

VARIABLE = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)(?P<rest>[^{}]*)\}|(?P<bare>[A-Za-z_]\w*))")
ALTERNATIVE = re.compile(r"(?P<operator>:?[-+])(?P<word>[^$'\"\\]*)\Z")
SINGLE_QUOTED = re.compile(r"'([^']*)'")
NEEDS_WORK = frozenset("$'\"\\`")

Lookup = Callable[[str], str | None]
"""Gives a variable's value, "" where it is unset, None where that can't be known."""


def expand(value: str, lookup: Lookup, escape: str = "\\") -> str | None:
    """The value with variables substituted and quotes taken out; None where it can't be known."""
    if NEEDS_WORK.isdisjoint(value):
        return value
    if literal := SINGLE_QUOTED.fullmatch(value):
        return literal[1]
    if _is_misread(value, escape):
        return None
    values: dict[str, str] = {}
    for match in VARIABLE.finditer(value):
        found = _variable(match, lookup)
        if found is None:
            return None
        values[f"_{len(values)}"] = found
    if "$" in VARIABLE.sub("", value):
        return None
    from dockerfile_parse.util import WordSplitter

    # Each variable gets a name of its own: the same one may stand there twice with different alternatives.
    names = iter(values)
    splitter = WordSplitter(VARIABLE.sub(lambda _: f"${{{next(names)}}}", value), args={}, envs=values)
    text = "".join(splitter.split(maxsplit=0))
    return text if splitter.quotes is None else None


def expand_from(values: Mapping[str, str | None]) -> Lookup:
    """A look-up in a mapping in which None stands for a value that isn't known; a missing name is unset."""
    return lambda name: values.get(name, "")


def _is_misread(value: str, escape: str) -> bool:
    """Does dockerfile-parse read the quotes and escapes of this value in another way than BuildKit?"""
    if escape != "\\" and (escape in value or "\\" in value):
        return True
    if "$" in value and ("'" in value or "\\$" in value):
        return True
    return '"' in value and "\\\\" in value


def _variable(match: re.Match[str], lookup: Lookup) -> str | None:
    """What stands for a `$name` or `${name...}`; None where that isn't known."""
    name = match["braced"] or match["bare"]
    found = lookup(name) if name.isascii() else None
    if not match["rest"] or found is None:
        return found
    alternative = ALTERNATIVE.match(match["rest"])
    if alternative is None:
        return None
    operator = alternative["operator"]
    if not found and not operator.startswith(":"):
        return None  # unset and empty differ here, and the look-up doesn't tell one from the other
    if operator.endswith("-"):
        return found or alternative["word"]
    return alternative["word"] if found else ""
