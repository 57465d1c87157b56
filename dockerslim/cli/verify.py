"""`dockerslim verify`: its options."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dockerslim.cli import rewrite_options as rewrite
from dockerslim.cli import run_options as run

FORMATS = ("text", "json", "markdown")


def verify(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="Dockerfiles, or folders to search (this one if none is named).", show_default=False
        ),
    ] = None,
    select: rewrite.Select = None,
    ignore: rewrite.Ignore = None,
    unsafe: rewrite.Unsafe = False,
    runtime: rewrite.Runtime = "auto",
    context: rewrite.Context = None,
    engine: run.Engine = None,
    builder: run.Builder = None,
    build_arg: run.BuildArgument = None,
    secret: run.Secret = None,
    ssh: run.Ssh = None,
    env: run.Environment = None,
    env_file: run.EnvironmentFile = None,
    platform: run.Platform = None,
    target: run.Target = None,
    probe: run.Probe = None,
    probe_run: run.ProbeRun = None,
    allow_network: run.AllowNetwork = False,
    no_times: run.NoTimes = False,
    probe_image: run.ProbeImage = None,
    memory: run.Memory = None,
    cpus: run.Cpus = None,
    build_timeout: run.BuildTimeout = None,
    start_timeout: run.StartTimeout = None,
    log_dir: run.LogDirectory = None,
    output_format: Annotated[
        str, typer.Option("--output-format", metavar="|".join(FORMATS), help="How the report is written.")
    ] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the report alone, no progress.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print each step of the builds; show traces.")
    ] = False,
) -> None:
    """Build Dockerfiles as they are and as rewritten, run both, and compare size, build times and behaviour.

    This builds the Dockerfile and runs its image: the project's code is run, in containers without extra privileges
    and without outside network unless --allow-network (builds reach the network, as yours do). No file of yours is
    changed, and what is made in the engine is removed at the end.

    Exit code: 0 if all behave the same, 1 if one behaves differently, 2 if it could not be told.
    """
    from dockerslim.cli.run_verify import VerifyRequest, verify_paths
    from dockerslim.cli.talk import stop
    from dockerslim.cli.verify_options import verify_options
    from dockerslim.verify.rewriting import Rewrites

    named = paths or ["."]
    rewrite.check_paths(named)
    rewrite.check_talk(quiet, verbose)
    if "-" in named:
        stop("standard input can't be verified", "name a Dockerfile; its build context is needed, too")
    if output_format not in FORMATS:
        stop(f"no output format is called `{output_format}`", f"give --output-format one of {', '.join(FORMATS)}")
    arguments = run.RunArguments(
        engine=engine,
        builder=builder,
        build_arg=build_arg,
        secret=secret,
        ssh=ssh,
        env=env,
        env_file=env_file,
        platform=platform,
        target=target,
        probe=probe,
        probe_run=probe_run,
        allow_network=allow_network,
        no_times=no_times,
        probe_image=probe_image,
        memory=memory,
        cpus=cpus,
        build_timeout=build_timeout,
        start_timeout=start_timeout,
        log_dir=log_dir,
    )
    request = VerifyRequest(
        rewrites=Rewrites(
            rewrite.selection(select or (), ignore or ()),
            rewrite.rewrite_options(unsafe, runtime),
            rewrite.context_folder(context),
        ),
        verify=verify_options(arguments),
        output_format=output_format,
        quiet=quiet,
        verbose=verbose,
    )
    sys.exit(verify_paths(named, request))
