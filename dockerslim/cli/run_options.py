"""The options of every command that builds and runs, as the command line has them: texts and flags."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

import typer

Engine = Annotated[
    str | None, typer.Option("--engine", metavar="auto|docker|podman", help="The client of the engine that is used.")
]
Builder = Annotated[
    str | None, typer.Option("--builder", metavar="NAME", help="The buildx builder, such as a remote one.")
]
BuildArgument = Annotated[
    list[str] | None,
    typer.Option(
        "--build-arg",
        metavar="KEY[=VALUE]",
        help="A build argument; KEY alone takes the environment's value. May be repeated.",
    ),
]
Secret = Annotated[
    list[str] | None,
    typer.Option("--secret", metavar="id=ID[,src=PATH]", help="A secret of the build, as for `docker build`."),
]
Ssh = Annotated[
    str | None, typer.Option("--ssh", metavar="default|ID=SOCKET", help="The SSH agent for the build to use.")
]
Environment = Annotated[
    list[str] | None,
    typer.Option(
        "--env",
        metavar="KEY[=VALUE]",
        help="A variable of the program; KEY alone takes the environment's value. May be repeated.",
    ),
]
EnvironmentFile = Annotated[
    list[str] | None,
    typer.Option("--env-file", metavar="PATH", help="A file of variables of the program. May be repeated."),
]
Platform = Annotated[
    str | None, typer.Option("--platform", metavar="OS/ARCH", help="The platform to build and run for.")
]
Target = Annotated[str | None, typer.Option("--target", metavar="STAGE", help="The stage to build and run.")]
Probe = Annotated[
    list[str] | None,
    typer.Option(
        "--probe",
        metavar="'GET /x'",
        help="A request to compare the answers to, [METHOD] [:PORT]/PATH. May be repeated.",
    ),
]
ProbeRun = Annotated[
    list[str] | None,
    typer.Option(
        "--probe-run",
        metavar="'WORDS'",
        help="Compare `docker run IMAGE WORDS`, too: its exit code and output. May be repeated.",
    ),
]
AllowNetwork = Annotated[
    bool, typer.Option("--allow-network", help="Let the program reach the network outside while it runs.")
]
NoTimes = Annotated[
    bool, typer.Option("--no-times", help="Compare behaviour and sizes only; time no builds and compress no layers.")
]
ProbeImage = Annotated[
    str | None,
    typer.Option("--probe-image", metavar="IMAGE", help="An image with busybox, to ask from. [default: alpine:3]"),
]
Memory = Annotated[str | None, typer.Option("--memory", metavar="SIZE", help="What a container may use. [default: 2g]")]
Cpus = Annotated[str | None, typer.Option("--cpus", metavar="NUMBER", help="What a container may use. [default: 2]")]
BuildTimeout = Annotated[
    str | None, typer.Option("--build-timeout", metavar="TIME", help="The longest a build may take. [default: 30m]")
]
StartTimeout = Annotated[
    str | None,
    typer.Option("--start-timeout", metavar="TIME", help="The longest the program may take to come up. [default: 60s]"),
]
LogDirectory = Annotated[
    str | None, typer.Option("--log-dir", metavar="DIR", help="Where logs of what failed are kept.")
]


@dataclass(frozen=True, slots=True)
class RunArguments:
    """What was given of the options above; a field has its option's name."""

    engine: str | None = None
    builder: str | None = None
    build_arg: list[str] | None = None
    secret: list[str] | None = None
    ssh: str | None = None
    env: list[str] | None = None
    env_file: list[str] | None = None
    platform: str | None = None
    target: str | None = None
    probe: list[str] | None = None
    probe_run: list[str] | None = None
    allow_network: bool = False
    no_times: bool = False
    probe_image: str | None = None
    memory: str | None = None
    cpus: str | None = None
    build_timeout: str | None = None
    start_timeout: str | None = None
    log_dir: str | None = None

    def given(self) -> tuple[str, ...]:
        """The options that stood on the command line."""
        return tuple(
            "--" + field.name.replace("_", "-")
            for field in fields(self)
            if getattr(self, field.name) not in (None, False, [])
        )
