"""`dockerslim fix`: its options."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dockerslim.cli import rewrite_options as rewrite
from dockerslim.cli import run_options as run

if TYPE_CHECKING:
    from dockerslim.verify.options import VerifyOptions

STDIN = "-"


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
    select: rewrite.Select = None,
    ignore: rewrite.Ignore = None,
    unsafe: rewrite.Unsafe = False,
    runtime: rewrite.Runtime = "auto",
    context: rewrite.Context = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Build and run before and after, and keep only what behaves the same. This runs the project's code.",
        ),
    ] = False,
    engine: run.Engine = None,
    builder: run.Builder = None,
    build_arg: run.BuildArgument = None,
    secret: run.Secret = None,
    ssh: run.Ssh = None,
    env: run.Environment = None,
    env_file: run.EnvironmentFile = None,
    platform: run.Platform = None,
    probe: run.Probe = None,
    probe_run: run.ProbeRun = None,
    allow_network: run.AllowNetwork = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no refusals and no counts.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say why each change is made; show traces.")] = False,
) -> None:
    """Print the rewrite of Dockerfiles as a diff that `git apply` takes, or make it with --write.

    Exit code: 0 if all went well, 1 if --check found something to do, 2 if a file could not be read.
    """
    from dockerslim.cli.fix_request import FixRequest
    from dockerslim.cli.run_fix import fix_paths, fix_stdin
    from dockerslim.cli.talk import stop

    named = paths or ["."]
    if write and check:
        stop("--write and --check exclude each other", "use one of them")
    rewrite.check_talk(quiet, verbose)
    if STDIN in named and len(named) > 1:
        stop("- can't be combined with other paths", "run dockerslim once for standard input")
    if STDIN in named and verify:
        stop("standard input can't be verified", "name a Dockerfile; its build context is needed, too")
    rewrite.check_paths(named)
    arguments = run.RunArguments(
        engine=engine,
        builder=builder,
        build_arg=build_arg,
        secret=secret,
        ssh=ssh,
        env=env,
        env_file=env_file,
        platform=platform,
        probe=probe,
        probe_run=probe_run,
        allow_network=allow_network,
    )
    request = FixRequest(
        selection=rewrite.selection(select or (), ignore or ()),
        options=rewrite.rewrite_options(unsafe, runtime),
        context=rewrite.context_folder(context),
        write=write,
        check=check,
        quiet=quiet,
        verbose=verbose,
        verify=_verify_options(arguments, verify),
    )
    sys.exit(fix_stdin(request) if named == [STDIN] else fix_paths(named, request))


def _verify_options(arguments: run.RunArguments, verify: bool) -> VerifyOptions | None:
    """None without --verify; stops where an option is given that only counts with it."""
    if not verify:
        if given := arguments.given():
            from dockerslim.cli.talk import stop

            stop(f"{given[0]} needs --verify", "without it nothing is built and run")
        return None
    from dockerslim.cli.verify_options import verify_options

    return verify_options(arguments)
