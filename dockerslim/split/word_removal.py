"""Takes words out of a command of a RUN, so that comments stay and the RUN still ends where it did."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from dockerslim.dockerfile import Dockerfile, Edit, Span
from dockerslim.dockerfile.shell import Script, ShellCommand, ShellWord


def without_words(
    dockerfile: Dockerfile, script: Script, command: ShellCommand, words: Collection[ShellWord]
) -> tuple[Edit, ...] | None:
    """The edits that take `words` (of the arguments of `command`) out; None where a comment would go with them."""
    wanted = {word.start for word in words}
    edits = []
    for first, last in _neighbours([word.start in wanted for word in command.words]):
        if first == 0:
            return None
        span = _removable(dockerfile.text, script, command.words, first, last)
        if span is None:
            return None
        edits.append(Edit(span, ""))
    return tuple(edits)


def _neighbours(marks: list[bool]) -> Iterator[tuple[int, int]]:
    """The first and last index of each group of marked words."""
    first = None
    for index, is_marked in enumerate([*marks, False]):
        if is_marked and first is None:
            first = index
        elif not is_marked and first is not None:
            yield first, index - 1
            first = None


def _removable(text: str, script: Script, words: tuple[ShellWord, ...], first: int, last: int) -> Span | None:
    """The words and the blank on one side of them: a side without a comment between the lines, or a redirection."""
    places = [script.span(word.start, word.end) for word in words[first - 1 : last + 1]]
    before, own = places[0].end, Span(places[1].start, places[-1].end)
    inside = (text[one.end : other.start] for one, other in pairwise(places[1:]))
    if not all(_is_blank(gap) for gap in inside):
        return None
    if _is_blank(text[before : own.start]):
        return Span(before, own.end)
    following = _following(script, words[last].end)
    if following is None or not _is_blank(text[own.end : following]):
        return None  # behind the last word nothing would be left but a line that goes on with the next instruction
    return Span(own.start, following)


def _is_blank(gap: str) -> bool:
    """Is there nothing between two words but blanks and continuations?"""
    return not gap.strip(" \t\r\n\\`")


def _following(script: Script, end: int) -> int | None:
    """Where in the file the script goes on behind a word; None where it ends there, or its line does."""
    rest = script.source.text[end:]
    blank = len(rest) - len(rest.lstrip(" \t"))
    if blank == len(rest) or rest[blank] == "\n":
        return None
    return script.span(end + blank, end + blank + 1).start
