"""What each command of a Node stage is for: installing, building, system packages, owners and folders, or unknown."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Opaque, Script, ShellCommand
from dockerslim.paths import is_within
from dockerslim.split.node.build import writes_only_inside
from dockerslim.split.node.install import PROGRAMS, NodeInstall, is_cache_cleaning, is_setting, read_install
from dockerslim.split.node.stage import project_at
from dockerslim.split.owner_runs import OWNERSHIP, sets_owners
from dockerslim.split.packages import is_package_housekeeping, is_package_litter, package_install
from dockerslim.split.unknown_command import UnknownCommand
from dockerslim.split.working_folder import changed_folder

IN_PLACE = frozenset({"cp", "mv", "touch", "sed", "rm", "ln", "tar"})
"""Programs that change just the paths that they are given."""
HARMLESS = frozenset(
    "set echo export cd pushd chdir true ls pwd cat which id date printf test [ env sleep whoami uname".split()
)
CHANGES_MODULES = frozenset(
    {"prune", "dedupe", "ddp", "rebuild", "rb", "audit", "autoclean", "fund", "ls", "list", "outdated"}
)


@dataclass(frozen=True, slots=True)
class Install:
    """An install of a project's packages, or of some by name, in an absolute folder."""

    instruction: Instruction
    install: NodeInstall
    folder: str


@dataclass(slots=True)
class NodeStage:
    """The commands of a Node stage by purpose."""

    installs: list[Install] = field(default_factory=list)
    global_installs: list[tuple[Instruction, NodeInstall]] = field(default_factory=list)
    builds: list[tuple[Instruction, str]] = field(default_factory=list)
    """Instruction, and the command as written."""
    packages: list[tuple[Instruction, str, str]] = field(default_factory=list)
    """Instruction, manager ("apt", "apk"), package."""
    ownership: list[Instruction] = field(default_factory=list)
    """RUNs that only make users and folders and set owners and modes."""
    changes: list[Instruction] = field(default_factory=list)
    """RUNs that change files below the project's folder in place."""
    module_changes: list[Instruction] = field(default_factory=list)
    """RUNs that prune or rebuild what is installed."""
    drops_development: bool = False
    """Does the author prune development dependencies?"""
    uses_corepack: bool = False
    unknown: list[UnknownCommand] = field(default_factory=list)


def read_stage(case: Case, stage: Stage, root: str) -> NodeStage:
    """Looks at every RUN of the stage, in order; `root` is the absolute folder of the application."""
    found = NodeStage()
    for instruction, script in case.runs(stage):
        if script.problem is not None:
            found.unknown.append(UnknownCommand(instruction.span, "the script", script.problem))
        elif script.parts and all(isinstance(part, ShellCommand) and sets_owners(part) for part in script.parts):
            found.ownership.append(instruction)
        else:
            _Run(case, stage, instruction, script, root, found).read()
    return found


def runs_as_it_is(case: Case, stage: Stage) -> bool:
    """Does the stage install no packages of a project and build nothing, by what is known of its RUNs?"""
    found = read_stage(case, stage, case.states[stage.index].final.workdir or "/")
    return not (found.installs or found.builds or found.module_changes)


@dataclass(slots=True)
class _Run:
    case: Case
    stage: Stage
    instruction: Instruction
    script: Script
    root: str
    found: NodeStage

    def read(self) -> None:
        folder = self.case.state(self.instruction).workdir
        for part in self.script.parts:
            if isinstance(part, Opaque):
                text = self.script.text(part.start, part.end)
                self._unknown(part, text, "it is more than a plain command")
                continue
            folder = changed_folder(part, folder)
            self._command(part, folder)
            if any(_writes_file(redirect) and not self._is_inside(redirect, folder) for redirect in part.redirects):
                self._unknown(part, self.script.text(part.start, part.end), "it writes a file")

    def _command(self, command: ShellCommand, folder: str | None) -> None:
        words = command.inner().known_arguments()
        if not words:
            return
        name = posixpath.basename(words[0])
        packages = package_install(command)
        install = read_install(words)
        if packages is not None:
            if packages.packages is None:
                self._unknown(command, name, "the packages are computed")
            else:
                self.found.packages.extend((self.instruction, packages.manager, word) for word in packages.packages)
        elif is_package_housekeeping(command) or is_cache_cleaning(words) or name in HARMLESS:
            return
        elif is_setting(words):
            self.found.uses_corepack = self.found.uses_corepack or name == "corepack"
        elif install is not None:
            self._install(command, install, folder)
        elif name in PROGRAMS and words[1:2] and words[1] in CHANGES_MODULES and "fix" not in words:
            self.found.module_changes.append(self.instruction)
            if words[1] == "prune" and {"--production", "--prod", "--omit=dev"} & set(words):
                self.found.drops_development = True
        elif name in OWNERSHIP | IN_PLACE:
            self._change(command, words, folder)
        else:
            self._build(command, words, folder)

    def _install(self, command: ShellCommand, install: NodeInstall, folder: str | None) -> None:
        if install.is_global:
            if install.names_local_package:
                self._unknown(
                    command, " ".join(command.inner().known_arguments()), "it installs a package of this image"
                )
            else:
                self.found.global_installs.append((self.instruction, install))
            return
        if install.folder is not None:
            known = folder is not None and "$" not in install.folder
            folder = posixpath.normpath(posixpath.join(folder or "/", install.folder)) if known else None
        if folder is None:
            self._unknown(command, " ".join(command.inner().known_arguments()), "the folder it runs in is computed")
        else:
            self.found.installs.append(Install(self.instruction, install, folder))

    def _change(self, command: ShellCommand, words: tuple[str, ...], folder: str | None) -> None:
        paths = [word for word in words[1:] if not word.startswith("-")]
        if words[0] in ("chmod", "chown", "chgrp", "sed") and paths:
            paths = paths[1:]
        if words[0] == "rm" and all(
            is_package_litter(path) or path.startswith(("/root/.npm", "~/.npm")) for path in paths
        ):
            return
        if all(self._is_inside(path, folder) for path in paths):
            self.found.changes.append(self.instruction)
        else:
            self._unknown(command, " ".join(words[:2]), "it changes files outside of the application's folder")

    def _build(self, command: ShellCommand, words: tuple[str, ...], folder: str | None) -> None:
        project = project_at(self.case, self.stage, folder, self.instruction) if folder is not None else None
        shown = words[0] if len(words) == 1 or words[0].startswith((".", "/")) else " ".join(words[:3])
        if project is None or folder is None or not is_within(folder, self.root):
            self._unknown(command, shown)
            return
        problem = writes_only_inside(project, words, posixpath.relpath(self.root, folder))
        if problem:
            self._unknown(command, shown, problem)
        else:
            self.found.builds.append((self.instruction, shown))

    def _is_inside(self, path: str, folder: str | None) -> bool:
        plain = path.lstrip("0123456789&<>| ")
        if folder is None or "$" in plain or plain.startswith("~") or ".." in plain.split("/"):
            return False
        place = posixpath.normpath(posixpath.join(folder, plain))
        return self.root != "/" and is_within(place, self.root)

    def _unknown(self, part: ShellCommand | Opaque, name: str, reason: str = "") -> None:
        self.found.unknown.append(UnknownCommand(self.script.span(part.start, part.end), name, reason))


def _writes_file(redirect: str) -> bool:
    return ">" in redirect and "/dev/null" not in redirect and "&" not in redirect
