"""Runs `dockerslim verify`: the report on standard output, progress and errors on standard error."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dockerslim.cli.talk import COULD_NOT, say
from dockerslim.fleet.discover import discover
from dockerslim.output.color import use_color
from dockerslim.output.report import Message, render, render_error
from dockerslim.output.terminal_text import visible
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.report.json_report import render_json
from dockerslim.verify.report.markdown import render_markdown
from dockerslim.verify.report.screen import Screen
from dockerslim.verify.report.table import render_file, render_summary
from dockerslim.verify.report.words import overall
from dockerslim.verify.rewriting import Rewrites
from dockerslim.verify.verification import Verification

DIFFERS = 1
"""Exit code: an image behaves differently."""

_AT_THE_END: dict[str, Callable[[Sequence[Verification]], str]] = {"json": render_json, "markdown": render_markdown}


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """What the command line asks for."""

    rewrites: Rewrites
    verify: VerifyOptions
    output_format: str = "text"
    quiet: bool = False
    verbose: bool = False


def verify_paths(named: Sequence[str], request: VerifyRequest) -> int:
    """Verifies files and what is in folders, and prints the report. Returns the exit code."""
    found = discover([Path(name) for name in named])
    for folder in found.empty:
        _say_error(f"no Dockerfile in `{folder}`", "name the file itself, whatever it is called")
    failed = bool(found.empty)
    done: list[Verification] = []
    with Progress(sys.stderr, request.quiet, request.verbose) as progress:
        try:
            # Closed whatever happens here, so that what it made in the engine is removed.
            with contextlib.closing(_verified(found.paths, request, progress)) as verifications:
                for verification in verifications:
                    progress.clear()
                    done.append(verification)
                    if request.output_format == "text":
                        _print_file(verification, is_first=len(done) == 1)
        except VerifyError as error:
            progress.clear()
            _say_error(error.message, error.help, error.log)
            failed = True
        except BrokenPipeError:  # nobody reads the report any more
            raise
        except Exception as error:  # our fault must not look like a difference
            progress.clear()
            _say_internal_error(error, verbose=request.verbose)
            failed = True
    _print_end(done, request.output_format)
    return exit_code(done, failed=failed)


def exit_code(done: Sequence[Verification], *, failed: bool) -> int:
    """1 if any behaves differently, else 2 if of any it can't be said that it behaves the same, else 0."""
    if any(one.verdict == "differs" or one.culprits for one in done if not one.nothing_to_do):
        return DIFFERS
    return COULD_NOT if failed or overall(done) != "same" else 0


def _verified(paths: Sequence[Path], request: VerifyRequest, progress: Progress) -> Generator[Verification, None, None]:
    if not paths:  # no engine is needed to say so
        return
    from dockerslim.verify.verify_file import verify_files

    yield from verify_files(paths, request.rewrites, request.verify, progress)


def _print_file(verification: Verification, *, is_first: bool) -> None:
    sys.stdout.write(("" if is_first else "\n") + render_file(verification, Screen.of(sys.stdout)))
    sys.stdout.flush()


def _print_end(done: Sequence[Verification], output_format: str) -> None:
    """What stands below the files, or the whole report where it is written at once."""
    if output_format != "text":
        sys.stdout.write(_AT_THE_END[output_format](done))
    elif len(done) > 1:
        sys.stdout.write("\n" + render_summary(done, Screen.of(sys.stdout)))
    sys.stdout.flush()


def _say_error(message: str, help: str = "", log: Path | None = None) -> None:
    say(render_error(message, help, color=use_color(sys.stderr)))
    if log is not None:
        say(f"   = log: {visible(str(log))}\n")


def _say_internal_error(error: Exception, *, verbose: bool) -> None:
    what = Message(
        "internal error",
        f"{type(error).__name__}: {error}",
        "in `verify`",
        help="report it with the file; --verbose shows where it happened",
    )
    say(render(what, color=use_color(sys.stderr)))
    if verbose:
        say("".join(visible(line) + "\n" for line in "".join(traceback.format_exception(error)).splitlines()))
