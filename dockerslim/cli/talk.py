"""What the commands say on standard error."""

from __future__ import annotations

import sys
from typing import NoReturn

from dockerslim.engine.result import Dropped, Refusal, Result
from dockerslim.fleet.fix_all import Outcome
from dockerslim.output.color import use_color
from dockerslim.output.report import render_error, render_internal_error, render_skip

COULD_NOT = 2
"""Exit code: usage, or a file that can't be read."""


def say(text: str) -> None:
    """Writes to standard error, whatever its encoding is."""
    stream = sys.stderr
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(stream.encoding or "ascii", "backslashreplace").decode(stream.encoding or "ascii"))
    stream.flush()


def stop(message: str, help: str = "") -> NoReturn:
    """One error, and exit 2."""
    say(render_error(message, help, color=use_color(sys.stderr)))
    sys.exit(COULD_NOT)


def say_outcome(outcome: Outcome, *, verbose: bool) -> None:
    """Refusals, failures and, if asked for, steps of one file."""
    color = use_color(sys.stderr)
    if outcome.failure is not None:
        failure = outcome.failure
        where = f":{failure.line}" if failure.line else ""
        named = outcome.shown in failure.message
        prefix = "" if named else f"{outcome.shown}{where}: "
        say(render_error(f"{prefix}{failure.message}", failure.help, color=color))
        return
    if outcome.left_alone is not None:
        reason = outcome.left_alone
        say(
            f"skipped: {outcome.shown}:{reason.line}: {reason.reason}\n"
            + (f"  = help: {reason.help}\n" if reason.help else "")
        )
        return
    result = outcome.result
    assert result is not None
    if verbose:
        for step in result.steps:
            for fix in step.fixes:
                say(f"{outcome.shown}: {step.transform}: {fix.why}\n")
    for refusal in result.refusals:
        say(_refusal(result, refusal, color))
    for dropped in result.dropped:
        say(_dropped(outcome.shown, dropped, verbose, color))


def _refusal(result: Result, refusal: Refusal, color: bool) -> str:
    start = result.before.position(refusal.span.start)
    end = result.before.position(refusal.span.end)
    return render_skip(
        refusal.reason,
        refusal.transform,
        result.path,
        result.before.text.lstrip("\ufeff"),
        (start.line, start.column),
        (end.line, end.column),
        refusal.note,
        refusal.help,
        color=color,
    )


def _dropped(shown: str, dropped: Dropped, verbose: bool, color: bool) -> str:
    if dropped.proof == "runs":
        text = render_internal_error(dropped.transform, shown, dropped.detail, color=color)
        return text + (dropped.trace if verbose else "")
    return render_internal_error(
        dropped.transform, shown, f"its result failed the proof `{dropped.proof}`: {dropped.detail}", color=color
    )
