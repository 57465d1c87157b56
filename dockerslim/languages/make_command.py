"""The arguments of a `make`: where it works, which Makefile it reads, variables, goals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_FLAG_VALUES = ("-C", "-f", "-I", "-o", "-W")
_KNOWN_FLAGS = frozenset({"-s", "-k", "--silent", "--quiet", "--no-print-directory", "--print-directory", "-w"})


class MakeProblem(Exception):
    """Why it isn't known what make runs, in one sentence."""


@dataclass(frozen=True, slots=True)
class MakeCommand:
    """The words of a `make`: where it works, which Makefile it reads, variables, goals."""

    folder: str = ""
    file: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    goals: tuple[str, ...] = ()


def make_command(words: Sequence[str]) -> MakeCommand:
    """The arguments of `make`, its own name left out. Raises MakeProblem for those that aren't understood."""
    folder = file = ""
    variables: dict[str, str] = {}
    goals: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word[:2] in _FLAG_VALUES:
            value = word[2:] or (rest.pop(0) if rest else "")
            if word[:2] == "-C":
                folder = value
            elif word[:2] == "-f":
                file = value
            else:
                raise MakeProblem(f"make's flag `{word}` is not known")
        elif word.startswith("-j"):
            if word == "-j" and rest and rest[0].isdigit():
                rest.pop(0)
        elif word.startswith("-"):
            if word not in _KNOWN_FLAGS:
                raise MakeProblem(f"make's flag `{word}` is not known")
        elif equals and re.fullmatch(r"[\w.-]+", name):
            variables[name] = value
        elif "$" in word or "`" in word:
            raise MakeProblem("what is made is computed")
        else:
            goals.append(word)
    return MakeCommand(folder, file, variables, tuple(goals))
