"""Texts of a project inside a Markdown page: they stay texts.

A page of a pull request is shown by a host that makes links, mentions people and takes HTML. Inside a code span none of
that happens; in a sentence each mark is escaped, and what would become a link or a mention is cut by a character that
has no width.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from dockerslim.output.terminal_text import visible

NO_WIDTH = "&#8203;"
_MARKS = re.compile(r"[\\`*_\[\]|~$]")
"""What means something inside a line; those of the start of a line (`#`, `-`, `1.`) never stand there."""
_LINKS = re.compile(r"@|#(?=\d)|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)


def sentence(text: str) -> str:
    """One line of Markdown that shows the text."""
    parts: list[str] = []
    position = 0
    line = visible(text)
    for match in _LINKS.finditer(line):
        parts += [_escaped(line[position : match.end()]), NO_WIDTH]
        position = match.end()
    return "".join(parts) + _escaped(line[position:])


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", html.escape(text, quote=False))


def html_code(text: str) -> str:
    """The text as code inside a line of HTML, where Markdown's own marks count for nothing."""
    return f"<code>{html.escape(visible(text))}</code>"


def code(text: str, *, in_table: bool = False) -> str:
    """A code span of the text; in a table a bar must be escaped even there."""
    line = visible(text)
    if not line.strip(" "):
        return sentence(line)
    fence = _fence(line, 1)
    blank = " " if "`" in (line[0], line[-1]) or (line[0], line[-1]) == (" ", " ") else ""
    span = f"{fence}{blank}{line}{blank}{fence}"
    return span.replace("|", "\\|") if in_table else span


def block(lines: Sequence[str], language: str = "text") -> list[str]:
    """A code block of lines."""
    shown = [visible(line) for line in lines]
    fence = _fence("\n".join(shown), 3)
    return [f"{fence}{language}", *shown, fence]


def _fence(text: str, shortest: int) -> str:
    """More backquotes than stand anywhere in a row in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(shortest, longest + 1)
