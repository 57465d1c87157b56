"""What the commands say on standard error, and single lines on standard output."""

from __future__ import annotations

import sys
from typing import NoReturn

from dockerslim.engine.result import Dropped, Refusal, Result
from dockerslim.fleet.fix_all import Outcome
from dockerslim.output.color import use_color
from dockerslim.output.report import Message, render, render_error, render_internal_error, render_skip
from dockerslim.output.terminal_text import visible

FOUND = 1
"""Exit code: `--check` found something to do."""
COULD_NOT = 2
"""Exit code: usage, or a file that can't be read."""


def say(text: str) -> None:
    """Writes to standard error, whatever its encoding is."""
    stream = sys.stderr
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def print_line(text: str) -> None:
    """Writes a line to standard output, fit for a terminal whatever a file's name is."""
    sys.stdout.write(visible(text) + "\n")


def stop(message: str, help: str = "") -> NoReturn:
    """One error, and exit 2."""
    say(render_error(message, help, color=use_color(sys.stderr)))
    sys.exit(COULD_NOT)


def say_outcome(outcome: Outcome, *, verbose: bool) -> None:
    """Refusals, failures and, if asked for, reasons of one file."""
    color = use_color(sys.stderr)
    if outcome.failure is not None:
        say(_failure(outcome, verbose, color))
        return
    if outcome.left_alone is not None:
        reason = outcome.left_alone
        message = f"{outcome.shown}:{reason.line}: {reason.reason}"
        say(render(Message("skipped", message, help=reason.help), color=color))
        return
    result = outcome.result
    assert result is not None
    for step in result.steps:
        for fix in step.fixes:
            if verbose:
                say(visible(f"{outcome.shown}: {step.transform}: {fix.why}") + "\n")
            if fix.caution:
                say(render(Message("note", f"{outcome.shown}: {fix.caution}", step.transform), color=color))
    for refusal in result.refusals:
        say(_refusal(result, refusal, color))
    for dropped in result.dropped:
        say(_dropped(outcome.shown, dropped, verbose, color))


def _failure(outcome: Outcome, verbose: bool, color: bool) -> str:
    failure = outcome.failure
    assert failure is not None
    where = f":{failure.line}" if failure.line else ""
    prefix = "" if outcome.shown in failure.message else f"{outcome.shown}{where}: "
    text = render_error(f"{prefix}{failure.message}", failure.help, color=color)
    return text + (_trace(failure.trace) if verbose else "")


def _refusal(result: Result, refusal: Refusal, color: bool) -> str:
    start = result.before.position(refusal.span.start)
    end = result.before.position(refusal.span.end)
    return render_skip(
        refusal.reason,
        refusal.transform,
        result.path,
        result.before.text.removeprefix("\ufeff"),
        (start.line, start.column),
        (end.line, end.column),
        refusal.note,
        refusal.help,
        color=color,
    )


def _dropped(shown: str, dropped: Dropped, verbose: bool, color: bool) -> str:
    if dropped.proof == "runs":
        text = render_internal_error(dropped.transform, shown, dropped.detail, color=color)
        return text + (_trace(dropped.trace) if verbose else "")
    return render_internal_error(
        dropped.transform, shown, f"its result failed the proof `{dropped.proof}`: {dropped.detail}", color=color
    )


def _trace(trace: str) -> str:
    return "".join(visible(line) + "\n" for line in trace.splitlines())
