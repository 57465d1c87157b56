"""The syntax tree of shell text by tree-sitter-bash, and how its simple commands and words are read."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dockerslim.dockerfile.logical import character_offsets
from dockerslim.dockerfile.shell_command import ShellCommand, ShellWord
from dockerslim.dockerfile.words import LONE_SURROGATE

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

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


def parse_shell(text: str) -> Node:
    """The root of the syntax tree; what isn't shell is an error in it."""
    return _parser().parse(LONE_SURROGATE.sub("\ufffd", text).encode("utf-8")).root_node


class CommandReader:
    """Reads simple commands of a syntax tree."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.offsets = None if source.isascii() else character_offsets(LONE_SURROGATE.sub("\ufffd", source))

    def at(self, byte: int) -> int:
        """The index of the character that begins at a byte of the tree's text."""
        return byte if self.offsets is None else self.offsets[byte]

    def text(self, node: Node) -> str:
        return self.source[self.at(node.start_byte) : self.at(node.end_byte)]

    def command(
        self, node: Node, redirects: tuple[Node, ...] = (), operator: str = "", place: int | None = None
    ) -> ShellCommand:
        """A command, assignments or a declaration. `place` is the byte where the operator before it stands."""
        words: list[ShellWord] = []
        assignments: list[tuple[str, ShellWord]] = []
        texts: list[str] = []
        for child in (*node.children, *redirects):
            if child.type == "variable_assignment":
                assignments.append(self.assignment(child))
            elif child.type.endswith("redirect"):
                text, following = self._redirect(child)
                texts.append(text)
                words.extend(following)
            elif child.type == "command_name":
                words.append(self.word(child.children[0] if child.children else child))
            elif child.type != "comment":
                words.append(self.word(child))
        return ShellCommand(
            tuple(words),
            tuple(assignments),
            tuple(texts),
            operator,
            self.at(node.start_byte if place is None else place),
            self.at(node.start_byte),
            self.at((redirects or (node,))[-1].end_byte),
        )

    def _redirect(self, node: Node) -> tuple[str, list[ShellWord]]:
        """A redirect, and the command's words behind it, which the tree takes for more targets."""
        targets = node.children_by_field_name("destination") if node.type == "file_redirect" else []
        end = targets[0].end_byte if targets else node.end_byte
        return self.source[self.at(node.start_byte) : self.at(end)], [self.word(target) for target in targets[1:]]

    def assignment(self, node: Node) -> tuple[str, ShellWord]:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        end = self.at(node.end_byte)
        word = ShellWord("", "", end, end) if value is None else self.word(value)
        return (self.text(name) if name is not None else ""), word

    def word(self, node: Node) -> ShellWord:
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
            name, value = self.assignment(node)
            return None if value.literal is None else f"{name}={value.literal}"
        return None


def hides_words(redirect: Node) -> bool:
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
