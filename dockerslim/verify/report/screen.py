"""What a stream can show."""

from __future__ import annotations

import codecs
import shutil
from dataclasses import dataclass
from typing import TextIO

from dockerslim.output.color import use_color

PAGE_WIDTH = 100
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True, slots=True)
class Screen:
    """`is_plain`: nothing but ASCII is drawn, as for a file or a pipe."""

    width: int = PAGE_WIDTH
    color: bool = False
    is_plain: bool = True

    @classmethod
    def of(cls, stream: TextIO) -> Screen:
        """What `stream` can show; a closed one is a page."""
        is_terminal = is_a_terminal(stream)
        width = shutil.get_terminal_size((PAGE_WIDTH, 24)).columns if is_terminal else PAGE_WIDTH
        return cls(width, use_color(stream), not (is_terminal and _is_utf8(stream)))


def is_a_terminal(stream: TextIO) -> bool:
    """Does a person look at it? A closed stream is none."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def _is_utf8(stream: TextIO) -> bool:
    try:
        return codecs.lookup(stream.encoding or "ascii").name == "utf-8"
    except LookupError:
        return False
