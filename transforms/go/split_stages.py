"""Build a Go program in one stage and run it in another, on the smallest image that can run it.

What it does: the stage becomes a build stage; a new stage below it holds the program, the files that it reads at run
time and everything that the author said of the image (ENV, EXPOSE, LABEL, HEALTHCHECK, CMD).
Why: the compiler, the source and the caches are needed once, and are most of the image.
Where it runs: without cgo on distroless static (certificates, time zones, no shell); with cgo on an image with the
same C library, no older than the build's; where a shell or a system package is needed, on the same distribution.
Paths and work folder stay as they were, so that other commands given to the image go on working.
Refused: a command whose effects are not known, a program that is not built here, a development server, a compose file
that mounts the source over the work folder.
Safety: safe for what is shown; anything that can't be shown is a refusal.
Sources: https://docs.docker.com/build/building/multi-stage/, https://github.com/GoogleContainerTools/distroless
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.dockerfile import Instruction, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.split.go.assets import Copy, copies, extra_path
from dockerslim.split.go.image import runtime_image
from dockerslim.split.go.libc import static_edits
from dockerslim.split.go.placement import BUILD_VARIABLES, moves, runs
from dockerslim.split.go.purpose import Built, GoStage, read_stage
from dockerslim.split.go.runtime_packages import base_needs, runtime_packages
from dockerslim.split.go.stage import go_commands
from dockerslim.split.go.start import check_programs, checked_start, needed_programs, started_program
from dockerslim.split.go.started import Started
from dockerslim.split.moving import Block, blocks, cut, free_stage_name
from dockerslim.split.package_lines import PackageStyle, package_style
from dockerslim.split.refused import Refused
from dockerslim.split.templates import render

NO_MODULE = "there is no go.mod around"
MODULE = "module example.com/app\n\ngo 1.23\n"
SERVER = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
CONTEXT = {"go.mod": MODULE, "main.go": SERVER}

transform = Transform(
    id="split-stages",
    title="Run the Go program in an image of its own",
    languages=frozenset({"go"}),
    after=frozenset({"copy-dependencies-first", "use-exec-form"}),
    changes=frozenset({"ENV PATH", *(f"ENV {name}" for name in BUILD_VARIABLES)}),
    examples=(
        Example(
            "a static program",
            'FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\nEXPOSE 8080\nCMD ["./app"]\n',
            "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n\n"
            "FROM gcr.io/distroless/static-debian13\nWORKDIR /src\nCOPY --from=build /src/app ./\n"
            'EXPOSE 8080\nCMD ["./app"]\n',
            CONTEXT,
        ),
        Unchanged(
            "a script that may write anything",
            'FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN ./prepare.sh && go build -o app .\nCMD ["./app"]\n',
            reason="what `./prepare.sh` writes is not known",
            context=CONTEXT,
        ),
        Unchanged(
            "a stage of its own already",
            "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n\nFROM scratch\n"
            'COPY --from=build /src/app /app\nCMD ["/app"]\n',
            context=CONTEXT,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class RuntimeStage:
    """What fills templates/go/runtime_stage.dockerfile.jinja."""

    options: str
    """The flags of FROM, each with a blank behind it."""
    image: str
    name: str | None
    build: str
    above: Sequence[Block]
    debian_packages: Sequence[str]
    alpine_packages: Sequence[str]
    style: PackageStyle
    extra_path: str
    """A folder that must stay on the PATH."""
    copies: Sequence[Copy]
    as_user: Sequence[Block]
    """The author's text from the first USER on, which must not stand above an installation."""
    below: Sequence[Block]


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.states[stage.index].final.image
    if image is None or image.family != "golang" or case.states[stage.index].base_stage is not None:
        return
    is_only = len(case.dockerfile.stages) == 1
    if not is_only and not any(command.verb in ("build", "install") for command in go_commands(case, stage)):
        return
    try:
        yield _plan_split(case, stage)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _plan_split(case: Case, stage: Stage) -> Fix:
    start = checked_start(case, stage)
    found = read_stage(case, stage)
    if found.unknown:
        unknown = found.unknown[0]
        if unknown.reason.startswith(NO_MODULE):
            raise Refused(
                unknown.span,
                f"`{_short(unknown.name)}` finds no go.mod in the image",
                "copy go.mod and go.sum to where it runs",
                "since Go 1.16 it builds packages of a module only",
            )
        raise Refused(
            unknown.span,
            f"what `{_short(unknown.name)}` writes is not known",
            "build without it, or split by hand and copy what it makes",
            unknown.reason or "the runtime stage may need files from here",
        )
    main = started_program(case, start, found)
    programs = needed_programs(case, found, main)
    for built in programs:
        if built.package is None:
            continue
        check_programs(built)
    image, links_libc = runtime_image(case, stage, start, found, programs)
    edits = static_edits(case, case.final.final.image, programs) if not links_libc else []
    build = free_stage_name(case.dockerfile)
    facts = _runtime_stage(case, stage, start, found, programs, image, build)
    moving = [i for i in stage.instructions if moves(stage, i) or _makes_runtime_user(stage, found, i)]
    runtime = render("go/runtime_stage.dockerfile.jinja", facts)
    edits.extend(cut(case, stage, build, runtime, moving))
    return Fix(tuple(edits), why=f"the image no longer holds the Go toolchain: it is {image}", place=stage.from_.span)


def _makes_runtime_user(stage: Stage, found: GoStage, instruction: Instruction) -> bool:
    """Is it a RUN that makes a user whom the build stage has no use for?"""
    if instruction not in found.users:
        return False
    later = [i for i in stage.all("COPY", "ADD", "USER") if i.span.start > instruction.span.start]
    named = [i for i in later if (i.flag_value("chown") or "0")[0].isalpha() or i.keyword == "USER"]
    return not any(i.keyword != "USER" or not moves(stage, i) for i in named)


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "..."


def _runtime_stage(
    case: Case, stage: Stage, start: Started, found: GoStage, programs: list[Built], image: str, build: str
) -> RuntimeStage:
    state = case.final.final
    workdir = state.workdir or "/"
    steps = [i for i in stage.all("COPY", "ADD", "RUN") if i not in found.users]
    first_copy = next((i.span.start for i in steps), 0)
    runtime = [i for i in stage.instructions if runs(stage, i) or i in found.users]
    moving = [i for i in runtime if moves(stage, i) or _makes_runtime_user(stage, found, i)]
    above = blocks(case, stage, [i for i in runtime if i.span.start < first_copy and i.keyword != "WORKDIR"], moving)
    below = blocks(case, stage, [i for i in runtime if i.span.start > first_copy and i.keyword != "WORKDIR"], moving)
    last = stage.last("WORKDIR")
    place = last or stage.from_
    text = (
        f"{last.keyword_span.cut(case.dockerfile.text)} {last.value}\n"
        if last is not None and last.value.startswith("/")
        else f"WORKDIR {workdir}\n"
    )
    folder = Block(text, place)
    index = sum(1 for block in above if block.instruction.span.start < place.span.start and last is not None)
    above.insert(index, folder)
    packages, dropped = runtime_packages(case, stage, start, found, programs)
    is_distroless = "/distroless/" in image
    if not is_distroless:
        packages = [*base_needs(case, image, found, programs, dropped), *packages]
    # What makes users comes after the package that brings `adduser`.
    below_packages = found.users if "adduser" in packages else []
    is_below = [block.instruction.keyword == "USER" or block.instruction in below_packages for block in above]
    first_user = next((n for n, is_user in enumerate(is_below) if is_user), len(above))
    alpine = image.split("/")[-1].startswith("alpine")
    flags = [flag for flag in stage.from_.flags if "BUILDPLATFORM" not in (flag.value or "")]
    return RuntimeStage(
        "".join(f"{flag.span.cut(case.dockerfile.text)} " for flag in flags),
        image,
        stage.from_.words[2].text if stage.name else None,
        build,
        above[:first_user],
        () if alpine else tuple(packages),
        tuple(packages) if alpine else (),
        package_style(case, stage),
        extra_path(case, start, found, image),
        copies(case, stage, start, found, programs, workdir),
        above[first_user:],
        below,
    )
