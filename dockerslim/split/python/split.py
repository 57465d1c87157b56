"""Lays out the runtime stage of a Python image."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.split.moving import blocks
from dockerslim.split.python.divided_run import DividedRun
from dockerslim.split.python.environment import Environment
from dockerslim.split.python.needs import RuntimePackages
from dockerslim.split.python.purpose import PythonStage
from dockerslim.split.python.roles import Role
from dockerslim.split.python.settings import build_variables, without_variables
from dockerslim.split.python.tools import is_for_tools, uses_managers


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the runtime stage: the author's text, or something new."""

    text: str = ""
    debian_packages: Sequence[str] = ()
    alpine_packages: Sequence[str] = ()
    is_lean: bool = True
    upgrades: bool = False
    """Are the packages of the base brought up to date, as the author's RUN does?"""
    environment: str = ""
    sets_path: bool = True
    modules: str = ""
    """The folder of the environment's modules, where they are all that is taken of it."""


@dataclass(frozen=True, slots=True)
class RuntimeStage:
    """What fills templates/python/runtime_stage.dockerfile.jinja."""

    flags: str
    image: str
    name: str | None
    build: str
    parts: Sequence[Part]


def runtime_parts(
    case: Case,
    stage: Stage,
    read: PythonStage,
    found: dict[int, Role],
    environment: Environment,
    replaced: RuntimePackages,
    added: Sequence[str],
    tools: Collection[str],
    tool_lines: Mapping[int, str],
    divided: Mapping[int, DividedRun],
    modules: str = "",
    command: tuple[Instruction, str] | None = None,
) -> list[Part]:
    """The runtime stage in the author's order, with the packages and the environment where they were installed.

    `tools` are the managers that the image runs; `tool_lines` install them, each in the place of the instruction that
    starts there. `divided` are the RUNs that each stage has a part of. `modules` is the folder of the environment that
    is taken alone, `command` what the instruction that starts the program says instead.
    """
    kept = [i for i in stage.instructions if found[i.span.start] != "build"]
    moving = [i for i in kept if found[i.span.start] == "runtime"]
    texts = {block.instruction.span.start: block.text for block in blocks(case, stage, kept, moving, continued=True)}
    for instruction in kept:
        if instruction.keyword == "ENV" and found[instruction.span.start] == "both":
            shorter = without_variables(case, instruction, build_variables(read, tools))
            texts[instruction.span.start] = shorter or texts[instruction.span.start]
    texts.update((start, parts.runtime) for start, parts in divided.items())
    packages_at = next((p.instruction.span.start for p in read.packages if stays_behind(p.instruction, found)), None)
    environment_at = _environment_place(case, stage, read, found)
    names = tuple(dict.fromkeys((*replaced.names, *added)))
    if packages_at is None or packages_at > environment_at:
        packages_at = environment_at
    alpine = any(package.manager == "apk" for package in read.packages)
    upgrades = not alpine and any(run.upgrades and stays_behind(run.instruction, found) for run in read.runs)
    parts: list[Part] = []
    for instruction in stage.instructions:
        start = instruction.span.start
        if start in divided and divided[start].runs_first:
            parts.append(Part(texts.pop(start)))
        if start == packages_at and (names or upgrades):
            of_alpine, of_debian = (names, ()) if alpine else ((), names)
            parts.append(Part("", of_debian, of_alpine, replaced.is_lean, upgrades))
        late = [text for place, text in tool_lines.items() if place > environment_at]
        parts.extend(Part(text) for text in (late if start == environment_at else ()))
        if start in tool_lines and start <= environment_at:
            parts.append(Part(tool_lines[start]))
        if start == environment_at:
            folder = "" if modules else environment.folder
            parts.append(Part(environment=folder, sets_path=environment.sets_path, modules=modules))
        if command is not None and instruction is command[0]:
            written = instruction.arguments_span.cut(case.dockerfile.text).replace("\r\n", "\n")
            texts[start] = texts[start].replace(written, command[1])
        if start in texts:
            text = texts[start]
            parts.append(Part(text if parts else text.removeprefix("\n")))
    return parts


def stays_behind(instruction: Instruction, found: Mapping[int, Role]) -> bool:
    """Does the runtime stage lose what a RUN installs?"""
    return found[instruction.span.start] in ("build", "divided")


def _environment_place(case: Case, stage: Stage, read: PythonStage, found: dict[int, Role]) -> int:
    """Where the first install stood, or the first COPY that the runtime stage has, which changes more often."""
    first = min(_installs(read))
    downloads = case.files(stage).downloads
    copies = [i for i in stage.all("COPY", "ADD") if found[i.span.start] != "build" and i not in downloads]
    return min([first, *(i.span.start for i in copies if not i.flag("from"))])


def _installs(read: PythonStage) -> set[int]:
    """Where the installs stand, those of the managers alone left out where others follow."""
    installs = {run.instruction.span.start for run in read.runs if run.purpose == "install"}
    if not uses_managers(read):
        return installs
    return installs - {run.instruction.span.start for run in read.runs if is_for_tools(run)} or installs


def environment_line_place(stage: Stage, read: PythonStage, found: dict[int, Role]) -> Instruction:
    """The instruction of the build stage above which the environment is made: its first install, or that one's COPY."""
    installs = _installs(read)
    tools = [run.instruction.span.start for run in read.runs if uses_managers(read) and is_for_tools(run)]
    above = max((start for start in tools if start < min(installs)), default=0)
    packs_source = any(install.installs_project and install.project is None for install in read.installs)
    for_install = ("build", "both") if packs_source else ("build",)
    return next(
        i
        for i in stage.instructions
        if i.span.start in installs
        or (i.keyword in ("COPY", "ADD") and found[i.span.start] in for_install and i.span.start > above)
    )


def from_flags(case: Case, stage: Stage) -> Iterator[str]:
    """The flags of FROM as they stand."""
    for flag in stage.from_.flags:
        yield flag.span.cut(case.dockerfile.text)
