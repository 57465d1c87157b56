"""Shell commands of a RUN, each command, word and operator with its place in the file.

tree-sitter-bash reads the joined text of the instruction (or a heredoc's body); offsets are mapped back to the file,
so an edit touches just the word it means and leaves continuations and comment lines alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from dockerslim.dockerfile.heredoc import heredoc_marker
from dockerslim.dockerfile.instruction import Instruction
from dockerslim.dockerfile.logical import LogicalText, character_offsets
from dockerslim.dockerfile.span import Span
from dockerslim.dockerfile.words import LONE_SURROGATE, split_first

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_SCRIPT = 100_000
"""Characters; a longer script is opaque."""


@dataclass(frozen=True, slots=True)
class ShellWord:
    """A word of a command. `literal` is its value where the shell would only split and unquote, else None."""

    text: str
    literal: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A simple command at the top level of a script.

    `operator` joins it to the one before ("" for the first; a newline counts as ";"). Offsets are offsets in the
    script; `Script.span` maps them to the file.
    """

    words: tuple[ShellWord, ...]
    assignments: tuple[tuple[str, ShellWord], ...]
    redirects: tuple[str, ...]
    operator: str
    operator_start: int
    start: int
    end: int

    @property
    def arguments(self) -> tuple[str, ...] | None:
        """All words as plain values, or None where one of them is not literal."""
        values = tuple(word.literal for word in self.words)
        return None if None in values else tuple(value for value in values if value is not None)

    @property
    def is_literal(self) -> bool:
        return self.arguments is not None and not self.redirects

    @property
    def name(self) -> str:
        """The program's name as written, "" where it is computed."""
        return (self.words[0].literal or "") if self.words else ""

    def known_arguments(self) -> tuple[str, ...]:
        """The words, the computed ones as their source text."""
        return tuple(word.text if word.literal is None else word.literal for word in self.words)

    def inner(self) -> ShellCommand:
        """The command behind `env A=1`, `exec`, `time`, `nice`, `sudo`, `timeout 10`."""
        command = self
        for _ in range(5):
            stripped = _without_wrapper(command)
            if stripped is None:
                return command
            command = stripped
        return command


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something at the top level that is no simple command: `if`, a subshell, a function."""

    kind: str
    operator: str
    start: int
    end: int


@dataclass(frozen=True)
class Script:
    """What a RUN runs. `parts` are in order; `problem` says why it can't be read at all."""

    source: LogicalText
    parts: tuple[ShellCommand | Opaque, ...]
    problem: str | None = None
    comments: tuple[Span, ...] = ()
    """Comment lines between the continuations, in the file; `source` is without them."""

    @property
    def commands(self) -> tuple[ShellCommand, ...]:
        return tuple(part for part in self.parts if isinstance(part, ShellCommand))

    @property
    def is_plain(self) -> bool:
        """Only simple commands joined by `&&`, `;` or newlines."""
        return self.problem is None and all(
            isinstance(part, ShellCommand) and part.operator in ("", "&&", ";") for part in self.parts
        )

    @property
    def is_chain(self) -> bool:
        """Only simple commands joined by `&&`: each runs after all before it succeeded."""
        return self.is_plain and all(part.operator in ("", "&&") for part in self.parts)

    def span(self, start: int, end: int) -> Span:
        return self.source.span(start, end)

    def text(self, start: int, end: int) -> str:
        return self.source.text[start:end]


def run_script(instruction: Instruction, text: str) -> Script:
    """The script of a RUN (or of a shell-form CMD, ENTRYPOINT, HEALTHCHECK CMD). `text` is the file's text.

    An exec-form RUN is one command whose words have the place of the whole array.
    """
    arguments = instruction.arguments
    if instruction.keyword == "HEALTHCHECK":
        arguments = split_first(arguments)[1]
    if instruction.json is not None:
        words = tuple(ShellWord(item, item, 0, len(arguments.text)) for item in instruction.json)
        command = ShellCommand(words, (), (), "", 0, 0, len(arguments.text))
        return Script(arguments, (command,) if words else ())
    if not instruction.heredocs:
        return replace(_script(arguments), comments=instruction.inner_comments)
    if len(instruction.heredocs) > 1 or heredoc_marker(arguments.text) is None:
        return Script(arguments, (), "a heredoc given to a command")
    body = LogicalText.of_file(text, instruction.heredocs[0].body)
    if body.text.startswith("#!"):
        return Script(body, (), "a heredoc with an interpreter line")
    return _script(body)


def shell_script(text: str) -> Script:
    """A script that stands in no file, such as one of package.json."""
    return _script(LogicalText(text, (0,), (0,)))


def _script(source: LogicalText) -> Script:
    if len(source.text) > MAX_SCRIPT:
        return Script(source, (), "the script is too long")
    if "\r" in source.text:
        return Script(source, (), "the script has carriage returns, which the shell takes for text")
    parts, problem = _parts(source.text)
    return Script(source, parts, problem)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[tuple[ShellCommand | Opaque, ...], str | None]:
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
            if child.type in (";", "&", "\n", ";;"):
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
        """A list becomes its commands. A redirect at its end wraps the whole list in the tree, and means the last."""
        pending: list[tuple[Node, str, int, tuple[Node, ...]]] = [(node, operator, place, ())]
        while pending:
            current, joined, at, redirects = pending.pop()
            if current.type == "redirected_statement":
                body = current.child_by_field_name("body")
                if body is not None and body.type in ("list", "command"):
                    found = tuple(child for child in current.children if child.type.endswith("redirect"))
                    pending.append((body, joined, at, (*found, *redirects)))
                    continue
            if current.type == "list" and len(current.children) >= 3:
                left, sign, right = current.children[0], current.children[1], current.children[-1]
                pending.append((right, sign.type, sign.start_byte, redirects))
                pending.append((left, joined, at, ()))
            else:
                self.parts.append(self._part(current, joined, at, redirects))

    def _part(self, node: Node, operator: str, place: int, redirects: tuple[Node, ...]) -> ShellCommand | Opaque:
        if node.type == "command":
            return self._command(node, operator, place, redirects)
        if redirects:
            return Opaque(node.type, operator, self.at(node.start_byte), self.at(redirects[-1].end_byte))
        if node.type in ("variable_assignment", "variable_assignments"):
            found = [node] if node.type == "variable_assignment" else list(node.children)
            return ShellCommand(
                (),
                tuple(self._assignment(n) for n in found if n.type == "variable_assignment"),
                (),
                operator,
                self.at(place),
                self.at(node.start_byte),
                self.at(node.end_byte),
            )
        if node.type in ("declaration_command", "unset_command"):
            words = tuple(self._word(child) for child in node.children)
            return ShellCommand(
                words, (), (), operator, self.at(place), self.at(node.start_byte), self.at(node.end_byte)
            )
        return Opaque(node.type, operator, self.at(node.start_byte), self.at(node.end_byte))

    def _command(self, node: Node, operator: str, place: int, redirects: tuple[Node, ...]) -> ShellCommand:
        words: list[ShellWord] = []
        assignments: list[tuple[str, ShellWord]] = []
        inner: list[str] = [self.text(redirect) for redirect in redirects]
        for child in node.children:
            if child.type == "variable_assignment":
                assignments.append(self._assignment(child))
            elif child.type.endswith("redirect"):
                inner.append(self.text(child))
            elif child.type == "command_name":
                words.append(self._word(child.children[0] if child.children else child))
            elif child.type not in ("comment",):
                words.append(self._word(child))
        return ShellCommand(
            tuple(words),
            tuple(assignments),
            tuple(inner),
            operator,
            self.at(place),
            self.at(node.start_byte),
            self.at(redirects[-1].end_byte if redirects else node.end_byte),
        )

    def _assignment(self, node: Node) -> tuple[str, ShellWord]:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        word = (
            self._word(value)
            if value is not None
            else ShellWord("", "", self.at(node.end_byte), self.at(node.end_byte))
        )
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


SHELL_CHARACTERS = frozenset("*?[]{}$`;&|<>()'\" \t\n")
FIRST_CHARACTERS = frozenset("~#!^")
"""Characters that mean something to a shell at the start of a word only."""


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


SHELL_TILDE = re.compile(r"[=:]~")
"""A home folder in what looks like an assignment; bash expands it in any word."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A program that runs another one: its options that take a value, and how many arguments of its own it takes."""

    value_options: frozenset[str] = frozenset()
    arguments: int = 0
    takes_assignments: bool = False
    not_running: frozenset[str] = frozenset()
    """Options with which it does something else."""


WRAPPERS = {
    "command": Wrapper(not_running=frozenset({"-v", "-V"})),
    "eatmydata": Wrapper(),
    "env": Wrapper(
        frozenset({"-u", "--unset", "-C", "--chdir"}),
        takes_assignments=True,
        not_running=frozenset({"-S", "--split-string"}),
    ),
    "exec": Wrapper(frozenset({"-a"})),
    "nice": Wrapper(frozenset({"-n", "--adjustment"})),
    "nohup": Wrapper(),
    "sudo": Wrapper(frozenset({"-u", "--user", "-g", "--group"}), takes_assignments=True),
    "time": Wrapper(frozenset({"-o", "--output", "-f", "--format"})),
    "timeout": Wrapper(frozenset({"-k", "--kill-after", "-s", "--signal"}), arguments=1),
}


def _without_wrapper(command: ShellCommand) -> ShellCommand | None:
    wrapper = WRAPPERS.get(command.name.rsplit("/", 1)[-1])
    if wrapper is None:
        return None
    words = command.words
    position = 1
    own = wrapper.arguments
    assignments = list(command.assignments)
    while position < len(words):
        text = words[position].literal
        if text is None:
            return None
        if text in wrapper.not_running:
            return None
        if text.startswith("-"):
            position += 2 if text in wrapper.value_options else 1
        elif wrapper.takes_assignments and "=" in text:
            key, _, value = text.partition("=")
            assignments.append((key, ShellWord(value, value, words[position].start, words[position].end)))
            position += 1
        elif own:
            own -= 1
            position += 1
        else:
            return replace(command, words=words[position:], assignments=tuple(assignments))
    return None
