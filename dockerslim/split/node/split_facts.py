"""What must be known of a Node stage before it is split, and what forbids that."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.case import Case, Options
from dockerslim.dockerfile import Stage
from dockerslim.images.image import Image
from dockerslim.languages.node import RuntimeLoads
from dockerslim.languages.node.yarn_settings import yarn_linker
from dockerslim.split.checks import check_instructions, check_use
from dockerslim.split.node.build import lifecycle_problems
from dockerslim.split.node.layout import application_root
from dockerslim.split.node.purpose import NodeStage, read_stage
from dockerslim.split.node.start import NodeStart, loads_of, node_start
from dockerslim.split.node.start_below import start_below
from dockerslim.split.refused import Refused, refuse_unknown
from dockerslim.split.start import Start


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """What is known of a stage that is to be split. `loads` is None where it runs no file of the project."""

    start: Start
    node: NodeStart
    loads: RuntimeLoads | None
    found: NodeStage
    root: str
    folder: str
    """Where the packages are installed."""


def split_facts(case: Case, stage: Stage, image: Image) -> SplitFacts:
    """All that must be known of the stage. Raises Refused where something isn't, or forbids a split."""
    start = check_use(case, stage)
    node = node_start(case, stage, start)
    if node is None and case.context is None:
        raise Refused(start.span, "which folder is the build context is not known", "name it with --context")
    below = start_below(case, stage, start) if node is None else None
    if below is not None:
        raise Refused(
            start.span,
            f"the program's package.json lies in `{below.folder}`, not in the work folder",
            f"set WORKDIR to `{below.folder}`, and start it from there",
        )
    if node is None:
        raise Refused(
            start.span,
            "no package.json of the build context lies in the work folder",
            "set WORKDIR to its folder, or name the build context with --context",
        )
    _check_command(start, node)
    check_instructions(case, stage)
    _check_linker(stage, node)
    installs = read_stage(case, stage, node.folder).installs
    if not installs:
        raise Refused(
            stage.from_.span,
            "nothing is installed or built here, so that there is nothing to split",
            "start from a slim image" if image.variant == "full" else "",
        )
    folder = installs[0].folder
    root = application_root(case, stage, folder)
    if root is None:
        raise Refused(
            installs[0].instruction.span,
            f"packages are installed in `{folder}`, and the program runs elsewhere",
            "install them in the work folder or above it",
        )
    found = read_stage(case, stage, root)
    if found.unknown:
        unknown = found.unknown[0]
        name = unknown.name if len(unknown.name) <= 60 else unknown.name[:57] + "..."
        refused = Refused(
            unknown.span,
            f"what `{name}` writes is not known",
            "build without it, or split by hand and copy what it makes",
            unknown.reason or "the runtime stage may need files from here",
        )
        refuse_unknown(case.options, refused)
    _check_lifecycle(case.options, found, node)
    loads = loads_of(node)
    return SplitFacts(start, node, loads, found, root, folder)


def _check_linker(stage: Stage, node: NodeStart) -> None:
    """Yarn's Plug'n'Play keeps the packages in zip files, as a rule outside of the project's folder."""
    project = node.project
    if project.manager == "yarn-berry" and yarn_linker(project.context, project.folder, project.manifest) == "home":
        raise Refused(
            stage.from_.span,
            "Yarn's Plug'n'Play keeps the packages outside of the project's folder",
            "set `nodeLinker: node-modules` or `enableGlobalCache: false` in .yarnrc.yml",
        )


def _check_lifecycle(options: Options, found: NodeStage, node: NodeStart) -> None:
    """Scripts that run during the install may write anywhere too."""
    for name, problem in lifecycle_problems(node.project):
        if not any("--ignore-scripts" in install.install.options for install in found.installs):
            refused = Refused(
                found.installs[0].instruction.span,
                f"what the script `{name}` of {node.project.manifest.path} writes is not known",
                "split by hand and copy what it makes",
                problem,
            )
            refuse_unknown(options, refused)


def _check_command(start: Start, node: NodeStart) -> None:
    command = node.command
    if command.development_tool is not None:
        raise Refused(
            start.span,
            f"`{command.development_tool}` is a server for development",
            "write a Dockerfile for production beside it",
        )
    if command.kind == "build-at-start":
        where = f" ({command.build_evidence})" if command.build_evidence and command.build_evidence.file else ""
        raise Refused(start.span, f"the application is built when the container starts{where}", "build it in a RUN")
    if command.kind != "server":
        why = command.unknown[0].text if command.unknown else "it is not known to be a server"
        raise Refused(start.span, f"what the command runs is not known: {why}", "start the program itself")
