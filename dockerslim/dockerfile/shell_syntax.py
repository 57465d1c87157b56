"""Reads shell text with tree-sitter-bash and flattens the tree into the commands at its top level."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from dockerslim.dockerfile.logical import character_offsets
from dockerslim.dockerfile.shell_command import Opaque, ShellCommand, ShellWord
from dockerslim.dockerfile.words import LONE_SURROGATE

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

    _Joined: TypeAlias = tuple[Node, str, int, tuple[Node, ...]]
    """A node, the operator before it, the byte where that stands, and redirects from further up the tree."""

PIPES = ("|", "|&")
OPAQUE = frozenset({"coproc", "eval", "trap"})
"""Words that read like a command's name, but what runs, and when, is another matter."""
HEREDOC_PARTS = frozenset({"<<", "<<-", "file_descriptor", "heredoc_start", "heredoc_body", "heredoc_end"})
SHELL_CHARACTERS = frozenset("*?[]{}$`;&|<>()'\" \t\n")
FIRST_CHARACTERS = frozenset("~#!^")
"""Characters that mean something to a shell at the start of a word only."""
SHELL_TILDE = re.compile(r"[=:]~")
"""A home folder in what looks like an assignment; bash expands it in any word."""


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


@lru_cache(maxsize=4096)
def shell_parts(text: str) -> tuple[tuple[ShellCommand | Opaque, ...], str | None]:
    """The commands at the top level, in order, or why there are none. Offsets are characters of `text`."""
    if "\0" in text:
        return (), "the shell text holds a NUL"
    tree = _parser().parse(LONE_SURROGATE.sub("\ufffd", text).encode("utf-8"))
    if tree.root_node.has_error:
        return (), "the shell text can't be parsed"
    reader = _Reader(text)
    reader.statements(tree.root_node, "")
    return tuple(reader.parts), None


class _Reader:
    """Flattens a syntax tree into the simple commands at its top level."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.offsets = None if source.isascii() else character_offsets(LONE_SURROGATE.sub("\ufffd", source))
        self.parts: list[ShellCommand | Opaque] = []

    def at(self, byte: int) -> int:
        """The index of the character that begins at a byte of the tree's text."""
        return byte if self.offsets is None else self.offsets[byte]

    def text(self, node: Node) -> str:
        return self.source[self.at(node.start_byte) : self.at(node.end_byte)]

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
        if node.type == "command" and not any(_hides_words(redirect) for redirect in redirects):
            command = self._command(node, operator, place, redirects)
            return Opaque(command.name, operator, command.start, command.end) if command.name in OPAQUE else command
        start, end = self.at(node.start_byte), self.at((redirects or (node,))[-1].end_byte)
        words: tuple[ShellWord, ...] = ()
        assignments: tuple[tuple[str, ShellWord], ...] = ()
        if redirects:
            return Opaque(node.type, operator, start, end)
        if node.type == "variable_assignment":
            assignments = (self._assignment(node),)
        elif node.type == "variable_assignments":
            assignments = tuple(self._assignment(child) for child in node.named_children)
        elif node.type in ("declaration_command", "unset_command"):
            words = tuple(self._word(child) for child in node.children)
        else:
            return Opaque(node.type, operator, start, end)
        return ShellCommand(words, assignments, (), operator, self.at(place), start, end)

    def _command(self, node: Node, operator: str, place: int, redirects: tuple[Node, ...]) -> ShellCommand:
        words: list[ShellWord] = []
        assignments: list[tuple[str, ShellWord]] = []
        texts: list[str] = []
        for child in (*node.children, *redirects):
            if child.type == "variable_assignment":
                assignments.append(self._assignment(child))
            elif child.type.endswith("redirect"):
                text, following = self._redirect(child)
                texts.append(text)
                words.extend(following)
            elif child.type == "command_name":
                words.append(self._word(child.children[0] if child.children else child))
            elif child.type != "comment":
                words.append(self._word(child))
        return ShellCommand(
            tuple(words),
            tuple(assignments),
            tuple(texts),
            operator,
            self.at(place),
            self.at(node.start_byte),
            self.at((redirects or (node,))[-1].end_byte),
        )

    def _redirect(self, node: Node) -> tuple[str, list[ShellWord]]:
        """A redirect, and the command's words behind it, which the tree takes for more targets."""
        targets = node.children_by_field_name("destination") if node.type == "file_redirect" else []
        end = targets[0].end_byte if targets else node.end_byte
        return self.source[self.at(node.start_byte) : self.at(end)], [self._word(target) for target in targets[1:]]

    def _assignment(self, node: Node) -> tuple[str, ShellWord]:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        end = self.at(node.end_byte)
        word = ShellWord("", "", end, end) if value is None else self._word(value)
        return (self.text(name) if name is not None else ""), word

    def _word(self, node: Node) -> ShellWord:
        return ShellWord(self.text(node), self._literal(node), self.at(node.start_byte), self.at(node.end_byte))

    def _literal(self, node: Node) -> str | None:
        text = self.text(node)
        if node.type in ("word", "number", "variable_name", "export", "unset", "declare", "local", "readonly"):
            return plain_word(text)
        if node.type == "raw_string":
            return text[1:-1]
        if node.type == "string":
            inner = text[1:-1]
            if "$" in inner or "`" in inner or "\\" in inner:
                return None
            return inner
        if node.type == "concatenation":
            pieces = [self._literal(child) for child in node.children]
            if None in pieces:
                return None
            return "".join(piece for piece in pieces if piece is not None)
        if node.type == "variable_assignment":
            name, value = self._assignment(node)
            return None if value.literal is None else f"{name}={value.literal}"
        return None


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


def _hides_words(redirect: Node) -> bool:
    """Does the line go on behind `<<EOF`? The tree then puts words, even commands, into the redirect."""
    return redirect.type == "heredoc_redirect" and any(child.type not in HEREDOC_PARTS for child in redirect.children)


def plain_word(text: str) -> str | None:
    """An unquoted word's value; None where the shell would expand it. `\\x` is x."""
    if text[:1] in FIRST_CHARACTERS or SHELL_TILDE.search(text):
        return None
    out: list[str] = []
    characters = iter(text)
    for char in characters:
        if char == "\\":
            following = next(characters, None)
            if following is None or following == "\n":
                return None
            out.append(following)
        elif char in SHELL_CHARACTERS:
            return None
        else:
            out.append(char)
    return "".join(out)
