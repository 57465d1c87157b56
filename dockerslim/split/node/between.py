"""RUNs around the install of a Node project: which of them need the project's source."""

from __future__ import annotations

from collections.abc import Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.split.node.install import is_cache_cleaning, is_setting, read_install
from dockerslim.split.node.stage import MANIFEST, InstallCommand
from dockerslim.split.refused import Refused
from dockerslim.split.source_need import command_need, script_need
from dockerslim.split.working_folder import placed_commands

CHANGES_FILES = frozenset({"rm", "sed", "touch"})
"""Programs that change just the files that they are given."""


def places_of(case: Case, stage: Stage, moving: Sequence[Instruction]) -> frozenset[str]:
    return frozenset(p.target for p in case.files(stage).placements if p.instruction in moving)


def followers(
    case: Case, stage: Stage, moving: Sequence[Instruction], install: InstallCommand, places: frozenset[str]
) -> list[Instruction]:
    """RUNs that stand between the source and the install come before the source then.

    Those that only change files of the source are given back: they can follow it. Raises Refused for others.
    """
    following = []
    for instruction, script in case.runs(stage):
        if not moving[0].span.start < instruction.span.start < install.instruction.span.start:
            continue
        needy = _first_needy(case, instruction, script, places)
        if needy is None:
            continue
        if _can_follow(case, stage, instruction, install, places):
            following.append(instruction)
            continue
        raise Refused(
            script.span(needy.start, needy.end) if isinstance(needy, ShellCommand) else instruction.span,
            f"`{_shown(needy)}` runs between the source's COPY and the install, and may need the source",
            "move the line below the install, or above the COPY",
        )
    return following


def _can_follow(
    case: Case, stage: Stage, instruction: Instruction, install: InstallCommand, places: frozenset[str]
) -> bool:
    """Does a RUN change nothing but files of the source that the install does not read?"""
    script = case.script(instruction)
    names = (MANIFEST, "lock", "node_modules", ".npmrc", ".yarn", "*", " .", " /")
    if any(command.inner().name not in CHANGES_FILES for command in script.commands):
        return False
    if any(name in script.source.text.replace(" ./", " ") for name in names):
        return False
    if script_need(script, case.state(instruction).workdir, places, ()) != "touches":
        return False
    between = [i for i in stage.instructions if instruction.span.start < i.span.start < install.instruction.span.start]
    return not any(i.keyword in ("ENV", "ARG", "USER", "WORKDIR", "SHELL") for i in between)


def _shown(command: ShellCommand | str) -> str:
    if isinstance(command, str):
        return command
    words = command.inner().known_arguments()
    return " ".join(words[:2])[:60] or "an assignment"


def _first_needy(
    case: Case, instruction: Instruction, script: Script, places: frozenset[str]
) -> ShellCommand | str | None:
    """The first command that may need the source; a text where the script can't be read."""
    if not script.is_plain:
        return "a longer script"
    for command, folder in placed_commands(script, case.state(instruction).workdir):
        if not is_independent(command, folder, places):
            return command
    return None


def is_independent(command: ShellCommand, folder: str | None, places: frozenset[str]) -> bool:
    """Does a command read and change nothing of the project's source? An install of the project reads manifests."""
    words = command.inner().known_arguments()
    if not words:
        return True
    if is_cache_cleaning(words) or is_setting(words):
        return True
    install = read_install(words)
    if install is not None:
        return install.of_project or (install.is_global and not install.names_local_package)
    return command_need(command, folder, places) == "none"


def place_to_cut(case: Case, install: InstallCommand, places: frozenset[str]) -> Span | None:
    """Where the install's RUN must be cut; None where the whole RUN can come before the source."""
    script = install.script
    needy = _first_needy(case, install.instruction, script, places)
    if needy is None:
        return None
    help = "give the install a RUN of its own"
    if isinstance(needy, str):
        raise Refused(install.instruction.span, f"the install is part of {needy}", help)
    place = script.span(needy.start, needy.end)
    if needy.start < install.command.start:
        raise Refused(place, f"`{_shown(needy)}` comes before the install and may need the source", help)
    before = [part for part in script.commands if part.start < needy.start]
    leaves_something = any(part.name in ("cd", "export", "set", "") for part in before)
    if not script.is_chain or install.instruction.json is not None or install.instruction.heredocs or leaves_something:
        raise Refused(place, f"`{_shown(needy)}` follows the install in the same script and may need the source", help)
    if install.instruction.flags:
        raise Refused(place, "the RUN of the install has options, and does more than install", help)
    return Span(script.span(before[-1].start, before[-1].end).end, place.start)


def last_independent(case: Case, stage: Stage, install: Instruction, moving: Sequence[Instruction]) -> Instruction:
    """The last of the RUNs that follow the install and need no source either: they are kept with it."""
    places = places_of(case, stage, moving)
    last = install
    order = stage.instructions
    for instruction in order[order.index(install) + 1 :]:
        if (
            instruction.keyword != "RUN"
            or _first_needy(case, instruction, case.script(instruction), places) is not None
        ):
            break
        last = instruction
    return last
