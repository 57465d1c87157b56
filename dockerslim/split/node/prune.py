"""Whether development dependencies can go before the program runs, and by which command."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.image import Image
from dockerslim.languages.node import RuntimeLoads, can_prune, tools
from dockerslim.split.node.purpose import Install, NodeStage
from dockerslim.split.node.start import NodeStart, service_commands

FIRST_WITH_OMIT = (15,)
"""The first Node with npm 7, which knows `--omit`."""


@dataclass(frozen=True, slots=True)
class Prune:
    """`command` is "" where nothing is pruned; `reason` says why, where there is something to prune."""

    command: str = ""
    reason: str = ""
    by_author: bool = False
    """The author prunes in a layer of its own, which takes nothing off the layers below."""

    @property
    def saves(self) -> bool:
        return bool(self.command) or self.by_author


def prune_command(
    case: Case, stage: Stage, image: Image, found: NodeStage, node: NodeStart, loads: RuntimeLoads | None, folder: str
) -> Prune:
    """`npm prune --omit=dev` where it is proven that nothing that runs needs a development dependency."""
    project = node.project
    own = [install for install in found.installs if install.folder == folder]
    if not project.manifest.dev_dependencies and not project.workspaces:
        return Prune()
    if found.drops_development:
        return Prune(by_author=True)
    if all(_omits_development(case, install) for install in own):
        return Prune()
    reason = _reason(case, found, node, own, folder)
    if reason:
        return Prune(reason=reason)
    proven, why = can_prune(project, node.command, loads)
    if not proven:
        return Prune(reason=why)
    for file, command in service_commands(case, project, node.folder):
        proven, why = can_prune(project, command)
        if not proven:
            return Prune(reason=f"`{file}` runs something else in the image: {why}")
    version = image.language_version
    is_old = version is not None and version < FIRST_WITH_OMIT
    return Prune("npm prune --production" if is_old else "npm prune --omit=dev")


def _omits_development(case: Case, install: Install) -> bool:
    """npm and Yarn 1 leave development dependencies out where NODE_ENV says `production`."""
    if install.install.omits_development:
        return True
    state = case.state(install.instruction)
    environment = state.env.get("NODE_ENV", state.arguments.get("NODE_ENV"))
    included = install.install.option(("--include", "--also")) or install.install.option(("--production",)) == "false"
    return environment == "production" and install.install.program in ("npm", "yarn") and not included


def _reason(case: Case, found: NodeStage, node: NodeStart, own: list[Install], folder: str) -> str:
    if any(install.install.program != "npm" for install in own):
        return f"`{own[0].install.program}` installs them"
    if any(not install.install.of_project for install in found.installs):
        return "packages are installed that package.json doesn't name"
    if folder != node.folder:
        return "packages are installed above the work folder"
    if node.project.lock_in_sync is False:
        return f"{node.project.lock_file} does not agree with {node.project.manifest.path}"
    for program in node.command.global_tools:
        names = {program, *tools.packages_of(program)}
        if names & node.project.manifest.development_only:
            return f"`{program}`, which the command runs, is one of them"
    return ""
