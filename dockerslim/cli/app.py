"""Puts the commands together."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerslim import __version__
from dockerslim.cli.explain import explain
from dockerslim.cli.fix import fix
from dockerslim.cli.list import list_transforms
from dockerslim.cli.plain_command import PlainCommand, PlainGroup
from dockerslim.cli.verify import verify

app = typer.Typer(
    name="dockerslim",
    cls=PlainGroup,
    help="Rewrite Dockerfiles: build and runtime stages, dependencies first, cache mounts, a non-root user.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("fix", cls=PlainCommand)(fix)
app.command("verify", cls=PlainCommand)(verify)
app.command("list")(list_transforms)
app.command("explain")(explain)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"dockerslim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass
