"""A Dockerfile whose every byte prints back.

`Dockerfile.parse(data).data == data` for any bytes. What BuildKit rejects is kept as a `problem`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from dockerslim.dockerfile.flags import split_flags
from dockerslim.dockerfile.heredoc import HeredocMarker, heredoc_markers
from dockerslim.dockerfile.instruction import Heredoc, Instruction
from dockerslim.dockerfile.lines import Cut, CutError, Cutter, Directive
from dockerslim.dockerfile.logical import GO_SPACE, LogicalText
from dockerslim.dockerfile.span import LineIndex, Position, Span
from dockerslim.dockerfile.validate import InvalidInstruction, check_instruction
from dockerslim.dockerfile.words import BLANKS, WordError, json_array, quoted_words, split_first, split_keyword

JSON_KEYWORDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL", "COPY", "ADD", "VOLUME"})
HEREDOC_KEYWORDS = frozenset({"RUN", "COPY", "ADD"})
CHAINED = re.compile(r"ONBUILD(?![^\t\v\f\r ])", re.IGNORECASE | re.ASCII)
"""A trigger that is an ONBUILD itself, which is refused; it could nest without end."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why BuildKit rejects the file. `line` is 1-based."""

    message: str
    line: int
    is_syntax: bool
    """True for the line parser, which stops there; False for an instruction that is no valid one."""


@dataclass(frozen=True)
class Stage:
    """A FROM and what follows it."""

    index: int
    from_: Instruction
    instructions: tuple[Instruction, ...]
    """Without the FROM."""

    @property
    def base(self) -> str:
        """The image as written, variables not expanded."""
        return self.from_.words[0].text if self.from_.words else ""

    @property
    def name(self) -> str | None:
        """The stage's name as BuildKit compares it: in lower case."""
        words = self.from_.words
        return words[2].text.lower() if len(words) == 3 else None

    @property
    def span(self) -> Span:
        return Span(self.from_.block_start, (self.instructions or (self.from_,))[-1].span.end)

    def all(self, *keywords: str) -> tuple[Instruction, ...]:
        return tuple(i for i in self.instructions if i.keyword in keywords)

    def last(self, keyword: str) -> Instruction | None:
        return next((i for i in reversed(self.instructions) if i.keyword == keyword), None)


@dataclass(frozen=True)
class Dockerfile:
    """The document: its text and what stands where in it."""

    text: str
    directives: tuple[Directive, ...]
    escape: str
    instructions: tuple[Instruction, ...]
    problem: Problem | None

    @classmethod
    def parse(cls, data: bytes) -> Dockerfile:
        return cls.of_text(data.decode("utf-8", "surrogateescape"))

    @classmethod
    def of_text(cls, text: str) -> Dockerfile:
        lines = LineIndex(text)
        cutter = Cutter(text, lines)
        instructions: list[Instruction] = []
        problem: Problem | None = None
        try:
            for cut in cutter.cuts():
                instructions.append(_instruction(cut, cutter))
            if not instructions:
                problem = Problem("file with no instructions", max(cutter.line, 1), True)
        except CutError as error:
            problem = Problem(str(error), error.line, True)
        if problem is None:
            problem = _first_invalid(instructions)
        return cls(
            text,
            tuple(cutter.directives),
            cutter.escape,
            tuple(_with_comments(instructions, cutter.directives, text, lines)),
            problem,
        )

    @property
    def data(self) -> bytes:
        return self.text.encode("utf-8", "surrogateescape")

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    @cached_property
    def newline(self) -> str:
        """The line end that most lines have."""
        crlf = self.text.count("\r\n")
        return "\r\n" if crlf and crlf * 2 >= self.text.count("\n") else "\n"

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        stages: list[Stage] = []
        starts = [n for n, i in enumerate(self.instructions) if i.keyword == "FROM"]
        for index, start in enumerate(starts):
            end = starts[index + 1] if index + 1 < len(starts) else len(self.instructions)
            stages.append(Stage(index, self.instructions[start], self.instructions[start + 1 : end]))
        return tuple(stages)

    @property
    def final_stage(self) -> Stage:
        """The stage that a build without a target makes. Only for a file without a problem."""
        return self.stages[-1]

    @cached_property
    def global_arguments(self) -> tuple[Instruction, ...]:
        """The ARGs before the first FROM."""
        end = next((n for n, i in enumerate(self.instructions) if i.keyword == "FROM"), len(self.instructions))
        return tuple(i for i in self.instructions[:end] if i.keyword == "ARG")

    def stage_named(self, name: str, before: int | None = None) -> Stage | None:
        """The stage that `--from=name` or `FROM name` means, among those before index `before`."""
        stages = self.stages[:before]
        if name.isdigit() and int(name) < len(stages):
            return stages[int(name)]
        return next((s for s in reversed(stages) if s.name == name.lower()), None)

    def directive(self, name: str) -> Directive | None:
        return next((d for d in self.directives if d.name == name), None)

    def position(self, offset: int) -> Position:
        return self.lines.position(offset)


def _instruction(cut: Cut, cutter: Cutter) -> Instruction:
    try:
        instruction = _parse_line(cut.text, cut, cutter.escape)
        holder = instruction.onbuild or instruction
        if holder.keyword not in HEREDOC_KEYWORDS or holder.json is not None:
            return instruction
        markers = heredoc_markers(cut.text.text)
    except WordError as error:
        raise CutError(str(error), cut.first_line) from error
    if not markers:
        return instruction
    heredocs = tuple(_take_heredoc(marker, cut, cutter) for marker in markers)
    span = Span(instruction.span.start, heredocs[-1].terminator.end)
    onbuild = instruction.onbuild
    if onbuild is not None:
        onbuild = replace(onbuild, heredocs=heredocs, last_line=cutter.line, span=span)
    return replace(instruction, heredocs=heredocs, last_line=cutter.line, span=span, onbuild=onbuild)


def _take_heredoc(marker: HeredocMarker, cut: Cut, cutter: Cutter) -> Heredoc:
    start: int | None = None
    while (taken := cutter.take()) is not None:
        line_start, raw = taken
        start = line_start if start is None else start
        if (raw.lstrip("\t") if marker.strip_tabs else raw) == marker.name:
            terminator = Span(line_start, line_start + len(raw))
            return Heredoc(marker.name, marker.expand, marker.strip_tabs, Span(start, line_start), terminator)
    raise CutError("unterminated heredoc", cut.first_line)


def _parse_line(line: LogicalText, cut: Cut, escape: str) -> Instruction:
    word, word_text, rest = split_keyword(line)
    keyword = word.upper()
    if keyword.isascii() and not word.isascii():
        keyword = word  # a long s is no S to BuildKit
    flags, arguments = split_flags(rest, escape)
    json: tuple[str, ...] | None = None
    onbuild: Instruction | None = None
    if keyword in JSON_KEYWORDS:
        json = json_array(arguments.text)
    elif keyword == "HEALTHCHECK":
        kind, command = split_first(arguments)
        found = json_array(command.text)
        json = found if kind.upper() == "CMD" else None
    elif keyword == "ONBUILD" and arguments.text:
        onbuild = _parse_line(arguments, cut, escape) if not CHAINED.match(arguments.text) else None
    elif keyword in ("ENV", "LABEL"):
        _check_assignments(keyword, arguments, escape)
    return Instruction(
        keyword=keyword,
        keyword_span=word_text.span(0, len(word)),
        span=cut.span,
        first_line=cut.first_line,
        last_line=cut.last_line,
        flags=flags,
        arguments=arguments,
        json=json,
        heredocs=(),
        escape=escape,
        inner_comments=cut.comments,
        has_empty_continuation=cut.has_empty_continuation,
        onbuild=onbuild,
    )


def _check_assignments(keyword: str, arguments: LogicalText, escape: str) -> None:
    words = quoted_words(arguments, escape)
    if words and "=" not in words[0].text:
        if BLANKS.search(arguments.text) is None:
            raise WordError(f"{keyword} must have two arguments")
        return
    for word in words:
        if "=" not in word.text:
            raise WordError(f'Syntax error - can\'t find = in "{word.text}". Must be of the form: name=value')


def _first_invalid(instructions: list[Instruction]) -> Problem | None:
    seen_from = False
    for instruction in instructions:
        try:
            check_instruction(instruction)
        except InvalidInstruction as error:
            return Problem(str(error), instruction.first_line, False)
        if instruction.keyword == "FROM":
            seen_from = True
        elif not seen_from and instruction.keyword != "ARG":
            return Problem("no build stage in current context", instruction.first_line, False)
    if not seen_from:
        return Problem("dockerfile contains no stages to build", instructions[0].first_line, False)
    return None


def _with_comments(
    instructions: list[Instruction], directives: list[Directive], text: str, lines: LineIndex
) -> Iterator[Instruction]:
    """Gives each instruction the comment lines that stand directly above it; a parser directive is no comment."""
    previous_end = directives[-1].span.end if directives else 0
    for instruction in instructions:
        comments: list[Span] = []
        line = instruction.first_line - 2
        while line >= 0 and lines.starts[line] >= previous_end:
            start, end = lines.starts[line], lines.starts[line + 1]
            raw = text[start:end]
            stripped = (raw.removeprefix("\ufeff") if start == 0 else raw).lstrip(GO_SPACE)
            if not stripped.startswith("#"):
                break
            comments.append(Span(end - len(stripped), start + len(raw.rstrip("\r\n"))))
            line -= 1
        previous_end = instruction.span.end
        if comments:
            yield replace(instruction, leading_comments=tuple(reversed(comments)))
        else:
            yield instruction
