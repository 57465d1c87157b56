"""Whether development dependencies can go before the program runs, and by which command."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.image import Image
from dockerslim.languages.node import NodeProject, RuntimeLoads, can_prune, tools
from dockerslim.languages.node.lifecycle_scripts import LIFECYCLE_SCRIPTS
from dockerslim.languages.node.yarn_settings import read_settings, yarn_linker, yarn_version
from dockerslim.split.node.install import NodeInstall
from dockerslim.split.node.purpose import Install, NodeStage
from dockerslim.split.node.start import NodeStart, service_commands

FIRST_WITH_OMIT = (15,)
"""The first Node with npm 7, which knows `--omit`."""
FIRST_YARN_WITH_FOCUS = 4


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
    """`npm prune --omit=dev`, or what does the same for another package manager, where it is proven that nothing that
    runs needs a development dependency."""
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
    return Prune(_command(project, own[0].install, image))


def _command(project: NodeProject, install: NodeInstall, image: Image) -> str:
    if install.program == "pnpm":
        return "pnpm prune --prod"
    if install.program == "yarn" and project.manager == "yarn-berry":
        return (
            "yarn workspaces focus --all --production" if project.workspaces else "yarn workspaces focus --production"
        )
    if install.program == "yarn":
        # Yarn 1 prunes by installing; what scripts have built is kept, and theirs need not be there any more.
        frozen = " --frozen-lockfile" if "--frozen-lockfile" in install.options else ""
        return f"yarn install --production --ignore-scripts --prefer-offline{frozen}"
    version = image.language_version
    is_old = version is not None and version < FIRST_WITH_OMIT
    return "npm prune --production" if is_old else "npm prune --omit=dev"


def _omits_development(case: Case, install: Install) -> bool:
    """npm and Yarn 1 leave development dependencies out where NODE_ENV says `production`."""
    if install.install.omits_development:
        return True
    state = case.state(install.instruction)
    environment = state.env.get("NODE_ENV", state.arguments.get("NODE_ENV"))
    included = install.install.option(("--include", "--also")) or install.install.option(("--production",)) == "false"
    return environment == "production" and install.install.program in ("npm", "yarn") and not included


def _manager_reason(project: NodeProject, own: list[Install]) -> str:
    """Why the package manager can't take them out again."""
    program = own[0].install.program
    if any(install.install.program != program for install in own):
        return "several package managers install them"
    if program == "npm":
        return ""
    if program == "bun":
        return "`bun` can't take them out again"
    if program == "yarn" and project.manager == "yarn-berry":
        if yarn_linker(project.context, project.folder, project.manifest) != "node_modules":
            return "Plug'n'Play keeps them beside the others"
        version = yarn_version(read_settings(project.context, project.folder), project.manifest)
        is_known = version is not None and version >= FIRST_YARN_WITH_FOCUS
        return "" if is_known else "a Yarn before version 4 needs a plugin to take them out again"
    if project.workspaces:
        return f"`{program}` can't take them out of a workspace again"
    scripts = [name for name in LIFECYCLE_SCRIPTS if name in project.manifest.scripts]
    if program == "pnpm" and scripts:
        return f"`pnpm` would run the script `{scripts[0]}` again"
    return ""


def _reason(case: Case, found: NodeStage, node: NodeStart, own: list[Install], folder: str) -> str:
    unfit = _manager_reason(node.project, own)
    if unfit:
        return unfit
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
