"""The contract of a transform: what it declares and what its plan may yield."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from dockerslim.case import Case, Options
from dockerslim.dockerfile import Edit, Span

__all__ = ["Case", "Edit", "Example", "Fix", "Options", "Safety", "Skip", "Span", "Transform", "Unchanged"]


NO_OPTIONS = Options()

COMMON = "common"
"""The catalogue's folder of what is for any language; its name is not part of a transform's."""


class Safety(Enum):
    """`SAFE` keeps what the image does; `UNSAFE` needs a person's word and is applied with `--unsafe` only."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Fix:
    """A transform's edits that belong together: all are made or none.

    `ignore_lines` are lines that must be in force in the context's .dockerignore for the fix to be right.
    `risk` says in one sentence why the fix is unsafe; it is empty for a safe one.
    """

    edits: tuple[Edit, ...]
    why: str
    safety: Safety = Safety.SAFE
    ignore_lines: tuple[str, ...] = ()
    risk: str = ""
    place: Span | None = None
    """What a report points at; the first edit where not given."""
    caution: str = ""
    """What a person should know of a fix that is made, in one sentence."""

    @property
    def span(self) -> Span:
        if self.place is not None:
            return self.place
        return min((edit.span for edit in self.edits), default=Span(0, 0))


@dataclass(frozen=True, slots=True)
class Skip:
    """Seen and refused: `reason` names why in one sentence, `help` says what would change it.

    `note` stands beside the marked text and says what it means there.
    """

    span: Span
    reason: str
    help: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A change, for tests and docs. `context` are the files of the build context."""

    name: str
    before: str
    after: str
    context: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    """The lines that the change adds to .dockerignore."""
    options: Options = NO_OPTIONS


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A file that is left alone: silently, or with `reason` where the transform refuses."""

    name: str
    before: str
    reason: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    options: Options = NO_OPTIONS


Plan = Callable[[Case], Iterator[Fix | Skip]]


def _no_plan(case: Case) -> Iterator[Fix | Skip]:
    raise TypeError("a transform without a plan")


@dataclass(slots=True)
class Transform:
    """One transform. Its module's docstring is its documentation.

    `id` is a verb and a thing, unique in its folder; `languages` are those it is for (empty: any); `after` names
    transforms that must come before it; `changes` are the keys of the runtime contract that it may change.
    """

    id: str
    title: str
    languages: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    examples: tuple[Example | Unchanged, ...] = ()
    folder: str = ""
    """Set by the registry: the catalogue's folder that holds it."""
    documentation: str = ""
    """Set by the registry."""
    _plan: Plan = _no_plan

    def plan(self, function: Plan) -> Plan:
        """Decorator: the function decides and yields fixes and skips. It must be pure."""
        self._plan = function
        return function

    def __call__(self, case: Case) -> Iterator[Fix | Skip]:
        return self._plan(case)

    @property
    def name(self) -> str:
        """The id, with its folder where the transform is for one language."""
        return f"{self.folder}/{self.id}" if self.folder and self.folder != COMMON else self.id

    def placed(self, folder: str, documentation: str) -> Transform:
        """The same transform as the registry knows it."""
        return replace(self, folder=folder, documentation=documentation)
