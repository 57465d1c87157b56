"""Every command of a shell script, those inside of its conditions, loops, functions and substitutions too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from dockerslim.dockerfile.shell import MAX_SCRIPT
from dockerslim.dockerfile.shell_command import ShellCommand
from dockerslim.dockerfile.shell_tree import CommandReader, hides_words, parse_shell

if TYPE_CHECKING:
    from tree_sitter import Node

PLAIN = frozenset({"program", "list", "redirected_statement"})
"""What a command may stand in and still run exactly once, or end the script."""
COMMANDS = frozenset({"command", "variable_assignment", "variable_assignments", "declaration_command", "unset_command"})


@dataclass(frozen=True, slots=True)
class NestedCommand:
    """`is_nested`: it may run never or more than once, or in a shell of its own."""

    command: ShellCommand
    is_nested: bool = False
    function: str = ""
    """The function that it is part of."""


@dataclass(frozen=True, slots=True)
class NestedScript:
    """`commands` in the order of the text; `problem` is why they may not be all."""

    commands: tuple[NestedCommand, ...] = ()
    redirects: tuple[str, ...] = ()
    functions: frozenset[str] = frozenset()
    problem: str = ""


@lru_cache(maxsize=256)
def nested_script(text: str) -> NestedScript:
    """The script, read to its last command; nothing runs besides them but what `eval`, `trap` and `.` make of words."""
    if len(text) > MAX_SCRIPT:
        return NestedScript(problem="is too long")
    if "\r" in text or "\0" in text:
        return NestedScript(problem="holds characters that a shell takes for text")
    root = parse_shell(text)
    if root.has_error:
        return NestedScript(problem="can't be parsed")
    reader = _NestedReader(CommandReader(text))
    reader.read(root)
    return NestedScript(tuple(reader.commands), tuple(reader.redirects), frozenset(reader.functions), reader.problem)


class _NestedReader:
    """Walks the tree without recursion, as a script may nest without an end."""

    def __init__(self, reader: CommandReader) -> None:
        self.reader = reader
        self.commands: list[NestedCommand] = []
        self.redirects: list[str] = []
        self.functions: dict[str, None] = {}
        self.problem = ""

    def read(self, root: Node) -> None:
        waiting: list[tuple[Node, bool, str]] = [(root, False, "")]
        while waiting:
            node, is_nested, function = waiting.pop()
            if node.type in COMMANDS:
                self._command(node, is_nested, function)
            elif node.type == "redirected_statement":
                self._redirects(node)
            elif node.type == "function_definition":
                name = node.child_by_field_name("name")
                function = self.reader.text(name) if name is not None else ""
                self.functions[function] = None
            is_nested = is_nested or node.type not in PLAIN
            waiting.extend((child, is_nested, function) for child in reversed(node.named_children))

    def _command(self, node: Node, is_nested: bool, function: str) -> None:
        parent = node.parent
        if parent is not None and parent.type in ("declaration_command", "variable_assignments"):
            return
        if parent is not None and parent.type == "command" and node.type == "variable_assignment":
            return
        self.commands.append(NestedCommand(self._read(node, parent), is_nested, function))

    def _read(self, node: Node, parent: Node | None) -> ShellCommand:
        if node.type in ("variable_assignment", "variable_assignments"):
            nodes = [node] if node.type == "variable_assignment" else node.named_children
            start, end = self.reader.at(node.start_byte), self.reader.at(node.end_byte)
            return ShellCommand((), tuple(self.reader.assignment(child) for child in nodes), (), "", start, start, end)
        return self.reader.command(node, tuple(_redirects_of(parent)) if parent is not None else ())

    def _redirects(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        for redirect in _redirects_of(node):
            self.redirects.append(self.reader.text(redirect))
            has_words = len(redirect.children_by_field_name("destination")) > 1
            if hides_words(redirect) or (has_words and (body is None or body.type != "command")):
                self.problem = "holds a redirection among the words of a command"


def _redirects_of(node: Node) -> Iterator[Node]:
    if node.type == "redirected_statement":
        yield from (child for child in node.named_children if child.type.endswith("redirect"))
