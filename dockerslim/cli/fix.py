"""`dockerslim fix`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dockerslim.engine.transform import Options, Transform
    from dockerslim.fleet.fix_all import FileChange, Outcome

STDIN = "-"


def fix(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Dockerfiles, folders to search, or - for standard input.", show_default="."
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", "-w", help="Rewrite the files in place.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Print no diff; exit 1 if a file would change.")] = False,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="ID", help="Run only this transform; may be repeated.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="ID", help="Leave this transform out; may be repeated.")
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Apply fixes that may change how the image is used, too.")
    ] = False,
    runtime: Annotated[
        str,
        typer.Option(
            "--runtime",
            metavar="auto|distroless|slim|alpine|IMAGE",
            help="The image of the runtime stage.",
            show_default=True,
        ),
    ] = "auto",
    context: Annotated[
        Path | None, typer.Option("--context", metavar="DIR", help="The build context, where it can't be told.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no refusals and no counts.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say why each change is made; show traces.")] = False,
) -> None:
    """Print the rewrite of Dockerfiles as a diff that `git apply` takes, or make it with --write.

    Exit code: 0 if all went well, 1 if --check found something to do, 2 if a file could not be read.
    """
    from dockerslim.cli.talk import stop
    from dockerslim.engine.transform import Options

    if write and check:
        stop("--write and --check exclude each other", "use one of them")
    if context is not None and not context.is_dir():
        stop(f"the build context `{context}` is not a folder", "name the folder that `docker build` is given")
    transforms = _transforms(select or (), ignore or ())
    options = Options(unsafe=unsafe, runtime=runtime)
    named = paths or ["."]
    if STDIN in named:
        if len(named) > 1:
            stop("- can't be combined with other paths", "run dockerslim once for standard input")
        sys.exit(_fix_stdin(transforms, options, context, write=write, check=check, quiet=quiet, verbose=verbose))
    sys.exit(_fix_paths(named, transforms, options, context, write=write, check=check, quiet=quiet, verbose=verbose))


def _transforms(select: Sequence[str], ignore: Sequence[str]) -> tuple[Transform, ...]:
    from dockerslim.cli.talk import stop
    from dockerslim.engine.registry import UnknownTransform, load
    from dockerslim.engine.registry import select as select_transforms

    try:
        return select_transforms(load(), _ids(select), _ids(ignore))
    except UnknownTransform as error:
        help = f"did you mean `{error.suggestions[0]}`?" if error.suggestions else "`dockerslim list` shows them all"
        stop(f"no transform is called `{error.name}`", help)


def _ids(values: Sequence[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def _fix_paths(
    named: Sequence[str],
    transforms: Sequence[Transform],
    options: Options,
    context: Path | None,
    *,
    write: bool,
    check: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    from dockerslim.cli.talk import COULD_NOT, say, say_outcome
    from dockerslim.fleet.discover import discover
    from dockerslim.fleet.fix_all import fix_all, ignore_changes
    from dockerslim.output.report import Counts, render_counts, render_error

    found = discover([Path(name) for name in named])
    failed = 0
    for folder in found.empty:
        say(render_error(f"no Dockerfile in `{folder}`", "name the file itself, whatever it is called"))
        failed += 1
    outcomes: list[Outcome] = []
    for outcome in fix_all(found.paths, transforms, options, context):
        outcomes.append(outcome)
        if not quiet or outcome.failure is not None:
            say_outcome(outcome, verbose=verbose)
    changes = [o.change for o in outcomes if o.change is not None and o.change.changed]
    changes.extend(ignore_changes(outcomes))
    failed += sum(1 for o in outcomes if o.failure is not None)
    if write:
        failed += _write(changes, quiet=quiet)
    elif not check:
        _print_diffs(changes)
    else:
        _print_names(changes)
    skipped = sum(len(o.result.refusals) for o in outcomes if o.result is not None)
    skipped += sum(1 for o in outcomes if o.left_alone is not None)
    unchanged = sum(1 for o in outcomes if o.failure is None and not (o.change is not None and o.change.changed))
    if not quiet:
        say(render_counts(Counts(len(changes), unchanged, failed, skipped), written=write))
    if failed:
        return COULD_NOT
    return 1 if check and changes else 0


def _print_diffs(changes: Sequence[FileChange]) -> None:
    from dockerslim.output.diff import path_in_diff, proven_diff

    for change in changes:
        sys.stdout.buffer.write(proven_diff(change.before, change.after, path_in_diff(change.path, Path.cwd())))
    sys.stdout.buffer.flush()


def _print_names(changes: Sequence[FileChange]) -> None:
    from dockerslim.fleet.fix_all import shown

    for change in changes:
        typer.echo(f"would change {shown(change.path)}")


def _write(changes: Sequence[FileChange], *, quiet: bool) -> int:
    """Writes each file; a file that can't be written is told and doesn't stop the others. Returns how many failed."""
    from dockerslim.cli.talk import say
    from dockerslim.fleet.fix_all import shown
    from dockerslim.output.read import InputError
    from dockerslim.output.report import render_error
    from dockerslim.output.write import write_atomically

    failed = 0
    for change in changes:
        try:
            written = write_atomically(change.path, change.after, expected=change.before, follow_symlink=True)
        except InputError as error:
            say(render_error(error.message, error.help))
            failed += 1
            continue
        if written and not quiet:
            say(f"{'created' if change.before is None else 'rewrote'} {shown(change.path)}\n")
    return failed


def _fix_stdin(
    transforms: Sequence[Transform],
    options: Options,
    context: Path | None,
    *,
    write: bool,
    check: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """The diff, or with --write the whole new text. No other file is made."""
    from dataclasses import replace

    from dockerslim.cli.talk import COULD_NOT, say_outcome
    from dockerslim.fleet.fix_all import fix_data
    from dockerslim.output.diff import proven_diff

    data = sys.stdin.buffer.read()
    folder = context or Path()
    outcome = fix_data(data, folder / "Dockerfile", transforms, replace(options, can_write_ignore=False), folder)
    if not quiet or outcome.failure is not None:
        say_outcome(replace_shown(outcome), verbose=verbose)
    after = outcome.change.after if outcome.change is not None else data
    if write:
        sys.stdout.buffer.write(after)
    elif not check:
        sys.stdout.buffer.write(proven_diff(data, after, "Dockerfile"))
    sys.stdout.buffer.flush()
    if outcome.failure is not None:
        return COULD_NOT
    return 1 if check and after != data else 0


def replace_shown(outcome: Outcome) -> Outcome:
    """Messages name standard input, not a file that may not exist."""
    from dataclasses import replace

    result = replace(outcome.result, path="<stdin>") if outcome.result is not None else None
    return replace(outcome, shown="<stdin>", result=result)
