"""Variables in an instruction's words.

dockerfile-parse substitutes `$v` and `${v}` and takes quotes out. What it gets wrong (the `${v:-w}` family, an escaped
`$` in double quotes, another escape character) is resolved before it, or given up as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?P<rest>[^{}]*)\}|(?P<bare>\w+))")
ALTERNATIVE = re.compile(r"(?P<operator>:?[-+])(?P<word>[^$'\"\\]*)\Z")

Lookup = Callable[[str], str | None]
"""Gives a variable's value, "" where it is unset, None where that can't be known."""


def expand(value: str, lookup: Lookup, escape: str = "\\") -> str | None:
    """The value with variables substituted and quotes taken out; None where it can't be known."""
    if not any(char in value for char in "$'\"\\`"):
        return value
    if escape != "\\" and escape in value:
        return None
    if '"' in value and "\\$" in value:
        return None
    values: dict[str, str] = {}
    unknown = False

    def resolve(match: re.Match[str]) -> str:
        nonlocal unknown
        name = match["braced"] or match["bare"]
        found = lookup(name)
        rest = match["rest"]
        if not rest:
            if found is None:
                unknown = True
            else:
                values[name] = found
            return match[0]
        alternative = ALTERNATIVE.match(rest)
        if alternative is None or found is None:
            unknown = True
            return ""
        # Unset and empty differ only without the colon; a builder's variable that is set to "" is rare enough.
        if alternative["operator"].endswith("-"):
            return found or alternative["word"]
        return alternative["word"] if found else ""

    resolved = VARIABLE.sub(resolve, value)
    if unknown or "${" in VARIABLE.sub("", resolved):
        return None
    from dockerfile_parse.util import WordSplitter

    return "".join(WordSplitter(resolved, args={}, envs=values).split(maxsplit=0))


def expand_from(values: Mapping[str, str | None]) -> Lookup:
    """A look-up in a mapping in which None stands for a value that isn't known; a missing name is unset."""
    return lambda name: values.get(name, "")
