"""Edits that keep a file's layout: lines put in or taken out whole, mounts and commands of a RUN."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from dockerslim.dockerfile.document import Dockerfile
from dockerslim.dockerfile.edit import Edit
from dockerslim.dockerfile.instruction import Instruction
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.dockerfile.span import Span

INDENT = "    "


def insert_before(dockerfile: Dockerfile, instruction: Instruction, text: str) -> Edit:
    """Puts whole lines (`text` ends in a newline) before an instruction and its own comment lines."""
    start = dockerfile.lines.line_start(instruction.block_start)
    if start == 0 and dockerfile.text.startswith("\ufeff"):
        start = 1
    return Edit(Span(start, start), cased(text, dockerfile))


def insert_after(dockerfile: Dockerfile, instruction: Instruction, text: str) -> Edit:
    """Puts whole lines (`text` ends in a newline) right after an instruction."""
    end = dockerfile.lines.line_end(instruction.span.end)
    if end and dockerfile.text[end - 1] == "\n" and end > instruction.span.end:
        return Edit(Span(end, end), cased(text, dockerfile))
    return Edit(Span(end, end), "\n" + cased(text, dockerfile).removesuffix("\n"))


def remove(dockerfile: Dockerfile, instruction: Instruction, *, with_comments: bool = True) -> Edit:
    """Takes an instruction out with its lines, its comments, and one of two blank lines that would meet."""
    text = dockerfile.text
    start = dockerfile.lines.line_start(instruction.block_start if with_comments else instruction.span.start)
    end = dockerfile.lines.line_end(instruction.span.end)
    before = text[:start].rstrip(" \t")
    blank_before = before.endswith(("\n\n", "\n\r\n")) or not before
    following = re.match(r"[ \t]*\r?\n", text[end:])
    if blank_before and following:
        end += following.end()
    elif end >= len(text) and start > 0 and not text.endswith("\n"):
        start -= 2 if text[:start].endswith("\r\n") else 1
    return Edit(Span(start, end), "")


def block_text(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """The instruction with its own comment lines as they stand, line ends as `\\n`, one newline at the end."""
    start = dockerfile.lines.line_start(instruction.block_start)
    return dockerfile.text[start : instruction.span.end].replace("\r\n", "\n").lstrip("\ufeff") + "\n"


def instruction_text(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """The instruction alone as it stands, line ends as `\\n`, one newline at the end."""
    start = dockerfile.lines.line_start(instruction.span.start)
    return dockerfile.text[start : instruction.span.end].replace("\r\n", "\n").lstrip("\ufeff") + "\n"


def is_lower_case(dockerfile: Dockerfile) -> bool:
    """Does the file write its keywords in lower case? The linter wants one casing in a file."""
    lower = sum(1 for i in dockerfile.instructions if i.keyword_span.cut(dockerfile.text).islower())
    return lower * 2 > len(dockerfile.instructions)


def cased(text: str, dockerfile: Dockerfile) -> str:
    """New text with its keywords in the casing of the file."""
    if not is_lower_case(dockerfile):
        return text
    made = Dockerfile.of_text(text)
    for instruction in reversed(made.instructions):
        span = instruction.keyword_span
        if instruction.keyword == "FROM" and len(instruction.words) == 3:
            name = instruction.words[1].span
            text = text[: name.start] + name.cut(text).lower() + text[name.end :]
        text = text[: span.start] + span.cut(text).lower() + text[span.end :]
    return text


def continuation_indent(dockerfile: Dockerfile) -> str:
    """How deep the file's own continuation lines stand; four blanks where there are none."""
    found: Counter[str] = Counter()
    for instruction in dockerfile.instructions:
        if instruction.last_line == instruction.first_line or instruction.heredocs:
            continue
        lines = instruction.span.cut(dockerfile.text).split("\n")[1:]
        for line in lines:
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            if indent and line.strip():
                found[indent] += 1
    return found.most_common(1)[0][0] if found else INDENT


def add_mounts(dockerfile: Dockerfile, instruction: Instruction, mounts: Sequence[str], prefix: str = "") -> Edit:
    """Puts `--mount` options on a RUN, each on its own line, and `prefix` before its command."""
    indent = continuation_indent(dockerfile)
    escape = dockerfile.escape
    place = instruction.arguments_span.start
    head = dockerfile.text[instruction.keyword_span.end : place]
    flags_end = instruction.flags[-1].span.end if instruction.flags else instruction.keyword_span.end
    between = dockerfile.text[flags_end:place]
    if "\n" in between and head.strip():
        # The command already stands on a line of its own: the mounts go before the continuation.
        text = "".join(f" {escape}\n{indent}{mount}" if n else f" {mount}" for n, mount in enumerate(mounts))
        if instruction.flags:
            text = "".join(f" {escape}\n{indent}{mount}" for mount in mounts)
        edit = Edit(Span(flags_end, flags_end), text)
        return edit if not prefix else Edit(Span(flags_end, place), text + between.replace("\r\n", "\n") + prefix)
    text = f" {escape}\n{indent}".join(mounts)
    return Edit(Span(place, place), f"{text} {escape}\n{indent}{prefix}")


def remove_command(script: Script, command: ShellCommand) -> Edit | None:
    """Takes one command with its operator out of a chain; None where it is the only one."""
    parts = script.parts
    index = next((n for n, part in enumerate(parts) if part is command), None)
    if index is None or len(parts) == 1:
        return None
    if index == 0:
        following = parts[1]
        return Edit(Span(script.span(command.start, command.end).start, script.span(following.start, following.end).start), "")
    previous = parts[index - 1]
    return Edit(Span(script.span(previous.start, previous.end).end, script.span(command.start, command.end).end), "")
