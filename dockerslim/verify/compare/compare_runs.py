"""Compares two runs of one command that come to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.body_difference import first_difference, text_difference
from dockerslim.verify.compare.findings import Findings
from dockerslim.verify.compare.log_lines import errors, is_same_failure, last_lines, log_lines, new_lines, telling_line
from dockerslim.verify.observe.observation import CommandRun
from dockerslim.verify.verification import Difference

ONLY_VOLATILE = "only dates, ids, addresses and the like differ"


def run_findings(what: str, before: CommandRun, after: CommandRun, again: CommandRun | None = None) -> Findings:
    """Exit code and output of a command, `what` being its name in a report.

    Of a command that succeeds the whole output must be the same, in any order (it has two streams); of one that fails
    what it says of errors. `again` is a second run of the original: what differs between its two runs is chance.
    """
    how_before, how_after = ending(before), ending(after)
    if again is not None and ending(again) != how_before:
        note = f"{what}: the original ends another way each time ({how_before}, then {ending(again)})"
        return Findings(notes=(note,))
    if how_before != how_after:
        return Findings((Difference(what, how_before, how_after, _reason(after) or _reason(before)),))
    if before.failure:
        return _failed_alike(what, before, after, again, lambda run: run.failure)
    if before.exit_code is None:
        return Findings(notes=(f"{what}: still running when time was up, before as after",))
    if before.exit_code != 0:
        return _failed_alike(what, before, after, again, lambda run: run.output)
    if again is not None:
        return _steady_output_findings(what, before.output, after.output, again.output)
    return _output_findings(what, before.output, after.output)


def ending(run: CommandRun) -> str:
    """How a command ended, in words."""
    if run.failure:
        return "can't be started"
    return "still running" if run.exit_code is None else f"exit code {run.exit_code}"


def only_volatile_note(before: str, after: str) -> str:
    """Says that two texts differ in nothing but what was normalised, and shows where they begin to."""
    one, other = first_difference(before, after)
    return f"{ONLY_VOLATILE}, as in `{one}` before, `{other}` after"


def _failed_alike(
    what: str, before: CommandRun, after: CommandRun, again: CommandRun | None, told: Callable[[CommandRun], str]
) -> Findings:
    how, old, new = ending(before), told(before), told(after)
    if not is_same_failure(old, new):
        if again is not None and not is_same_failure(old, told(again)):
            return Findings(notes=(f"{what}: {how}, with another error each time: {telling_line(old)}",))
        # The line is what differs; both outputs are given, as neither is "the" error.
        detail = f"before:\n{_reason(before)}\nafter:\n{_reason(after)}"
        one, other = (f"{how}: {visible(telling_line(text))[:120]}" for text in (old, new))
        return Findings((Difference(what, one, other, detail),))
    return Findings(notes=(f"{what}: {how}, before as after: {telling_line(old)}",), checks=(f"{what}: {how}",))


def _steady_output_findings(what: str, before: str, after: str, again: str) -> Findings:
    """The lines that both runs of the original have must be there, and nothing beside them that tells of an error."""
    old, new, control = log_lines(before), log_lines(after), log_lines(again)
    if sorted(old) == sorted(control):
        return _output_findings(what, before, after)
    steady = Counter(old) & Counter(control)
    counts = sorted((len(old), len(control)))
    is_as_long = len(new) == counts[0] if counts[0] == counts[1] else bool(new)
    if steady - Counter(new) or not is_as_long or new_lines((*old, *control), errors(new)):
        return Findings((_other_output(what, old, new),))
    note = f"{what}: its output differs from run to run, only what doesn't was compared"
    count = steady.total()
    check = f"{what}: exit code 0, {_lines(count)} that {'is' if count == 1 else 'are'} always there"
    return Findings(notes=(note,), checks=(check,), is_proof=True)


def _other_output(what: str, old: Sequence[str], new: Sequence[str]) -> Difference:
    detail = text_difference("\n".join(old), "\n".join(new))
    if len(old) == len(new):
        return Difference(what, _lines(len(old)), _lines(len(new), "other "), detail)
    return Difference(what, _lines(len(old)), _lines(len(new)), detail)


def _output_findings(what: str, before: str, after: str) -> Findings:
    old, new = log_lines(before), log_lines(after)
    if sorted(old) != sorted(new):
        return Findings((_other_output(what, old, new),))
    notes = []
    if not old:
        notes.append(f"{what}: it printed nothing, so that only its exit code was compared")
    elif sorted(before.split("\n")) != sorted(after.split("\n")):
        notes.append(f"{what}: {only_volatile_note(before, after)}")
    return Findings(notes=tuple(notes), checks=(f"{what}: exit code 0, {_lines(len(old))}",), is_proof=True)


def _lines(count: int, other: str = "") -> str:
    return f"{count} {other}line{'' if count == 1 else 's'} of output"


def _reason(run: CommandRun) -> str:
    parts = (last_lines(run.failure), last_lines(run.output) if run.failure or run.exit_code else "")
    return "\n".join(part for part in parts if part)
