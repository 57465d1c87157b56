"""How rewrites of the files that are verified are made: again and again, with other options or without a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dockerslim.case import Case, Options
from dockerslim.engine.registry import Selection
from dockerslim.fleet.fix_all import Outcome, fix_data, shown
from dockerslim.fleet.open_case import open_case


@dataclass(frozen=True, slots=True)
class Rewrites:
    """What the rewrites of all files have in common; `context` is None where each file tells its own."""

    selection: Selection
    options: Options = field(default_factory=Options)
    context: Path | None = None

    def of(self, path: Path, data: bytes) -> Rewriting:
        return Rewriting(path, data, self)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """How rewrites of one file are made."""

    path: Path
    data: bytes
    rewrites: Rewrites

    def outcome(self, options: Options | None = None, without: frozenset[str] = frozenset()) -> Outcome:
        """The rewrite with other options than those asked for, or without some of the transforms."""
        selection = self.rewrites.selection.without(without) if without else self.rewrites.selection
        return fix_data(self.data, self.path, selection, options or self.rewrites.options, self.rewrites.context)

    def case(self) -> Case:
        return open_case(self.data, self.path, shown(self.path), self.rewrites.options, self.rewrites.context)
