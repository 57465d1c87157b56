"""What a person reads: what, where, why, what to do; and the count at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dockerslim.output.color import BLUE, BOLD, CYAN, RED, YELLOW, paint
from dockerslim.output.snippet import snippet
from dockerslim.output.terminal_text import visible

Level = Literal["error", "internal error", "skipped", "warning", "note"]
Position = tuple[int, int]
"""Line and column, both from 1; columns are characters."""

DEFAULT_WIDTH = 100

_COLORS = {"error": RED, "internal error": RED, "skipped": YELLOW, "warning": YELLOW, "note": BLUE}


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say. `text` is the whole file that `start` and `end` (exclusive) are positions in."""

    level: Level
    message: str
    code: str = ""
    path: str = ""
    text: str | None = None
    start: Position | None = None
    end: Position | None = None
    note: str = ""
    """What the mark means; stands behind it, or below where there is no line to mark."""
    help: str = ""


def render_skip(
    message: str,
    transform_id: str,
    path: str,
    text: str,
    start: Position,
    end: Position,
    note: str = "",
    help: str = "",
    width: int = DEFAULT_WIDTH,
    color: bool = False,
) -> str:
    """A refusal of one transform, with the line that it is about. `text` is the file as the user has it."""
    return render(Message("skipped", message, transform_id, path, text, start, end, note, help), width, color)


def render_error(
    message: str,
    help: str = "",
    *,
    path: str = "",
    text: str | None = None,
    start: Position | None = None,
    end: Position | None = None,
    width: int = DEFAULT_WIDTH,
    color: bool = False,
) -> str:
    """What kept a file from being worked on, with the line where there is one."""
    return render(Message("error", message, "", path, text, start, end, "", help), width, color)


def render_internal_error(transform_id: str, path: str, error: str, *, color: bool = False) -> str:
    """Our own fault: which transform, and that the file was left alone."""
    what = Message(
        "internal error",
        f"{path} is left as it is without it",
        f"in `{transform_id}`",
        note=error,
        help="report it with the file; --verbose shows where it happened",
    )
    return render(what, color=color)


def render(what: Message, width: int = DEFAULT_WIDTH, color: bool = False) -> str:
    """The message in the shape of rustc's, with a newline at its end; no escape of a file reaches the terminal."""
    line = _line_of(what)
    number = str(what.start[0]) if what.start else ""
    margin = " " * (max(len(number), 1) + 1)
    bar = paint("|", BLUE, color)
    output = [_headline(what, color)]
    if what.path:
        place = f":{what.start[0]}:{what.start[1]}" if what.start else ""
        output.append(f"{margin}{paint('-->', BLUE, color)} {visible(what.path)}{place}")
    if line is not None and what.start:
        start = what.start[1] - 1
        shown = snippet(line, start, _end_in(line, what), width - len(margin) - 3)
        mark = paint("^" * shown.mark_columns, _COLORS[what.level], color)
        note = f" {paint(visible(what.note), _COLORS[what.level], color)}" if what.note else ""
        output += [
            f"{margin} {bar}",
            f" {paint(number, BLUE, color)} {bar} {shown.line}".rstrip(),
            f"{margin} {bar} {' ' * shown.mark_start}{mark}{note}",
        ]
    notes = [(label, text) for label, text in (("note", what.note), ("help", what.help)) if text]
    if line is not None:
        notes = [(label, text) for label, text in notes if label == "help"]
    if notes and line is not None:
        output.append(f"{margin} {bar}")
    output += [
        f"{margin} {paint('=', BLUE, color)} {paint(label, CYAN, color)}: {visible(text)}" for label, text in notes
    ]
    return "\n".join(output) + "\n"


def _headline(what: Message, color: bool) -> str:
    if what.level == "internal error":
        label = f"{what.level} {visible(what.code)}"
    else:
        label = f"{what.level}[{visible(what.code)}]" if what.code else what.level
    return f"{paint(label, _COLORS[what.level], color)}: {paint(visible(what.message), BOLD, color)}"


def _line_of(what: Message) -> str | None:
    """The line that the message starts in; None where there is none to show."""
    if what.text is None or what.start is None:
        return None
    lines = what.text.split("\n", what.start[0])
    if not 1 <= what.start[0] <= len(lines):
        return None
    return lines[what.start[0] - 1].removesuffix("\r")


def _end_in(line: str, what: Message) -> int:
    """Where the mark ends: what goes on in other lines is marked to the last visible character of the first."""
    if what.start is None or what.end is None:
        return 0
    if what.end[0] == what.start[0]:
        return what.end[1] - 1
    return len(line.rstrip())


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the files of a run; `skipped` counts refusals, the rest files."""

    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    skipped: int = 0


def render_counts(counts: Counts, *, written: bool = False, act: str = "apply with --write") -> str:
    """`2 files would change, 1 skipped, 14 unchanged`, then how to act where there is something to do."""
    files = "file" if counts.changed == 1 else "files"
    parts = [f"{counts.changed} {files} {'changed' if written else 'would change'}"]
    parts += [f"{counts.skipped} skipped"] if counts.skipped else []
    parts += [f"{counts.unchanged} unchanged"] if counts.unchanged else []
    parts += [f"{counts.failed} failed"] if counts.failed else []
    line = ", ".join(parts) + "\n"
    return line if written or not counts.changed or not act else f"{line}{act}\n"
