"""Run a Node program that is built in a stage of its own on a slim image.

What it does: the last stage of a multi-stage file, where it starts from a full Node image, starts from its slim twin.
Why: the stage before has done all the building, so compilers and headers are only size and programs to attack.
Left alone: a slim or an Alpine image; a last stage that is built from another one of the file; one that builds.
Refused: a program, a package or a health check that needs something of the full image; an install in the last stage of
a package that may have to be compiled.
Safety: safe. The image has the same Node on the same release.
Source: https://github.com/nodejs/docker-node#image-variants
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.dockerfile import Edit, Stage
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.split.checks import check_instructions, check_use
from dockerslim.split.node.install import NodeInstall
from dockerslim.split.node.needs import runtime_packages
from dockerslim.split.node.purpose import NodeStage, read_stage
from dockerslim.split.node.runtime import runtime_image
from dockerslim.split.node.start import NodeStart, loads_of, node_start
from dockerslim.split.refused import Refused

FILES = {
    "package.json": '{"scripts": {"build": "tsc"}, "dependencies": {"ms": "2.1.3"}}\n',
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}\n',
    "src/index.ts": "import 'ms'\n",
}
BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm install && npm run build\n\n"
RUN = 'WORKDIR /app\nCOPY --from=build /app ./\nCMD ["node", "dist/index.js"]\n'

transform = Transform(
    id="replace-runtime-image",
    title="Run the Node program on a slim image",
    languages=frozenset({"node"}),
    after=frozenset({"use-exec-form", "split-stages"}),
    examples=(
        Example("the full image once more", BUILD + f"FROM node:22\n{RUN}", BUILD + f"FROM node:22-slim\n{RUN}", FILES),
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
    if len(case.dockerfile.stages) < 2 or states.base_stage is not None or image is None or not image.known:
        return
    if image.family != "node" or image.variant != "full":
        return
    try:
        fix = _fix(case, stage, image)
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)
        return
    if fix is not None:
        yield fix


def _fix(case: Case, stage: Stage, image: Image) -> Fix | None:
    start = check_use(case, stage)
    node = node_start(case, stage, start)
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
    runs = tuple(instruction for instruction, _, _ in found.packages)
    packages = runtime_packages(case, stage, image, found, start, node, loads_of(node), runs)
    if packages:
        raise Refused(
            stage.from_.span,
            f"the slim image lacks `{packages[0]}`, which the program needs",
            "install it in the last stage, then run dockerslim again",
        )
    target = runtime_image(case, stage, image)
    base = stage.from_.words[0].span
    why = f"the image no longer holds the full image's compilers and headers: it is {target}"
    return Fix((Edit(base, target),), why=why, place=stage.from_.span)


def _check_installs(stage: Stage, found: NodeStage, node: NodeStart) -> None:
    """An install runs on the slim image then: nothing may have to be compiled, or fetched by git."""
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
