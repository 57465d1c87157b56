"""Run a Node program in an image that holds Node and nothing else.

What it does: with `--runtime distroless`, the runtime stage starts from `gcr.io/distroless/nodejs…`, and
`CMD ["node", "server.js"]` becomes `CMD ["server.js"]`, since that image's entrypoint is node.
Why: there is no shell and no package manager in it that an attacker could use.
Left alone: every file without `--runtime distroless`.
Refused: a tag that doesn't say the line of Node, or one of which there is no such image; a command that is more than
`node file`; a stage that runs commands of its own, a health check, a program that starts others; packages whose native
part needs libraries of the system.
Safety: unsafe, and `--runtime distroless` says the same: nobody can open a shell in the container.
Source: https://github.com/GoogleContainerTools/distroless/tree/main/nodejs
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Stage
from dockerslim.engine.transform import Case, Example, Fix, Options, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.images.runtime import distroless_node
from dockerslim.split.node.start import NodeStart, loads_of, node_start, service_commands
from dockerslim.split.refused import Refused, refuse_unknown
from dockerslim.split.start import Start, start_of

DISTROLESS = Options(runtime="distroless")
FILES = {"package.json": '{"dependencies": {"ms": "2.1.3"}}\n', "server.js": "require('ms')\n"}
BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\n\n"
COPIES = "WORKDIR /app\nCOPY --from=build /app/node_modules ./node_modules/\nCOPY . .\n"
WITHOUT = "leave `--runtime distroless` out"
RUN_TIME = "the last stage runs a command, and there is no shell in a distroless image"

transform = Transform(
    id="use-distroless",
    title="Run the Node program in a distroless image",
    languages=frozenset({"node"}),
    after=frozenset({"node/split-stages", "node/replace-runtime-image"}),
    changes=frozenset({"CMD", "ENTRYPOINT", "ENV SSL_CERT_FILE"}),
    examples=(
        Example(
            "a program that node starts",
            BUILD + "FROM node:22-slim\n" + COPIES + 'CMD ["node", "server.js"]\n',
            BUILD + "FROM gcr.io/distroless/nodejs22-debian13\n" + COPIES + 'CMD ["server.js"]\n',
            FILES,
            options=DISTROLESS,
        ),
        Unchanged(
            "nobody asked for it", BUILD + "FROM node:22-slim\n" + COPIES + 'CMD ["node", "server.js"]\n', context=FILES
        ),
        Unchanged(
            "npm is not in that image",
            BUILD + "FROM node:22-slim\n" + COPIES + 'CMD ["npm", "start"]\n',
            reason="the command is more than `node` and a file, and there is nothing else in a distroless image",
            context={**FILES, "package.json": '{"scripts": {"start": "PORT=80 node server.js"}}\n'},
            options=DISTROLESS,
        ),
        Unchanged(
            "a line of Node that has none",
            BUILD + "FROM node:20-slim\n" + COPIES + 'CMD ["node", "server.js"]\n',
            reason="there is no distroless image that surely runs what `node:20-slim` does",
            context=FILES,
            options=DISTROLESS,
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.states[stage.index].final.image
    start = start_of(case, stage)
    if image is None or image.family != "node" or start is None or not _is_asked_for(case):
        return
    try:
        yield _fix(case, stage, start, image)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _is_asked_for(case: Case) -> bool:
    wanted = case.catalogue.lookup(case.options.runtime) if "/" in case.options.runtime else None
    return case.options.runtime == "distroless" or (wanted is not None and wanted.family == "distroless")


def _fix(case: Case, stage: Stage, start: Start, image: Image) -> Fix:
    target = distroless_node(image, nonroot=False)
    if target is None or case.states[stage.index].base_stage is not None or "$" in stage.base:
        raise Refused(
            stage.from_.span,
            f"there is no distroless image that surely runs what `{stage.base}` does",
            "name a line of Node that is supported in the tag, such as `node:22`",
        )
    _check_stage(stage)
    node = _checked_program(case, stage, start)
    base = stage.from_.words[0]
    return Fix(
        (Edit(base.span, target), *_command_edits(stage, start, node)),
        why=f"the image holds node and no shell: it is {target}",
        place=start.span,
        caution="nobody can open a shell in the container",
    )


def _check_stage(stage: Stage) -> None:
    for instruction in stage.instructions:
        if instruction.keyword == "RUN":
            raise Refused(instruction.span, RUN_TIME, "run it in the build stage")
        if instruction.keyword == "HEALTHCHECK" and instruction.value.upper() != "NONE":
            raise Refused(
                instruction.span,
                "a health check runs a program, and there is none but node in a distroless image",
                "let whoever runs the container ask it",
            )
        if instruction.keyword == "USER" and not instruction.value.partition(":")[0].isdecimal():
            raise Refused(
                instruction.span, f"there is no user `{instruction.value}` in a distroless image", "name a number"
            )


def _checked_program(case: Case, stage: Stage, start: Start) -> NodeStart:
    node = node_start(case, stage, start)
    loads = loads_of(node) if node is not None else None
    if node is None or loads is None or service_commands(case, node.project, node.folder):
        raise Refused(start.span, "which program runs in the image is not known", "start it with `node` and its file")
    for use in loads.programs:
        raise Refused(start.span, f"the program starts `{use.path}` ({use.evidence})", WITHOUT)
    if loads.unknown_programs or not loads.complete:
        evidence = (*loads.unknown_programs, *loads.unresolved)[0]
        refuse_unknown(
            case.options,
            Refused(start.span, f"whether the program starts others is not known ({evidence})", WITHOUT),
        )
    for addon in node.project.native_addons:
        if addon.development or addon.self_contained:
            continue
        raise Refused(
            stage.from_.span,
            f"`{addon.name}` needs programs or libraries of the system ({addon.evidence})",
            WITHOUT,
        )
    return node


def _command_edits(stage: Stage, start: Start, node: NodeStart) -> Iterator[Edit]:
    """node is the entrypoint there: it goes from the CMD, and has another path in an ENTRYPOINT."""
    cmd, entrypoint = stage.last("CMD"), stage.last("ENTRYPOINT")
    words = start.words
    if words is not None and entrypoint is None and cmd is not None and cmd.json:
        plain = words if _is_file(words) else _script_words(node)
        if plain is not None:
            yield Edit(cmd.arguments_span, json.dumps(list(plain[1:]), ensure_ascii=False))
            return
    if entrypoint is not None and entrypoint.json and words is not None and _is_file(words):
        text = json.dumps(["/nodejs/bin/node", *entrypoint.json[1:]], ensure_ascii=False)
        yield Edit(entrypoint.arguments_span, text)
        return
    raise Refused(
        start.span,
        "the command is more than `node` and a file, and there is nothing else in a distroless image",
        'write `CMD ["node", "server.js"]`, with the file that the script starts',
    )


def _is_file(words: tuple[str, ...]) -> bool:
    return words[:1] == ("node",) and len(words) > 1 and not words[1].startswith("-")


def _script_words(node: NodeStart) -> tuple[str, ...] | None:
    """What `npm start` runs, where that is node with a file and nothing of npm's environment is read."""
    command, loads = node.command, loads_of(node)
    if node.project.manager == "yarn-berry" and "yarn" in command.package_managers:
        return None  # it may tell node first where the packages are
    if len(command.scripts) != 1 or len(command.programs) != 1 or command.needs_shell_features or command.environment:
        return None
    if loads is None or loads.reads_package_environment or not _is_file(command.programs[0]):
        return None
    return command.programs[0]
