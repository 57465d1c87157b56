"""The report for a terminal: a table of figures for each file, what was found of its behaviour, and a summary.

Texts of a project reach the terminal as they are read, not as they are meant: no markup, no control characters. Lines
are not wrapped, so that a path stays whole; a terminal that is narrower than the table wraps it itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dockerslim.output.color import BOLD, CYAN, RED, YELLOW, paint
from dockerslim.output.terminal_text import columns, visible
from dockerslim.verify.report.figure_rows import Row, figure_rows
from dockerslim.verify.report.rich_table import CellTable
from dockerslim.verify.report.screen import Screen
from dockerslim.verify.report.sizes import human_size, size_gain
from dockerslim.verify.report.words import (
    NOTHING_TO_DO,
    checks_shown,
    counted,
    culprit_words,
    detail_lines,
    headline,
    one_line,
)
from dockerslim.verify.verification import Comparison, Culprit, Difference, Verification

INDENT = "  "
FIGURES = frozenset({"before", "after"})
GREEN = "\x1b[1;32m"
GAP = 3
"""Columns between two columns of a table."""
_COLORS = {"same": GREEN, "differs": RED, "fails the same way": YELLOW, "could not tell": YELLOW}
_STYLES = {"same": "green", "differs": "red", "fails the same way": "yellow", "could not tell": "yellow"}


def render_text(verifications: Sequence[Verification], screen: Screen) -> str:
    """The whole report: each file, and for several a summary."""
    parts = [render_file(verification, screen) for verification in verifications]
    if len(verifications) > 1:
        parts.append(render_summary(verifications, screen))
    return "\n".join(parts)


def render_file(verification: Verification, screen: Screen) -> str:
    """What came of one file, with a newline at its end."""
    name, verdict = visible(verification.shown), headline(verification)
    if verification.nothing_to_do:
        return f"{name}: {verdict}\n"
    color = screen.color
    lines = [f"{paint(name, BOLD, color)}: {paint(one_line(verdict), _COLORS[verification.verdict], color)}"]
    if rows := figure_rows(verification):
        lines += ["", *_figures(verification, rows, screen)]
    if words := list(_words(verification, color)):
        lines += ["", *(INDENT + line for line in words)]
    return "\n".join(lines) + "\n"


def render_summary(verifications: Sequence[Verification], screen: Screen) -> str:
    """A line a file, and how many there are of each verdict."""
    table = CellTable(("file", "before", "after", "smaller", "behaviour"), screen, FIGURES)
    for verification in verifications:
        before, after = verification.before, verification.after
        gain = size_gain(before.size, after.size).removesuffix(" smaller") if before and after else ""
        idle = verification.nothing_to_do
        table.add(
            verification.shown,
            human_size(before.size) if before else "",
            human_size(after.size) if after else "",
            gain,
            NOTHING_TO_DO if idle else verification.verdict,
            last_style="" if idle else _STYLES[verification.verdict],
        )
    return "\n".join([*table.lines(), "", counted(verifications)]) + "\n"


def _figures(verification: Verification, rows: Sequence[Row], screen: Screen) -> Iterator[str]:
    """The table, with the changed files in it where it is narrow enough with them, else below."""
    fits = _width(rows) + len(INDENT) <= screen.width
    is_built = verification.after is not None
    table = CellTable(("", "before", "after", "gain") if is_built else ("", "before"), screen, FIGURES)
    for row in rows:
        label = _label_with_file(row) if fits else row.label
        if is_built:
            table.add(label, row.before, row.after, row.gain, last_style="yellow" if row.is_worse else "green")
        else:
            table.add(label, row.before)
    yield from (INDENT + line for line in table.lines())
    if not fits:
        changes = [(row.label.removeprefix("rebuild after a "), row.file) for row in rows if row.file]
        yield from (f"{INDENT}{change}: {visible(file)}" for change, file in changes)


def _width(rows: Sequence[Row]) -> int:
    cells = [(_label_with_file(row), row.before, row.after, row.gain) for row in rows]
    return sum(max(map(columns, map(visible, column))) + GAP for column in zip(*cells, strict=True)) - GAP


def _label_with_file(row: Row) -> str:
    return f"{row.label} ({row.file})" if row.file else row.label


def _words(verification: Verification, color: bool) -> Iterator[str]:
    if verification.steps:
        yield f"rewritten by {', '.join(map(one_line, verification.steps))}"
    if verification.reason:
        yield f"reason: {one_line(verification.reason)}"
    if verification.help:
        yield f"  = {paint('help', CYAN, color)}: {one_line(verification.help)}"
    if verification.comparison is not None:
        yield from _behaviour(verification.comparison, color)
    for culprit in verification.culprits:
        yield from _culprit(culprit, verification)
    if verification.runtime_tried:
        yield "runtime images tried:"
        yield from (f"{INDENT}{one_line(image)}: {one_line(result)}" for image, result in verification.runtime_tried)
    yield from _logs(verification.logs)


def _behaviour(comparison: Comparison, color: bool) -> Iterator[str]:
    if comparison.differences:
        yield f"{paint('differences', RED, color)}:"
    for difference in comparison.differences:
        yield from (INDENT + line for line in _difference(difference))
    if comparison.checks:
        yield f"compared: {', '.join(checks_shown(comparison.checks))}"
    yield from (f"note: {one_line(note)}" for note in comparison.notes)


def _difference(difference: Difference) -> Iterator[str]:
    yield one_line(difference.sentence)
    yield from (INDENT + line for line in detail_lines(difference.detail))


def _culprit(culprit: Culprit, verification: Verification) -> Iterator[str]:
    """Its difference, with the details where they were not told before."""
    sentence, *details = _difference(culprit.difference)
    yield f"{culprit_words(culprit, verification)} {one_line(culprit.transform)}: {sentence}"
    if verification.comparison is None or culprit.difference not in verification.comparison.differences:
        yield from details
    if culprit.log is not None:
        yield from (INDENT + line for line in _logs([culprit.log]))


def _logs(paths: Iterable[Path]) -> Iterator[str]:
    return (f"log: {visible(str(path))}" for path in paths)
