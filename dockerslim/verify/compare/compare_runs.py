"""Compares two runs of one command that come to an end."""

from __future__ import annotations

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.body_difference import first_difference, text_difference
from dockerslim.verify.compare.findings import Findings
from dockerslim.verify.compare.log_lines import is_same_failure, last_lines, log_lines, telling_line
from dockerslim.verify.observe.observation import CommandRun
from dockerslim.verify.verification import Difference


def run_findings(what: str, before: CommandRun, after: CommandRun) -> Findings:
    """Exit code and output of a command, `what` being its name in a report.

    Of a command that succeeds the whole output must be the same, in any order (it has two streams); of one that fails
    what it says of errors.
    """
    how_before, how_after = ending(before), ending(after)
    if how_before != how_after:
        return Findings((Difference(what, how_before, how_after, _reason(after) or _reason(before)),))
    if before.failure:
        return _failed_alike(what, before, after, before.failure, after.failure)
    if before.exit_code is None:
        return Findings(notes=(f"{what}: still running when time was up, before as after",))
    if before.exit_code != 0:
        return _failed_alike(what, before, after, before.output, after.output)
    return _output_findings(what, before.output, after.output)


def ending(run: CommandRun) -> str:
    """How a command ended, in words."""
    if run.failure:
        return "can't be started"
    return "still running" if run.exit_code is None else f"exit code {run.exit_code}"


def only_volatile_note(what: str, before: str, after: str) -> str:
    """Says that two texts differ in nothing but what was normalised, and shows where they begin to."""
    one, other = first_difference(before, after)
    return f"{what}: only dates, ids, addresses and the like differ: `{one}` before, `{other}` after"


def _failed_alike(what: str, before: CommandRun, after: CommandRun, old: str, new: str) -> Findings:
    how = ending(before)
    if not is_same_failure(old, new):
        # The line is what differs; both outputs are given, as neither is "the" error.
        detail = f"before:\n{_reason(before)}\nafter:\n{_reason(after)}"
        one, other = (f"{how}: {visible(telling_line(text))[:120]}" for text in (old, new))
        return Findings((Difference(what, one, other, detail),))
    return Findings(notes=(f"{what}: {how}, before as after: {telling_line(old)}",), checks=(f"{what}: {how}",))


def _output_findings(what: str, before: str, after: str) -> Findings:
    old, new = log_lines(before), log_lines(after)
    if sorted(old) != sorted(new):
        difference = Difference(
            what, _lines(len(old)), _lines(len(new)), text_difference("\n".join(old), "\n".join(new))
        )
        return Findings((difference,))
    notes = []
    if not old:
        notes.append(f"{what}: it printed nothing, so that only its exit code was compared")
    elif sorted(before.split("\n")) != sorted(after.split("\n")):
        notes.append(only_volatile_note(what, before, after))
    return Findings(notes=tuple(notes), checks=(f"{what}: exit code 0, {_lines(len(old))}",), is_proof=True)


def _lines(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'} of output"


def _reason(run: CommandRun) -> str:
    parts = (last_lines(run.failure), last_lines(run.output) if run.failure or run.exit_code else "")
    return "\n".join(part for part in parts if part)
