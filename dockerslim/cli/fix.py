"""`dockerslim fix`: its options."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dockerslim.engine.registry import Selection

STDIN = "-"
RUNTIMES = ("auto", "distroless", "slim", "alpine")


def fix(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Dockerfiles, folders to search (this one if none is named), or - for standard input.",
            show_default=False,
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
            metavar="|".join((*RUNTIMES, "IMAGE")),
            help="The image of the runtime stage.",
            show_default=True,
        ),
    ] = "auto",
    context: Annotated[
        str | None, typer.Option("--context", metavar="DIR", help="The build context, where it can't be told.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no refusals and no counts.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say why each change is made; show traces.")] = False,
) -> None:
    """Print the rewrite of Dockerfiles as a diff that `git apply` takes, or make it with --write.

    Exit code: 0 if all went well, 1 if --check found something to do, 2 if a file could not be read.
    """
    from dockerslim.cli.run_fix import Request, fix_paths, fix_stdin
    from dockerslim.cli.talk import stop
    from dockerslim.engine.transform import Options

    named = paths or ["."]
    if write and check:
        stop("--write and --check exclude each other", "use one of them")
    if quiet and verbose:
        stop("--quiet and --verbose exclude each other", "use one of them")
    if STDIN in named and len(named) > 1:
        stop("- can't be combined with other paths", "run dockerslim once for standard input")
    if "" in named:
        stop("a path is empty", "name a Dockerfile or a folder, or nothing for the working folder")
    if context is not None and not os.path.isdir(context):  # noqa: PTH112 (Path.is_dir may raise)
        stop(f"the build context `{context}` is not a folder", "name the folder that `docker build` is given")
    _check_runtime(runtime)
    request = Request(
        selection=_selection(select or (), ignore or ()),
        options=Options(unsafe=unsafe, runtime=runtime),
        context=None if context is None else Path(context),
        write=write,
        check=check,
        quiet=quiet,
        verbose=verbose,
    )
    sys.exit(fix_stdin(request) if named == [STDIN] else fix_paths(named, request))


def _check_runtime(runtime: str) -> None:
    from dockerslim.cli.talk import stop
    from dockerslim.images.reference import ImageReference

    if runtime not in RUNTIMES and ImageReference.parse(runtime) is None:
        stop(f"`{runtime}` names no image", f"give --runtime one of {', '.join(RUNTIMES)}, or an image")


def _selection(select: Sequence[str], ignore: Sequence[str]) -> Selection:
    from dockerslim.cli.talk import stop
    from dockerslim.engine.registry import UnknownTransform, choose

    try:
        return choose(_ids(select), _ids(ignore))
    except UnknownTransform as error:
        stop(f"no transform is called `{error.name}`", error.help)


def _ids(values: Sequence[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",")]
