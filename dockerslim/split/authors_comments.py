"""What an author says of an instruction in the comments that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span
from dockerslim.dockerfile.shell import ShellCommand


def comment_that_says(case: Case, instruction: Instruction, pattern: re.Pattern[str]) -> Span | None:
    """The first comment directly above the instruction, or inside it, in which the pattern is found."""
    text = case.dockerfile.text
    comments = (*instruction.leading_comments, *instruction.inner_comments)
    return next((span for span in comments if pattern.search(span.cut(text))), None)


def comment_that_names(case: Case, instruction: Instruction, names: Iterable[str]) -> tuple[Span, str] | None:
    """The first comment directly above the instruction, or inside it, that names one of them, and which."""
    for name in names:
        pattern = re.compile(rf"(?<![\w-])-{{0,2}}{re.escape(name.lstrip('-'))}(?![\w-])", re.IGNORECASE)
        found = comment_that_says(case, instruction, pattern) if name else None
        if found is not None:
            return found, name
    return None


def command_name(command: ShellCommand) -> str:
    """What a comment calls a command, as `npm cache clean`: words up to an option or a path; "" for less than two."""
    names: list[str] = []
    for word in command.inner().known_arguments():
        if not word.replace("-", "").isalnum() or word.startswith("-"):
            break
        names.append(word)
    return " ".join(names) if len(names) > 1 else ""
