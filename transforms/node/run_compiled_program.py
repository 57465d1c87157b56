"""Run a program that Bun has compiled in an image without Bun.

What it does: where the last stage starts what `bun build --compile` made, and no more, it starts from distroless'
`base`, which has the C library, certificates and time zones.
Why: the program holds Bun and all that it loads; a second Bun, a shell and a package manager are only size.
Left alone: a program on musl; a file that a person asked another `--runtime` for.
Refused: a stage that runs commands or has a health check, a user or an owner by name, packages with native parts, a
program that starts others.
Safety: safe. The program is linked to the C library alone, and to a version that every supported Debian has.
Sources: https://bun.com/docs/bundler/executables, https://github.com/GoogleContainerTools/distroless
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Stage
from dockerslim.dockerfile.layout import cased, insert_after
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.images.runtime import distroless
from dockerslim.split.checks import check_instructions
from dockerslim.split.node.self_contained import compiled_program
from dockerslim.split.node.start import NodeStart, loads_of, node_start, service_commands
from dockerslim.split.refused import Refused, refuse_unknown
from dockerslim.split.start import Start, start_of

KEPT = frozenset("ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE LABEL MAINTAINER STOPSIGNAL USER VOLUME WORKDIR".split())
HELP = "start from a slim image, which has a shell"
FILES = {
    "package.json": '{"scripts": {"compile": "bun build --compile --outfile=server src/index.ts"}}\n',
    "src/index.ts": "Bun.serve({ fetch: () => new Response('hello') })\n",
}
BUILD = "FROM oven/bun:1 AS build\nWORKDIR /app\nCOPY . .\nRUN bun install && bun run compile\n\n"
RUN = 'WORKDIR /app\nCOPY --from=build /app/server ./server\nCMD ["./server"]\n'

transform = Transform(
    id="run-compiled-program",
    title="Run a program that Bun has compiled without Bun",
    languages=frozenset({"node"}),
    after=frozenset({"split-stages", "replace-runtime-image"}),
    changes=frozenset({"ENTRYPOINT"}),
    examples=(
        Example(
            "a server",
            BUILD + "FROM oven/bun:1-slim\n" + RUN,
            BUILD + "FROM gcr.io/distroless/base-debian13\n" + RUN,
            FILES,
        ),
        Unchanged(
            "Bun runs the source",
            BUILD + 'FROM oven/bun:1-slim\nCOPY --from=build /app /app\nWORKDIR /app\nCMD ["bun", "src/index.ts"]\n',
            context=FILES,
        ),
        Unchanged(
            "a health check",
            BUILD + "FROM oven/bun:1-slim\nHEALTHCHECK CMD bun --version\n" + RUN,
            reason="HEALTHCHECK needs programs, and there are none in a distroless image",
            context=FILES,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.states[stage.index].final.image
    start = start_of(case, stage)
    if image is None or image.family != "bun" or image.libc != "glibc" or start is None or start.words is None:
        return
    if case.states[stage.index].base_stage is not None or case.options.runtime not in ("auto", "distroless"):
        return
    node = node_start(case, stage, start)
    program = compiled_program(node) if node is not None else None
    if node is None or program is None or "musl" in program.target or "/" not in start.words[0]:
        return
    if not any(placement.stage is not None for placement in case.files(stage).placements):
        return  # it is built here
    try:
        yield _fix(case, stage, start, node, image)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _fix(case: Case, stage: Stage, start: Start, node: NodeStart, image: Image) -> Fix:
    check_instructions(case, stage)
    _check_stage(stage)
    _check_program(case, stage, start, node)
    target = distroless("base", nonroot=False)
    edits = [Edit(stage.from_.words[0].span, target)]
    workdir = image.config.working_dir if image.config is not None else "/"
    first = stage.last("WORKDIR")
    if first is None:
        edits.append(insert_after(case.dockerfile, stage.from_, cased(f"WORKDIR {workdir}\n", case.dockerfile)))
    elif not all(instruction.value.startswith("/") for instruction in stage.all("WORKDIR")[:1]):
        raise Refused(first.span, f"the work folder counts from `{workdir}` of the image", "write the whole path")
    return Fix(
        tuple(edits),
        why=f"the program holds Bun itself: the image is {target}",
        place=stage.from_.span,
        caution="nobody can open a shell in the container",
    )


def _check_stage(stage: Stage) -> None:
    for instruction in stage.instructions:
        is_none = instruction.keyword == "HEALTHCHECK" and instruction.value.upper() == "NONE"
        if instruction.keyword not in KEPT and not is_none:
            raise Refused(
                instruction.span,
                f"{instruction.keyword} needs programs, and there are none in a distroless image",
                HELP,
            )
        named = instruction.flag_value("chown") or (instruction.value if instruction.keyword == "USER" else "0")
        if not all(part.isdecimal() for part in named.split(":")):
            raise Refused(instruction.span, f"there is no user `{named}` in a distroless image", "name a number")


def _check_program(case: Case, stage: Stage, start: Start, node: NodeStart) -> None:
    if service_commands(case, node.project, node.folder):
        raise Refused(start.span, "a compose file runs something else in the image", HELP)
    addon = next((addon for addon in node.project.native_addons if not addon.development), None)
    if addon is not None:
        raise Refused(stage.from_.span, f"`{addon.name}` may need libraries of the system ({addon.evidence})", HELP)
    loads = loads_of(node)
    for use in loads.programs if loads is not None else ():
        raise Refused(start.span, f"the program starts `{use.path}` ({use.evidence})", HELP)
    if loads is None or loads.unknown_programs or not loads.complete:
        evidence = (*loads.unknown_programs, *loads.unresolved)[0] if loads is not None else ""
        refused = Refused(start.span, f"whether the program starts others is not known ({evidence})", HELP)
        refuse_unknown(case.options, refused)
