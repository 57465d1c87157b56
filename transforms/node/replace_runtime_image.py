"""Run a Node program that is built elsewhere, or needs no building, on a slim image.

What it does: the last stage of a multi-stage file, where it starts from a full Node image, starts from its slim twin.
So does the only stage of a file in which the project's packages aren't installed and nothing is built: one that runs
files as they are, or a program that `npm install --global` brings. A file on Bun's full image starts from the slim one
whatever its stages do: both have the same programs.
Why: compilers and headers are only size and programs to attack where nothing is built.
Left alone: a slim or an Alpine image; a last stage that is built from another one of the file; one that builds.
Refused: a program, a package or a health check that needs something of the full image; an install in the stage of a
package that may have to be compiled, or isn't known; on Bun's image a package of Debian's that fails to install where
the folders of manual pages are missing.
Safety: safe. The image has the same Node or Bun on the same release.
Sources: https://github.com/nodejs/docker-node#image-variants, https://github.com/oven-sh/bun/tree/main/dockerhub
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.languages.node import RuntimeLoads
from dockerslim.split.checks import check_instructions, check_use
from dockerslim.split.node.global_packages import unknown_global
from dockerslim.split.node.image_start import image_start
from dockerslim.split.node.install import NodeInstall
from dockerslim.split.node.needs import runtime_packages
from dockerslim.split.node.purpose import NodeStage, read_stage, runs_as_it_is
from dockerslim.split.node.runtime import LATER, runtime_image
from dockerslim.split.node.start import NodeStart, loads_of, node_start
from dockerslim.split.refused import Refused
from dockerslim.split.start import Start

FILES = {
    "package.json": '{"scripts": {"build": "tsc"}, "dependencies": {"ms": "2.1.3"}}\n',
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}\n',
    "src/index.ts": "import 'ms'\n",
}
NEEDS_MANUAL_FOLDERS = re.compile(r"\b(?:openjdk-\d+-j\w+|default-j(?:re|dk)|postgresql-client)[\w-]*")
"""Debian's packages whose installation links pages into folders that a slim image lacks."""
BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm install && npm run build\n\n"
RUN = 'WORKDIR /app\nCOPY --from=build /app ./\nCMD ["node", "dist/index.js"]\n'

transform = Transform(
    id="replace-runtime-image",
    title="Run the Node program on a slim image",
    languages=frozenset({"node"}),
    after=frozenset({"use-exec-form", "split-stages"}),
    examples=(
        Example("the full image once more", BUILD + f"FROM node:22\n{RUN}", BUILD + f"FROM node:22-slim\n{RUN}", FILES),
        Example(
            "Bun's full image",
            'FROM oven/bun:1\nCOPY . .\nCMD ["bun", "src/index.ts"]\n',
            'FROM oven/bun:1-slim\nCOPY . .\nCMD ["bun", "src/index.ts"]\n',
            FILES,
        ),
        Example(
            "files that run as they are",
            'FROM node:22\nWORKDIR /app\nCOPY server.js .\nCMD ["node", "server.js"]\n',
            'FROM node:22-slim\nWORKDIR /app\nCOPY server.js .\nCMD ["node", "server.js"]\n',
            {"server.js": "require('http')\n"},
        ),
        Unchanged("slim already", BUILD + f"FROM node:22-slim\n{RUN}", context=FILES),
        Unchanged(
            "a program of the full image",
            BUILD + f"FROM node:22\n{RUN}",
            reason="the slim image lacks `git`, which the program needs",
            context={**FILES, "src/index.ts": "require('child_process').execFileSync('git', ['log'])\n"},
        ),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    states = case.states[stage.index]
    image = states.final.image
    if image is None or not image.known or image.language != "node" or image.variant != "full":
        return
    if image.has_toolchain and states.base_stage is not None:
        return
    if image.has_toolchain and len(case.dockerfile.stages) == 1 and not runs_as_it_is(case, stage):
        return  # split-stages is for those
    try:
        fix = _fix(case, stage, image) if image.has_toolchain else _same_programs(case, stage, image)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)
        return
    if fix is not None:
        yield fix


def _fix(case: Case, stage: Stage, image: Image) -> Fix | None:
    start = check_use(case, stage)
    node = image_start(case, stage, start)
    if node is None:
        raise Refused(start.span, "which project of the build context runs here is not known", "copy its package.json")
    command = node.command
    if command.development_tool is not None or command.kind == "build-at-start":
        return None
    if command.kind != "server":
        why = command.unknown[0].text if command.unknown else "it is not known to be a server"
        raise Refused(start.span, f"what the command runs is not known: {why}", "start the program itself")
    check_instructions(case, stage)
    found = read_stage(case, stage, node.folder)
    if found.builds:
        return None
    for unknown in found.unknown:
        raise Refused(unknown.span, f"what `{unknown.name[:60]}` needs of the full image is not known", "run it above")
    _check_installs(stage, found, node)
    loads = loads_of(node)
    _check_packages(start, node, loads)
    runs = tuple(instruction for instruction, _, _ in found.packages)
    packages = runtime_packages(case, stage, image, found, start, node, loads, runs)
    if packages:
        raise Refused(
            stage.from_.span,
            f"the slim image lacks `{packages[0]}`, which the program needs",
            "install it in this stage, then run dockerslim again",
        )
    target = runtime_image(case, stage, image)
    base = stage.from_.words[0].span
    why = f"the image no longer holds the full image's compilers and headers: it is {target}"
    return Fix((Edit(base, target),), why=why, place=stage.from_.span)


def _same_programs(case: Case, stage: Stage, image: Image) -> Fix | None:
    """The slim twin has all programs and libraries of the image, so that nothing need be known of what runs."""
    first = _first_stage(case, stage)
    if _is_for_development(case, stage) or case.options.runtime not in ("auto", "slim", *LATER):
        return None
    if image.reference.digest is not None:
        raise Refused(
            first.from_.span,
            "the image is pinned by its digest, and that of the slim one is not known",
            f"pin {runtime_image(case, first, image)} in its place",
        )
    for instruction in (run for other in case.dockerfile.stages for run in other.all("RUN")):
        package = NEEDS_MANUAL_FOLDERS.search(case.script(instruction).source.text)
        if package is not None:
            raise Refused(
                instruction.span,
                f"`{package[0]}` may not install where the folders of manual pages are missing",
                "make them above it with `mkdir -p /usr/share/man/man1 /usr/share/man/man7`, and name the slim image",
            )
    target = runtime_image(case, first, image)
    why = f"the image no longer holds Debian's documentation and translations: it is {target}"
    return Fix((Edit(first.from_.words[0].span, target),), why=why, place=first.from_.span)


def _is_for_development(case: Case, stage: Stage) -> bool:
    """Such a file stays as it is."""
    try:
        node = node_start(case, stage, check_use(case, stage))
    except Refused:
        return True
    return node is not None and (node.command.development_tool is not None or node.command.kind == "build-at-start")


def _first_stage(case: Case, stage: Stage) -> Stage:
    """The stage of this file that starts from the base image, which others may be built from."""
    states = case.states[stage.index]
    while states.base_stage is not None:
        states = case.states[states.base_stage.index]
    return states.stage


def _check_packages(start: Start, node: NodeStart, loads: RuntimeLoads | None) -> None:
    """Without a package.json nothing tells which packages those are that the files load."""
    if node.is_loose and loads is not None and loads.packages:
        raise Refused(
            start.span,
            f"nothing says what `{min(loads.packages)}`, which the program loads, needs of the system",
            "copy its package.json",
        )


def _check_installs(stage: Stage, found: NodeStage, node: NodeStart) -> None:
    """An install runs on the slim image then: nothing may have to be compiled, or fetched by git."""
    for instruction, install in found.global_installs:
        unknown = unknown_global(install)
        if unknown:
            raise Refused(
                instruction.span,
                f"whether `{unknown}` can be installed on a slim image is not known",
                "try it on the slim image, and name that one",
            )
    installs: list[NodeInstall] = [item.install for item in found.installs]
    if not installs:
        return
    compiled = [addon for addon in node.project.native_addons if not addon.development and addon.kind != "script"]
    if compiled:
        raise Refused(
            found.installs[0].instruction.span,
            f"`{compiled[0].name}` may have to be compiled here ({compiled[0].evidence})",
            "install in the build stage, and copy node_modules",
        )
    if node.project.git_dependencies:
        name = node.project.git_dependencies[0]
        raise Refused(
            found.installs[0].instruction.span,
            f"git fetches `{name}` here, and the slim image has none",
            "install in the build stage, and copy node_modules",
        )
