"""Whether development dependencies can go before the program runs, and by which command."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.image import Image
from dockerslim.languages.node import NodeProject, RuntimeLoads, can_prune, tools
from dockerslim.languages.node.bun_settings import read_bun_settings
from dockerslim.languages.node.lifecycle_scripts import LIFECYCLE_SCRIPTS
from dockerslim.languages.node.manifest import read_manifest
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.yarn_settings import read_settings, yarn_linker, yarn_version
from dockerslim.split.node.install import NodeInstall
from dockerslim.split.node.purpose import Install, NodeStage
from dockerslim.split.node.start import NodeStart, service_commands

FIRST_WITH_OMIT = (15,)
"""The first Node with npm 7, which knows `--omit`."""
FIRST_YARN_WITH_FOCUS = 4
PNPM_OF_WORKSPACES = range(7, 11)
"""The majors of pnpm that take them out of a workspace in place."""
PNPM_VERSION = re.compile(r"pnpm@(\d{1,3})\b")
OTHER_LAYOUTS = re.compile(
    r"node-?linker|shared-?workspace-?lockfile|inject|virtual-?store|modules-?dir", re.IGNORECASE
)
"""Settings of pnpm by which the packages of a workspace lie otherwise."""
PATCHES = "patch-package"
GENERATED_INTO_MODULES = frozenset(
    {"@prisma/client", "prisma", "zenstack", "@zenstackhq/runtime", "kysely-codegen", "patch-package"}
)
"""Packages whose programs write into node_modules when they are run."""


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
    if all(_omits_development(case, install, project) for install in own):
        return Prune()
    if _takes_out(case, own[-1], project):
        return Prune(by_author=True)
    program = own[0].install.program
    if program in ("npm", "pnpm", "bun"):  # their lock files tell what only development leads to
        node = replace(node, project=project.installed_by(program))
        project = node.project
    reason = _reason(case, stage, found, node, own, folder)
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
    if install.program == "pnpm" and project.workspaces:
        # Its prune empties the members' folders. The age makes what no member asks for go at once.
        options = "--frozen-lockfile --offline --ignore-scripts --config.modules-cache-max-age=0"
        return f"CI=true pnpm install --prod {options}"
    if install.program == "pnpm":
        return "pnpm prune --prod"
    if install.program == "bun":
        return " ".join(("rm -rf node_modules && bun", install.verb, *install.options, "--production"))
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


def _omits_development(case: Case, install: Install, project: NodeProject) -> bool:
    """npm and Yarn 1 leave development dependencies out where NODE_ENV says `production`."""
    if install.install.omits_development:
        return True
    if install.install.program == "bun":
        return read_bun_settings(project.context, project.folder).omits_development
    state = case.state(install.instruction)
    environment = state.env.get("NODE_ENV", state.arguments.get("NODE_ENV"))
    included = install.install.option(("--include", "--also")) or install.install.option(("--production",)) == "false"
    return environment == "production" and install.install.program in ("npm", "yarn") and not included


def _takes_out(case: Case, install: Install, project: NodeProject) -> bool:
    """Is it an install without them, which takes those out that another has brought?"""
    if not install.install.of_project or not _omits_development(case, install, project):
        return False
    return install.install.program != "bun" or "rm -rf node_modules" in case.script(install.instruction).source.text


def _manager_reason(case: Case, stage: Stage, project: NodeProject, own: list[Install]) -> str:
    """Why the package manager can't take them out again."""
    program = own[0].install.program
    if any(install.install.program != program for install in own):
        return "several package managers install them"
    if program == "npm":
        return ""
    scripts = [name for name in LIFECYCLE_SCRIPTS if name in project.manifest.scripts]
    if program == "yarn":
        return _berry_reason(project) if project.manager == "yarn-berry" else _classic_reason(project)
    if program == "pnpm" and project.workspaces:
        return _pnpm_workspace_reason(case, stage, project, own)
    if project.workspaces:
        return f"`{program}` can't take them out of a workspace again"
    if scripts:
        return f"`{program}` would run the script `{scripts[0]}` again"
    return _bun_reason(project, own) if program == "bun" else ""


def _berry_reason(project: NodeProject) -> str:
    if yarn_linker(project.context, project.folder, project.manifest) != "node_modules":
        return "Plug'n'Play keeps them beside the others"
    version = yarn_version(read_settings(project.context, project.folder), project.manifest)
    if version is None or version < FIRST_YARN_WITH_FOCUS:
        return "a Yarn before version 4 needs a plugin to take them out again"
    script = next((name for name in ("preinstall", "install", "postinstall") if name in project.manifest.scripts), None)
    return f"`yarn` would run the script `{script}` again" if script else ""


def _classic_reason(project: NodeProject) -> str:
    """Yarn 1 lays every file of a package anew that is another one than it brought, but in folders that are no
    package's."""
    members = [read_manifest(project.context, folder) for folder in project.workspaces]
    for manifest in (project.manifest, *(member for member in members if member is not None)):
        if PATCHES in manifest.installed_dependencies or any(PATCHES in text for text in manifest.scripts.values()):
            return f"`yarn` would undo what `{PATCHES}` changes in node_modules"
    return ""


def _pnpm_workspace_reason(case: Case, stage: Stage, project: NodeProject, own: list[Install]) -> str:
    said = [project.manifest.package_manager or ""]
    said += [script.source.text for _, script in case.runs(stage)]
    versions = [int(match[1]) for text in said for match in PNPM_VERSION.finditer(text)]
    if not versions or any(version not in PNPM_OF_WORKSPACES for version in versions):
        return (
            "which `pnpm` takes them out of a workspace is known of versions 7 to 10, and this one isn't said to be one"
        )
    is_frozen = all("--frozen-lockfile" in install.install.options for install in own)
    if project.lock_file_of("pnpm") is None or not (is_frozen or project.lock_agrees("pnpm") is True):
        return f"whether the lock file agrees with {project.manifest.path} is not known"
    for name in (".npmrc", "pnpm-workspace.yaml", "package.json"):
        text = project.context.read_text(inside(project.folder, name) or name) or ""
        setting = OTHER_LAYOUTS.search(text)
        if setting is not None:
            return f"`{setting[0]}` in {name} lays the packages of the workspace out in another way"
    return ""


def _bun_reason(project: NodeProject, own: list[Install]) -> str:
    """Bun takes nothing out of node_modules: it is made anew, by the same lock file."""
    generated = sorted(GENERATED_INTO_MODULES & project.manifest.installed_dependencies.keys())
    if generated:
        return f"`{generated[0]}` makes files in node_modules, which Bun would have to fill anew"
    lock = project.lock_file_of("bun")
    is_frozen = all(install.install.is_frozen or "--frozen-lockfile" in install.install.options for install in own)
    if lock is not None and not is_frozen and project.lock_agrees("bun") is not True:
        return f"whether {lock} agrees with {project.manifest.path} is not known"
    return ""


def _reason(case: Case, stage: Stage, found: NodeStage, node: NodeStart, own: list[Install], folder: str) -> str:
    unfit = _manager_reason(case, stage, node.project, own)
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
