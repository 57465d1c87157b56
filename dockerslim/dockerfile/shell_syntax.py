"""Flattens the syntax tree of shell text into the commands at its top level."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from dockerslim.dockerfile.shell_command import Opaque, ShellCommand, ShellWord
from dockerslim.dockerfile.shell_tree import CommandReader, hides_words, parse_shell

if TYPE_CHECKING:
    from tree_sitter import Node

    _Joined: TypeAlias = tuple[Node, str, int, tuple[Node, ...]]
    """A node, the operator before it, the byte where that stands, and redirects from further up the tree."""

PIPES = ("|", "|&")
OPAQUE = frozenset({"coproc", "eval", "trap"})
"""Words that read like a command's name, but what runs, and when, is another matter."""


@lru_cache(maxsize=4096)
def shell_parts(text: str) -> tuple[tuple[ShellCommand | Opaque, ...], str | None]:
    """The commands at the top level, in order, or why there are none. Offsets are characters of `text`."""
    if "\0" in text:
        return (), "the shell text holds a NUL"
    root = parse_shell(text)
    if root.has_error:
        return (), "the shell text can't be parsed"
    reader = _Flattener(text)
    reader.statements(root, "")
    return tuple(reader.parts), None


class _Flattener(CommandReader):
    """Flattens a syntax tree into the simple commands at its top level."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.parts: list[ShellCommand | Opaque] = []

    def statements(self, node: Node, operator: str) -> None:
        """The children of a program: statements joined by `;`, `&` or newlines."""
        pending = operator
        place = node.start_byte
        for child in node.children:
            if child.type in (";", "&", "\n"):
                pending = "&" if child.type == "&" else (pending or ";")
                place = child.start_byte
                if child.type == "&" and self.parts:
                    self._mark_background()
                continue
            if child.type == "comment":
                continue
            self.statement(child, pending if self.parts else "", place)
            pending, place = ";", child.end_byte

    def _mark_background(self) -> None:
        last = self.parts.pop()
        self.parts.append(Opaque("background", last.operator, last.start, last.end))

    def statement(self, node: Node, operator: str, place: int) -> None:
        """What stands between two `;`: its commands in the order of the text.

        The tree may nest a list in a pipeline, which no shell does, and hangs a redirect at the end on all before it.
        So the nesting of both is undone, and the pipelines are put together anew.
        """
        pending: list[_Joined] = [(node, operator, place, ())]
        while pending:
            current, joined, at, redirects = pending.pop()
            body = current.child_by_field_name("body") if current.type == "redirected_statement" else None
            if body is not None and body.type in ("list", "pipeline", "command"):
                found = tuple(child for child in current.children if child.type.endswith("redirect"))
                pending.append((body, joined, at, (*found, *redirects)))
            elif current.type in ("list", "pipeline"):
                pending.extend(reversed(_operands(current, joined, at, redirects)))
            else:
                self._add(self._part(current, joined, at, redirects))

    def _add(self, part: ShellCommand | Opaque) -> None:
        if part.operator in PIPES:
            first = self.parts.pop()
            known = first.commands if isinstance(first, Opaque) else (first,)
            known = (*known, part) if isinstance(part, ShellCommand) and known else ()
            part = Opaque("pipeline", first.operator, first.start, part.end, known)
        self.parts.append(part)

    def _part(self, node: Node, operator: str, place: int, redirects: tuple[Node, ...]) -> ShellCommand | Opaque:
        if node.type == "command" and not any(hides_words(redirect) for redirect in redirects):
            command = self.command(node, redirects, operator, place)
            return Opaque(command.name, operator, command.start, command.end) if command.name in OPAQUE else command
        start, end = self.at(node.start_byte), self.at((redirects or (node,))[-1].end_byte)
        words: tuple[ShellWord, ...] = ()
        assignments: tuple[tuple[str, ShellWord], ...] = ()
        if redirects:
            return Opaque(node.type, operator, start, end)
        if node.type == "variable_assignment":
            assignments = (self.assignment(node),)
        elif node.type == "variable_assignments":
            assignments = tuple(self.assignment(child) for child in node.named_children)
        elif node.type in ("declaration_command", "unset_command"):
            words = tuple(self.word(child) for child in node.children)
        else:
            return Opaque(node.type, operator, start, end)
        return ShellCommand(words, assignments, (), operator, self.at(place), start, end)


def _operands(node: Node, joined: str, place: int, redirects: tuple[Node, ...]) -> list[_Joined]:
    """What a list or a pipeline joins; redirects behind it are those of the last."""
    found: list[_Joined] = []
    for child in node.children:
        if child.type in ("&&", "||", *PIPES):
            joined, place = child.type, child.start_byte
        elif child.type != "comment":
            found.append((child, joined, place, ()))
    last, joined, place, _ = found[-1]
    found[-1] = (last, joined, place, redirects)
    return found
