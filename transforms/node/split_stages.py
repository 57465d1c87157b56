"""Build a Node application in one stage and run it in another, without what only building needs.

What it does: the stage becomes a build stage; a new stage below it holds the application as it was built, and
everything that the author said of the image (ENV, EXPOSE, LABEL, HEALTHCHECK, CMD). Development dependencies go, where
nothing that runs can load them.
A shell script of the build context that is started is read to its last command, and counts as the command does.
Why: compilers, headers and tools for development are needed once, and are most of the image.
Where it runs: a full image of Node or Bun has a slim twin of the same release; a slim or Alpine image stays what it is.
With nothing to build, only node_modules leaves the build stage, so that a change of source touches neither the install
nor its layer; an output that holds all that it needs (Nuxt's `.output`, Next's `.next/standalone`, a folder of static
files) leaves it alone; else the whole folder of the application does.
Left alone: a file with several stages; a slim or an Alpine image where nothing is built, or nothing can be left out.
Refused: a server for development, a command or a start script whose effects are not known, a package whose native part
may need libraries that a slim image lacks, a file of the full image that the program reads and that no package is known
to bring, a compose file that mounts the source over the work folder.
Safety: safe for what is shown; anything that can't be shown is a refusal.
Sources: https://docs.docker.com/build/building/multi-stage/, https://github.com/nodejs/docker-node#image-variants
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.layout import insert_below
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged
from dockerslim.images.image import Image
from dockerslim.split.moving import Block, blocks, cut, free_stage_name
from dockerslim.split.node.build_caches import build_caches
from dockerslim.split.node.compilers import unused_compilers
from dockerslim.split.node.corepack import HOME, SHARED_HOME
from dockerslim.split.node.framework_leftovers import framework_leftovers
from dockerslim.split.node.front_ends import front_end_modules
from dockerslim.split.node.home_downloads import check_home_downloads
from dockerslim.split.node.layout import Application, Copy, Layout, plan_layout
from dockerslim.split.node.modules import only_fills_modules
from dockerslim.split.node.needs import build_packages, runtime_package_runs, runtime_packages
from dockerslim.split.node.prune import prune_command
from dockerslim.split.node.purpose import read_stage, runs_as_it_is
from dockerslim.split.node.runtime import runtime_image
from dockerslim.split.node.self_contained import needed_paths
from dockerslim.split.node.split_facts import SplitFacts, split_facts
from dockerslim.split.node.static_site import static_site
from dockerslim.split.node.tools import needed_by_corepack, needed_global_installs
from dockerslim.split.package_lines import PackageStyle, package_style
from dockerslim.split.refused import Refused
from dockerslim.split.templates import render

MS = '"dependencies": {"ms": "2.1.3"}'
CONTEXT = {"package.json": f"{{{MS}}}\n", "server.js": "require('ms')\n"}
TYPESCRIPT = {
    "package.json": f'{{"scripts": {{"build": "tsc", "start": "node dist/index.js"}}, {MS},'
    ' "devDependencies": {"typescript": "5.7.2"}}\n',
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}\n',
    "src/index.ts": "import ms from 'ms'\n",
}

transform = Transform(
    id="split-stages",
    title="Run the Node application in an image of its own",
    languages=frozenset({"node"}),
    after=frozenset({"copy-dependencies-first", "use-exec-form"}),
    changes=frozenset({"ENV DEBIAN_FRONTEND", "ENV COREPACK_HOME"}),
    examples=(
        Example(
            "nothing to build",
            'FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\nCMD ["node", "server.js"]\n',
            "FROM node:20 AS build\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\n\n"
            "FROM node:20-slim\nWORKDIR /app\nCOPY --from=build /app/node_modules ./node_modules/\nCOPY . .\n"
            'CMD ["node", "server.js"]\n',
            CONTEXT,
        ),
        Example(
            "a build step",
            "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\nRUN npm run build\n"
            'CMD ["npm", "start"]\n',
            "FROM node:20 AS build\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\nRUN npm run build\n"
            "RUN npm prune --omit=dev\n\n"
            'FROM node:20-slim\nWORKDIR /app\nCOPY --from=build /app ./\nCMD ["npm", "start"]\n',
            TYPESCRIPT,
        ),
        Unchanged(
            "slim already, and nothing is built",
            'FROM node:20-slim\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD ["node", "server.js"]\n',
            context=CONTEXT,
        ),
        Unchanged(
            "a server for development",
            'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD ["npx", "nodemon", "server.js"]\n',
            reason="`nodemon` is a server for development",
            context=CONTEXT,
        ),
        Unchanged(
            "a script that may write anything",
            'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install && ./prepare.sh\nCMD ["node", "server.js"]\n',
            reason="what `./prepare.sh` writes is not known",
            context=CONTEXT,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class RuntimeStage:
    """What fills templates/node/runtime_stage.dockerfile.jinja; packages stand between `above` and `before`."""

    options: str
    image: str
    name: str | None
    build: str
    above: Sequence[Block]
    debian_packages: Sequence[str]
    alpine_packages: Sequence[str]
    style: PackageStyle
    corepack: str
    """The package manager that the command is, with its version, where corepack brings it."""
    corepack_home: str
    before: Sequence[Block]
    copies: Sequence[Copy]
    below: Sequence[Block]


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    stage = case.stage
    image = case.states[stage.index].final.image
    if (
        len(case.dockerfile.stages) != 1
        or image is None
        or image.language != "node"
        or not image.known
        or image.is_windows
    ):
        return
    if image.variant not in ("full", "slim", "alpine"):
        return
    if image.has_toolchain and runs_as_it_is(case, stage):
        return  # nothing to split: replace-runtime-image is for those
    try:
        if not image.has_toolchain and not _builds_something(case, stage, image):
            return
        fix = _plan_split(case, stage, image)
        if fix is not None:
            yield fix
    except Refused as refused:
        yield Skip(refused.span, refused.reason, refused.help, refused.note)


def _builds_something(case: Case, stage: Stage, image: Image) -> bool:
    """Is there more than an install, so that a small image could lose something?"""
    found = read_stage(case, stage, case.states[stage.index].final.workdir or "/")
    return bool(found.builds) or bool(build_packages(found, image))


def _plan_split(case: Case, stage: Stage, image: Image) -> Fix | None:
    facts = split_facts(case, stage, image)
    found = facts.found
    needed = needed_paths(case, stage, facts.node, facts.loads)
    if not image.has_toolchain and (not needed or facts.loads is not None):
        check_home_downloads(case, stage, facts.node.project, facts.root)
    prune = prune_command(case, stage, image, found, facts.node, facts.loads, facts.folder)
    if not image.has_toolchain and not build_packages(found, image) and not prune.saves and not needed:
        if prune.reason:
            raise Refused(
                stage.from_.span,
                f"development dependencies can't be left out: {prune.reason}",
                "list what runs in `dependencies`" if "dependenc" in prune.reason else "",
                "without that another stage saves nothing",
            )
        return None
    target = runtime_image(case, stage, image)
    tools = needed_global_installs(case, stage, found, facts.node)
    package_runs = runtime_package_runs(found, image)
    only_modules = only_fills_modules(case, stage, found, facts.node.project, facts.folder)
    layout = plan_layout(
        case, stage, found, Application(facts.root, facts.folder, only_modules, needed), (*tools, *package_runs)
    )
    packages = runtime_packages(case, stage, image, found, facts.start, facts.node, facts.loads, package_runs)
    build = free_stage_name(case.dockerfile)
    corepack = needed_by_corepack(case, stage, found, facts.node)
    runtime = _runtime_stage(case, stage, layout, target, packages, build, corepack)
    text = render("node/runtime_stage.dockerfile.jinja", runtime)
    edits = list(cut(case, stage, build, text, layout.moving))
    command = "" if needed else _closing_command(case, stage, facts, layout.last_kept, prune.command)
    if command:
        edits.append(insert_below(case.dockerfile, stage, layout.last_kept, f"RUN {command}\n"))
    lost = "the full image's compilers and headers" if image.has_toolchain else "what only building needs"
    stays = f"development dependencies stay in the image: {prune.reason}" if prune.reason and not needed else ""
    return Fix(
        tuple(edits), why=f"the image no longer holds {lost}: it is {target}", place=stage.from_.span, caution=stays
    )


def _closing_command(case: Case, stage: Stage, facts: SplitFacts, last: Instruction, prune: str) -> str:
    """What takes out of the application's folder what doesn't run; "" where the folder stays behind, or holds no such
    thing."""
    if case.options.runtime == "nginx" and static_site(facts.node, None) is not None:
        return ""
    folder = case.state(last).workdir or "/"
    unused = list(build_caches(case, stage, folder))
    if folder == facts.node.folder and facts.found.builds:
        unused.extend(front_end_modules(case, stage, facts.node, facts.loads))
        unused.extend(unused_compilers(case, facts.found, facts.node))
        unused.extend(framework_leftovers(case, facts.node))
    return " && ".join(command for command in (prune, f"rm -rf {' '.join(unused)}" if unused else "") if command)


def _runtime_stage(
    case: Case, stage: Stage, layout: Layout, image: str, packages: tuple[str, ...], build: str, corepack: str
) -> RuntimeStage:
    built_on = case.states[stage.index].final.image
    is_alpine = built_on is not None and built_on.distribution == "alpine"
    upper = [i for i in layout.runtime if i.span.start < layout.place.span.start]
    lower = [i for i in layout.runtime if i.span.start > layout.place.span.start]
    # Packages are installed as root, and before anything that changes more often.
    after_packages = next((n for n, i in enumerate(upper) if i.keyword in ("USER", "COPY", "ADD", "RUN")), len(upper))
    options = "".join(f"{flag.span.cut(case.dockerfile.text)} " for flag in stage.from_.flags)
    return RuntimeStage(
        options,
        image,
        stage.name,
        build,
        blocks(case, stage, upper[:after_packages], layout.moving),
        () if is_alpine else packages,
        packages if is_alpine else (),
        package_style(case, stage),
        corepack,
        "" if HOME in case.states[stage.index].final.env else SHARED_HOME,
        blocks(case, stage, upper[after_packages:], layout.moving),
        layout.copies,
        blocks(case, stage, lower, layout.moving, continued=True),
    )
