"""What an expression of Go source may be, as far as it says a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """A string that stands there."""

    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts put together: `a + b` (separator empty) or `filepath.Join(a, b)` (separator `/`)."""

    parts: tuple[Value, ...]
    separator: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these: the elements of a list, `cmp.Or(a, b)`, a default that the environment may replace."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`operand.name`: something of another package, or a field."""

    operand: str
    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else."""


Value: TypeAlias = Text | Joined | Choice | Name | Member | Unknown

UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The strings that a value can be; `unknown`: it can be others too.

    `below` are folders, with a slash at the end: it can be any path below them (`"uploads/" + name`).
    """

    texts: tuple[str, ...] = ()
    unknown: bool = False
    below: tuple[str, ...] = ()

    def __or__(self, other: Resolved) -> Resolved:
        return Resolved(
            tuple(dict.fromkeys(self.texts + other.texts)),
            self.unknown or other.unknown,
            tuple(dict.fromkeys(self.below + other.below)),
        )

    def map(self, change: Callable[[str], str]) -> Resolved:
        """The same with each string changed; those that become empty are dropped."""
        texts, below = ((change(text) for text in group) for group in (self.texts, self.below))
        return Resolved(tuple(filter(None, texts)), self.unknown, tuple(filter(None, below)))

    @property
    def is_nothing(self) -> bool:
        return not self.texts and not self.below and not self.unknown


NOT_KNOWN = Resolved(unknown=True)
