"""The report for a pull request: a heading, a table and a list for each file, long details folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerslim.verify.report.figure_rows import Row, figure_rows
from dockerslim.verify.report.markdown_text import block, code, html_code, sentence
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


def render_markdown(verifications: Sequence[Verification]) -> str:
    """The whole page: for several files a summary first, then each file; a newline at its end."""
    parts = [_summary(verifications)] if len(verifications) > 1 else []
    parts += [_file(verification) for verification in verifications]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _summary(verifications: Sequence[Verification]) -> list[str]:
    lines = [counted(verifications), "", "| file | before | after | smaller | behaviour |", "|---|---:|---:|---|---|"]
    for verification in verifications:
        before, after = verification.before, verification.after
        cells = (
            code(verification.shown, in_table=True),
            human_size(before.size) if before else "",
            human_size(after.size) if after else "",
            size_gain(before.size, after.size).removesuffix(" smaller") if before and after else "",
            NOTHING_TO_DO if verification.nothing_to_do else verification.verdict,
        )
        lines.append(_row(cells))
    return lines


def _file(verification: Verification) -> list[str]:
    lines = [f"### {code(verification.shown)}: {sentence(one_line(headline(verification)))}"]
    if verification.nothing_to_do:
        return lines
    if rows := figure_rows(verification):
        lines += ["", *_figures(rows, is_built=verification.after is not None)]
    if items := list(_items(verification)):
        lines += ["", *(f"- {item}" for item in items)]
    for difference in _with_details(verification):
        lines += ["", *_details(difference)]
    return lines


def _figures(rows: Sequence[Row], *, is_built: bool) -> Iterator[str]:
    yield "| | before | after | gain |" if is_built else "| | before |"
    yield "|---|---:|---:|---|" if is_built else "|---|---:|"
    for row in rows:
        label = row.label + (f" ({code(row.file, in_table=True)})" if row.file else "")
        before, after = (sentence(one_line(value)) for value in (row.before, row.after))
        yield _row((label, before, after, row.gain) if is_built else (label, before))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _items(verification: Verification) -> Iterator[str]:
    if verification.steps:
        yield f"rewritten by {', '.join(code(one_line(step)) for step in verification.steps)}"
    if verification.reason:
        yield f"reason: {sentence(one_line(verification.reason))}"
    if verification.help:
        yield f"help: {sentence(one_line(verification.help))}"
    if verification.comparison is not None:
        yield from _behaviour(verification.comparison)
    for culprit in verification.culprits:
        yield from _culprit(culprit, verification)
    for image, result in verification.runtime_tried:
        yield f"runtime image tried: {code(one_line(image))}: {sentence(one_line(result))}"
    for path in verification.logs:
        yield f"log: {code(str(path))}"


def _behaviour(comparison: Comparison) -> Iterator[str]:
    yield from (f"**differs**: {_difference(difference)}" for difference in comparison.differences)
    if comparison.checks:
        yield f"compared: {', '.join(map(code, checks_shown(comparison.checks)))}"
    yield from (f"note: {sentence(one_line(note))}" for note in comparison.notes)


def _difference(difference: Difference) -> str:
    before, after = (code(one_line(value)) for value in (difference.before, difference.after))
    return f"{code(one_line(difference.what))}: {before} before, {after} after"


def _culprit(culprit: Culprit, verification: Verification) -> Iterator[str]:
    words = culprit_words(culprit, verification)
    yield f"{words} {code(one_line(culprit.transform))}: {_difference(culprit.difference)}"
    if culprit.log is not None:
        yield f"log: {code(str(culprit.log))}"


def _with_details(verification: Verification) -> list[Difference]:
    """The differences that have more lines to show, each once."""
    told = list(verification.comparison.differences if verification.comparison else ())
    told += [culprit.difference for culprit in verification.culprits]
    return [difference for difference in dict.fromkeys(told) if difference.detail]


def _details(difference: Difference) -> Iterator[str]:
    yield f"<details><summary>{html_code(one_line(difference.what))}</summary>"
    yield ""
    yield from block(detail_lines(difference.detail), "diff")
    yield ""
    yield "</details>"
