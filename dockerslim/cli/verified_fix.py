"""`dockerslim fix --verify`: the rewrites that behave as before, and what is said of them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dockerslim.cli.fix_request import FixRequest
from dockerslim.cli.talk import say
from dockerslim.fleet.fix_all import Outcome
from dockerslim.output.color import use_color
from dockerslim.output.report import Message, render, render_error
from dockerslim.output.terminal_text import visible
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.progress import Progress
from dockerslim.verify.report.sizes import human_size
from dockerslim.verify.report.words import culprit_words, headline, one_line
from dockerslim.verify.rewriting import Rewrites
from dockerslim.verify.verification import Verification
from dockerslim.verify.verify_file import verified_outcomes


@dataclass(frozen=True, slots=True)
class Verified:
    """`proven` is False where it could not be told how the rewrite behaves: the outcome has no change then."""

    outcome: Outcome
    proven: bool


def verified(paths: Sequence[Path], request: FixRequest) -> Generator[Verified, None, None]:
    """One a file, in order, each told on standard error. It ends early where the engine can't be used."""
    assert request.verify is not None
    # How long builds take and what the images hold is what `verify` is asked for.
    options = replace(request.verify, measure=False, reads_images=False)
    with Progress(sys.stderr, request.quiet, request.verbose) as progress:
        rewrites = Rewrites(request.selection, request.options, request.context)
        outcomes = verified_outcomes(paths, rewrites, options, progress)
        try:
            with contextlib.closing(outcomes):
                for outcome, verification in outcomes:
                    progress.clear()
                    if outcome.failure is None:
                        _say(verification, quiet=request.quiet)
                    yield Verified(outcome, _is_proven(verification))
        except VerifyError as error:
            progress.clear()
            say(render_error(error.message, error.help, color=use_color(sys.stderr)))
            raise


def _say(verification: Verification, *, quiet: bool) -> None:
    color = use_color(sys.stderr)
    for culprit in verification.culprits:
        reason = one_line(culprit.difference.sentence)
        message = f"{verification.shown}: {culprit_words(culprit, verification)}: {reason}"
        say(render(Message("warning", message, culprit.transform), color=color))
    if not quiet:
        for image, what in verification.runtime_tried:
            say(visible(f"{verification.shown}: tried {image}: {one_line(what)}") + "\n")
    if verification.nothing_to_do:
        return
    if not _is_proven(verification):
        message = f"{verification.shown} is left as it is: {one_line(_why(verification))}"
        say(render_error(message, verification.help, color=color))
        for log in verification.logs:
            say(f"   = log: {visible(str(log))}\n")
    elif not quiet and verification.verdict == "same":
        say(visible(f"verified {verification.shown}: {headline(verification)}{_sizes(verification)}") + "\n")


def _is_proven(verification: Verification) -> bool:
    """Is it known which part of the rewrite behaves as before, be it none?"""
    return verification.verdict == "same" or (verification.verdict == "differs" and bool(verification.culprits))


def _why(verification: Verification) -> str:
    """What kept the rewrite from being used."""
    comparison = verification.comparison
    if verification.verdict != "differs" or comparison is None:
        return verification.reason
    return "; ".join(filter(None, (comparison.differences[0].sentence, verification.reason)))


def _sizes(verification: Verification) -> str:
    if verification.before is None or verification.after is None:
        return ""
    return f", {human_size(verification.before.size)} before, {human_size(verification.after.size)} after"
