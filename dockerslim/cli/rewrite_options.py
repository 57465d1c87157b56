"""The options of every command that rewrites: which files, which transforms, which runtime image, which context."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dockerslim.engine.registry import Selection
    from dockerslim.engine.transform import Options

RUNTIMES = ("auto", "distroless", "slim", "alpine", "nginx")

Select = Annotated[
    list[str] | None, typer.Option("--select", metavar="ID", help="Run only this transform; may be repeated.")
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="ID", help="Leave this transform out; may be repeated.")
]
Unsafe = Annotated[bool, typer.Option("--unsafe", help="Apply fixes that may change how the image is used, too.")]
Runtime = Annotated[
    str,
    typer.Option(
        "--runtime", metavar="|".join((*RUNTIMES, "IMAGE")), help="The image of the runtime stage.", show_default=True
    ),
]
Context = Annotated[
    str | None, typer.Option("--context", metavar="DIR", help="The build context, where it can't be told.")
]


def check_paths(named: Sequence[str]) -> None:
    """Stops where a path is empty, as from a variable that isn't set."""
    from dockerslim.cli.talk import stop

    if "" in named:
        stop("a path is empty", "name a Dockerfile or a folder, or nothing for the working folder")


def check_talk(quiet: bool, verbose: bool) -> None:
    """Stops where less and more is asked for."""
    from dockerslim.cli.talk import stop

    if quiet and verbose:
        stop("--quiet and --verbose exclude each other", "use one of them")


def context_folder(context: str | None) -> Path | None:
    """The folder that was named; stops where it is none."""
    from dockerslim.cli.talk import stop

    if context is None:
        return None
    if not os.path.isdir(context):  # noqa: PTH112 (Path.is_dir may raise)
        stop(f"the build context `{context}` is not a folder", "name the folder that `docker build` is given")
    return Path(context)


def rewrite_options(unsafe: bool, runtime: str) -> Options:
    """What transforms are told; stops where `runtime` names no image."""
    from dockerslim.cli.talk import stop
    from dockerslim.engine.transform import Options
    from dockerslim.images.reference import ImageReference

    if runtime not in RUNTIMES and ImageReference.parse(runtime) is None:
        stop(f"`{runtime}` names no image", f"give --runtime one of {', '.join(RUNTIMES)}, or an image")
    return Options(unsafe=unsafe, runtime=runtime)


def selection(select: Sequence[str], ignore: Sequence[str]) -> Selection:
    """The transforms that are left; stops where one is not known."""
    from dockerslim.cli.talk import stop
    from dockerslim.engine.registry import UnknownTransform, choose

    try:
        return choose(_ids(select), _ids(ignore))
    except UnknownTransform as error:
        stop(f"no transform is called `{error.name}`", error.help)


def _ids(values: Sequence[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",")]
