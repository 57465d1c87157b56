"""One instruction of a Dockerfile with every part's place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dockerslim.dockerfile.flags import Flag
from dockerslim.dockerfile.logical import LogicalText
from dockerslim.dockerfile.span import Span
from dockerslim.dockerfile.words import BLANKS, Word, blank_words, quoted_words

__all__ = ["Flag", "Heredoc", "Instruction", "KeyValue", "Word"]


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A heredoc of an instruction; `body` is the file's text between marker line and terminator line."""

    name: str
    expand: bool
    strip_tabs: bool
    body: Span
    terminator: Span


@dataclass(frozen=True, slots=True)
class KeyValue:
    """An assignment of ENV, LABEL or ARG as written; `value` is None for an ARG without default."""

    key: str
    value: str | None
    span: Span
    legacy: bool = False
    """`ENV KEY value`: quotes in the value mean nothing to the word splitter, the rest of the line is the value."""


@dataclass(frozen=True)
class Instruction:
    """`span` runs from the keyword to the last character, heredoc bodies included, without the final newline."""

    keyword: str
    keyword_span: Span
    span: Span
    first_line: int
    last_line: int
    flags: tuple[Flag, ...]
    arguments: LogicalText
    """What stands after the flags, joined and stripped."""
    json: tuple[str, ...] | None
    heredocs: tuple[Heredoc, ...]
    escape: str
    inner_comments: tuple[Span, ...] = ()
    leading_comments: tuple[Span, ...] = ()
    """Comment lines directly above, without a blank line between."""
    has_empty_continuation: bool = False
    onbuild: Instruction | None = None

    @property
    def value(self) -> str:
        return self.arguments.text

    @property
    def is_exec_form(self) -> bool:
        return self.json is not None

    @property
    def block_start(self) -> int:
        """Where the instruction with its own comment lines begins."""
        return self.leading_comments[0].start if self.leading_comments else self.span.start

    @property
    def arguments_span(self) -> Span:
        """The arguments as they stand in the file, continuations included, heredoc bodies not."""
        return self.arguments.span(0, len(self.arguments.text))

    def flag(self, name: str) -> Flag | None:
        return next((flag for flag in self.flags if flag.name == name), None)

    def flag_value(self, name: str) -> str | None:
        flag = self.flag(name)
        return flag.value if flag else None

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Words between blanks (FROM, COPY, EXPOSE, VOLUME); for exec form the array's strings, placed as a whole."""
        if self.json is not None:
            return tuple(Word(item, self.arguments_span) for item in self.json)
        return blank_words(self.arguments)

    @cached_property
    def assignments(self) -> tuple[KeyValue, ...]:
        """What ENV, LABEL and ARG assign, quotes and escapes still in place."""
        words = quoted_words(self.arguments, self.escape)
        if not words:
            return ()
        if self.keyword == "ARG":
            return tuple(_assignment(word, bare_is_none=True) for word in words)
        if "=" not in words[0].text:
            match = BLANKS.search(self.value)
            if match is None:
                return ()
            rest = self.value[match.end() :]
            return (KeyValue(self.value[: match.start()], rest, self.arguments_span, legacy=True),)
        return tuple(_assignment(word, bare_is_none=False) for word in words)

    @property
    def sources(self) -> tuple[Word, ...]:
        """What COPY or ADD copies, heredocs included."""
        return self.words[:-1]

    @property
    def destination(self) -> str:
        return self.words[-1].text if self.words else ""


def _assignment(word: Word, *, bare_is_none: bool) -> KeyValue:
    key, equals, value = word.text.partition("=")
    return KeyValue(key, value if equals or not bare_is_none else None, word.span)
