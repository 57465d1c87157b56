"""The line of a file that a message is about, with the place in it marked."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.output.terminal_text import columns, visible_character

ELLIPSIS = "..."
MIN_COLUMNS = 20
MAX_CHARACTERS = 4096
"""Of a longer line only the part around the mark is looked at."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line as it is printed, and the columns of its mark: first, and how many."""

    line: str
    mark_start: int
    mark_columns: int


def snippet(line: str, start: int, end: int, width: int) -> Snippet:
    """Print `line` (without its end) in at most `width` columns; the mark goes from `start` to before `end`.

    A line that is too long is cut on both sides so that the start of the mark is seen.
    """
    width = max(width, MIN_COLUMNS)
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    first = max(0, start - MAX_CHARACTERS // 2)
    last = min(len(line), first + MAX_CHARACTERS)
    cells = [visible_character(character) for character in line[first:last]]
    sizes = [columns(cell) for cell in cells]
    low, high = _window(sizes, start - first, min(end, last) - first, width, first > 0, last < len(line))
    left = ELLIPSIS if first + low > 0 else ""
    right = ELLIPSIS if first + high < len(line) else ""
    mark_start = len(left) + sum(sizes[low : start - first])
    mark_columns = sum(sizes[start - first : min(end - first, high)])
    return Snippet(left + "".join(cells[low:high]) + right, mark_start, max(mark_columns, 1))


def _window(sizes: list[int], start: int, end: int, width: int, cut_before: bool, cut_after: bool) -> tuple[int, int]:
    """The characters to show: from and to before."""
    if sum(sizes) <= width and not cut_before and not cut_after:
        return 0, len(sizes)
    room = width - 2 * len(ELLIPSIS)
    low = start
    high = start
    used = 0
    # The mark first, then what stands before it up to half of the rest, then what follows.
    while high < max(end, start) and used + sizes[high] <= room:
        used += sizes[high]
        high += 1
    before = (room - used) // 2
    while low > 0 and sizes[low - 1] <= before:
        low -= 1
        before -= sizes[low]
        used += sizes[low]
    while high < len(sizes) and used + sizes[high] <= room:
        used += sizes[high]
        high += 1
    while low > 0 and used + sizes[low - 1] <= room:
        low -= 1
        used += sizes[low]
    return low, high
