"""Runs `dockerslim fix` on files or on standard input: the result on standard output, talk on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dockerslim.cli.fix_request import FixRequest
from dockerslim.cli.talk import COULD_NOT, FOUND, print_line, say, say_outcome
from dockerslim.fleet.discover import discover
from dockerslim.fleet.fix_all import FileChange, Outcome, fix_all, fix_data, ignore_changes, shown
from dockerslim.output.diff import DiffError, path_in_diff, proven_diff
from dockerslim.output.read import READ_LIMIT, InputError
from dockerslim.output.report import Counts, render_counts, render_error
from dockerslim.output.terminal_text import visible
from dockerslim.output.write import write_atomically


def fix_paths(named: Sequence[str], request: FixRequest) -> int:
    """Fixes files and what is in folders. Returns the exit code."""
    found = discover([Path(name) for name in named])
    failed = 0
    for folder in found.empty:
        say(render_error(f"no Dockerfile in `{folder}`", "name the file itself, whatever it is called"))
        failed += 1
    outcomes: list[Outcome] = []
    if request.verify is None:
        for outcome in fix_all(found.paths, request.selection, request.options, request.context):
            outcomes.append(outcome)
            if not request.quiet or outcome.failure is not None:
                say_outcome(outcome, verbose=request.verbose)
    else:
        failed += _verify(found.paths, request, outcomes)
    failed += sum(1 for outcome in outcomes if outcome.failure is not None)
    changes = [outcome.change for outcome in outcomes if outcome.change is not None and outcome.change.changed]
    changes.extend(ignore_changes(outcomes))
    done = list(_done(changes, request))
    failed += len(changes) - len(done)
    if not request.quiet:
        say(render_counts(_counts(outcomes, len(done), failed), written=request.write))
    if failed:
        return COULD_NOT
    return FOUND if request.check and changes else 0


def _verify(paths: Sequence[Path], request: FixRequest, outcomes: list[Outcome]) -> int:
    """Adds the outcomes that were proven; how many files could not be."""
    from dockerslim.cli.verified_fix import verified
    from dockerslim.verify.errors import VerifyError

    unproven = 0
    try:
        for one in verified(paths, request):
            outcomes.append(one.outcome)
            unproven += not one.proven and one.outcome.failure is None
            if not request.quiet or one.outcome.failure is not None:
                say_outcome(one.outcome, verbose=request.verbose)
    except VerifyError:  # told already
        unproven += len(paths) - len(outcomes)
    return unproven


def _counts(outcomes: Sequence[Outcome], changed: int, failed: int) -> Counts:
    skipped = sum(len(outcome.result.refusals) for outcome in outcomes if outcome.result is not None)
    skipped += sum(1 for outcome in outcomes if outcome.left_alone is not None)
    unchanged = sum(
        1
        for outcome in outcomes
        if outcome.failure is None and not (outcome.change is not None and outcome.change.changed)
    )
    return Counts(changed, unchanged, failed, skipped)


def _done(changes: Sequence[FileChange], request: FixRequest) -> Iterator[FileChange]:
    """Writes, prints or names each change; yields those that went well. One that doesn't go well is told."""
    for change in changes:
        try:
            if request.write:
                _write(change, quiet=request.quiet)
            elif request.check:
                print_line(f"would change {shown(change.path)}")
            else:
                _print_diff(change)
        except InputError as error:
            say(render_error(error.message, error.help))
        except DiffError as error:
            say(render_error(f"internal error: {error}", "report it with the file", path=shown(change.path)))
        else:
            yield change
    sys.stdout.flush()


def _write(change: FileChange, *, quiet: bool) -> None:
    is_new = change.before is None
    # A link that leads nowhere, in a repository of a stranger, must not make a file somewhere else.
    written = write_atomically(change.path, change.after, expected=change.before, follow_symlink=not is_new)
    if written and not quiet:
        say(f"{'created' if is_new else 'rewrote'} {visible(shown(change.path))}\n")


def _print_diff(change: FileChange) -> None:
    # `git apply` changes no file through a link, so the diff names the file itself.
    path = change.path if change.before is None else change.path.resolve()
    diff = proven_diff(change.before, change.after, path_in_diff(path, Path.cwd()))
    sys.stdout.buffer.write(diff)


def fix_stdin(request: FixRequest) -> int:
    """Prints the diff, or with --write the whole new text; no other file is made. Returns the exit code."""
    data = sys.stdin.buffer.read(READ_LIMIT + 1) if sys.stdin is not None else b""
    if len(data) > READ_LIMIT:
        say(render_error(f"<stdin> has more than {READ_LIMIT / 1e6:g} MB", "check that it is a Dockerfile"))
        return COULD_NOT
    folder = request.context or Path()
    options = replace(request.options, can_write_ignore=False)
    outcome = _named_stdin(fix_data(data, folder / "Dockerfile", request.selection, options, folder))
    if not request.quiet or outcome.failure is not None:
        say_outcome(outcome, verbose=request.verbose)
    after = outcome.change.after if outcome.change is not None else data
    if request.write:
        sys.stdout.buffer.write(after)
    elif request.check:
        if after != data:
            print_line("would change <stdin>")
    else:
        sys.stdout.buffer.write(proven_diff(data, after, "Dockerfile"))
    sys.stdout.flush()
    if outcome.failure is not None:
        return COULD_NOT
    return FOUND if request.check and after != data else 0


def _named_stdin(outcome: Outcome) -> Outcome:
    """Messages name standard input, not a file that may not exist."""
    result = replace(outcome.result, path="<stdin>") if outcome.result is not None else None
    return replace(outcome, shown="<stdin>", result=result)
