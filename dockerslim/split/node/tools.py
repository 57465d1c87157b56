"""Global installs (`npm install -g pm2`) that the command needs."""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.languages.node import Command, tools
from dockerslim.languages.node.yarn_settings import brings_yarn
from dockerslim.split.node.corepack import corepack_release
from dockerslim.split.node.global_packages import package_name, unknown_global
from dockerslim.split.node.install import PROGRAMS, NodeInstall, is_cache_cleaning, is_setting, read_install
from dockerslim.split.node.purpose import NodeStage
from dockerslim.split.node.start import NodeStart, service_commands
from dockerslim.split.refused import Refused, refuse_unknown


def needed_global_installs(case: Case, stage: Stage, found: NodeStage, node: NodeStart) -> tuple[Instruction, ...]:
    """The RUNs that install a program which the image starts. Raises Refused where such a RUN does more."""
    commands = [node.command, *(command for _, command in service_commands(case, node.project, node.folder))]
    wanted = {name for command in commands for name in _programs(command)}
    image = case.states[stage.index].final.image
    runs: dict[int, Instruction] = {}
    brought: set[str] = set()
    for instruction, install in found.global_installs:
        names = {package_name(package) for package in install.packages}
        if names & wanted or "NODE_PATH" in case.states[stage.index].final.env:
            brought |= names
            _check_alone(case, instruction)
            if image is not None and image.has_toolchain:
                _check_known(case, instruction, install)
            runs[instruction.span.start] = instruction
    managers = {PROGRAMS[name] for command in commands for name in command.package_managers if name in PROGRAMS}
    for manager in sorted(managers - {"npm"} - brought):
        if corepack_release(case, stage, found, node, manager) is not None and not service_commands(
            case, node.project, node.folder
        ):
            continue
        own = manager == "yarn" and brings_yarn(node.project.context, node.project.folder)
        has_it = image is not None and manager in image.programs and (own or not found.uses_corepack)
        if not has_it:
            raise Refused(
                (stage.last("CMD") or stage.from_).span,
                f"where the container's `{manager}` comes from is not known",
                f"install it with `npm install -g {manager}`, or name its version in `packageManager`",
            )
    return tuple(runs.values())


def needed_by_corepack(case: Case, stage: Stage, found: NodeStage, node: NodeStart) -> str:
    """The package manager, with its version, that corepack must bring to the runtime stage; "" where none."""
    for manager in ("pnpm", "yarn"):
        if manager in node.command.package_managers and not any(
            manager in {package_name(package) for package in install.packages} for _, install in found.global_installs
        ):
            if manager == "yarn" and brings_yarn(node.project.context, node.project.folder):
                continue
            release = corepack_release(case, stage, found, node, manager)
            if release is not None:
                return release
    return ""


def _programs(command: Command) -> Iterator[str]:
    for program in (*command.global_tools, *command.package_managers):
        yield program
        yield from tools.packages_of(program)


def _check_known(case: Case, instruction: Instruction, install: NodeInstall) -> None:
    unknown = unknown_global(install)
    if unknown:
        refused = Refused(
            instruction.span,
            f"whether `{unknown}` can be installed on a slim image is not known",
            "make it a dependency of the project",
        )
        refuse_unknown(case.options, refused)


def _check_alone(case: Case, instruction: Instruction) -> None:
    script = case.script(instruction)
    for command in script.commands:
        words = command.inner().known_arguments()
        install = read_install(words)
        if (install is not None and install.is_global) or not words or is_cache_cleaning(words) or is_setting(words):
            continue
        raise Refused(
            script.span(command.start, command.end),
            "a program that the image starts is installed together with other things",
            "give the global install a RUN of its own",
        )
