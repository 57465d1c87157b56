"""Programs that one file of source starts: `spawn("git", ["log"])`, `exec("git log")`, Bun's `$`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dockerslim.dockerfile.wrapped_program import run_programs
from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.file_use import ProgramUse
from dockerslim.languages.node.source_file.path_uses import PathUses
from dockerslim.languages.node.syntax import pairs_of, string_value

if TYPE_CHECKING:
    from tree_sitter import Node

_SHELLS = frozenset({"sh", "bash"})


class ProgramCalls:
    """Collects the programs, and the calls of which it can't be told what they start."""

    def __init__(self, uses: PathUses) -> None:
        self.reader = uses.reader
        self.evidence = uses.evidence
        self.programs: list[ProgramUse] = []
        self.unknown: list[Evidence] = []

    def add(self, arguments: list[Node], call: Node, effect: str) -> None:
        """A call that starts a program; with the effect `shell`, a shell reads what it is given."""
        if arguments and arguments[0].type in ("array", "object"):
            self._add_list(pairs_of(arguments[0]).get("cmd", arguments[0]), call)
            return
        said = arguments[0] if arguments else call.child_by_field_name("arguments")  # of a tagged template
        values = self.reader.values(said)
        if not values:
            self.unknown.append(self.evidence(call))
        for value in values:
            words = value.text.split()
            is_cut = value.is_partial and (effect == "program" or (len(words) < 2 and not value.text.endswith(" ")))
            if not words or is_cut:
                self.unknown.append(self.evidence(call))
            elif effect == "shell" and any(sign in value.text for sign in "|;&$`\n>"):
                self.unknown.append(self.evidence(call))
                self.programs.append(ProgramUse(words[0], self.evidence(call)))
            elif effect == "shell":
                self._add_words(words[0], () if value.is_partial else words[1:], call, is_all=not value.is_partial)
            else:
                given = arguments[1:2]
                found = _first_strings(given)
                is_all = not given or (given[0].type == "array" and len(found) == given[0].named_child_count)
                self._add_words(value.text, found, call, is_all=is_all)

    def _add_list(self, words: Node, call: Node) -> None:
        """Bun's `spawn(["git", "log"])`"""
        found = _first_strings([words])
        if not found or (len(found) < words.named_child_count and found[0] in _SHELLS):
            self.unknown.append(self.evidence(call))
        if found:
            self._add_words(found[0], found[1:], call, is_all=len(found) == words.named_child_count)

    def _add_words(self, first: str, given: Sequence[str], call: Node, *, is_all: bool) -> None:
        """The program that the words start, or those behind `env` and its like; `is_all`: no more words follow."""
        words = (first, *given)
        started = run_programs(words if is_all else (*words, None))
        for name in started:
            if name is None:
                self.unknown.append(self.evidence(call))
            else:
                self.programs.append(ProgramUse(name, self.evidence(call), tuple(words[words.index(name) + 1 :])))


def _first_strings(lists: Sequence[Node]) -> tuple[str, ...]:
    """The strings that an array literal begins with."""
    found: list[str] = []
    for node in lists:
        for element in node.named_children if node.type == "array" else ():
            text = string_value(element)
            if text is None:
                break
            found.append(text)
    return tuple(found)
