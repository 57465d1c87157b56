"""Lays out the runtime stage of a Python image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.split.moving import blocks
from dockerslim.split.package_lines import PackageStyle
from dockerslim.split.python.distroless import BareInterpreter
from dockerslim.split.python.division import Division
from dockerslim.split.python.environment import Environment
from dockerslim.split.python.needs import RuntimePackages
from dockerslim.split.python.purpose import PythonStage
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
    style: PackageStyle
    parts: Sequence[Part]


def runtime_parts(
    case: Case,
    stage: Stage,
    division: Division,
    environment: Environment,
    packages: RuntimePackages,
    interpreter: BareInterpreter | None = None,
) -> list[Part]:
    """The runtime stage in the author's order, with the packages and the environment where they were installed.

    `interpreter` says how an image starts the program that has nothing else.
    """
    texts = _texts(case, stage, division)
    environment_at = _environment_place(case, stage, division)
    replaced_at = (package.instruction.span.start for package in division.built)
    packages_at = min(next(replaced_at, environment_at), environment_at)
    new_packages = _new_packages(division, packages)
    modules = interpreter.modules if interpreter is not None else ""
    parts: list[Part] = []
    for instruction in stage.instructions:
        start = instruction.span.start
        if start in division.divided and division.divided[start].runs_first:
            parts.append(Part(texts.pop(start)))
        if start == packages_at and new_packages is not None:
            parts.append(new_packages)
        late = [text for place, text in division.tool_lines.items() if place > environment_at]
        parts.extend(Part(text) for text in (late if start == environment_at else ()))
        if start in division.tool_lines and start <= environment_at:
            parts.append(Part(division.tool_lines[start]))
        if start == environment_at:
            folder = "" if modules else environment.folder
            parts.append(Part(environment=folder, sets_path=environment.sets_path, modules=modules))
        if interpreter is not None and instruction is interpreter.instruction:
            written = instruction.arguments_span.cut(case.dockerfile.text).replace("\r\n", "\n")
            texts[start] = texts[start].replace(written, interpreter.command)
        if start in texts:
            text = texts[start]
            parts.append(Part(text if parts else text.removeprefix("\n")))
    return parts


def _texts(case: Case, stage: Stage, division: Division) -> dict[int, str]:
    """What the runtime stage has of the author's instructions."""
    kept = [i for i in stage.instructions if division.role(i) != "build"]
    moving = [i for i in kept if division.role(i) == "runtime"]
    texts = {block.instruction.span.start: block.text for block in blocks(case, stage, kept, moving, continued=True)}
    variables = build_variables(division.read, division.tools)
    for instruction in kept:
        if instruction.keyword == "ENV" and division.role(instruction) == "both":
            shorter = without_variables(case, instruction, variables)
            texts[instruction.span.start] = shorter or texts[instruction.span.start]
    texts.update((start, parts.runtime) for start, parts in division.divided.items())
    return texts


def _new_packages(division: Division, packages: RuntimePackages) -> Part | None:
    """The RUN that installs them; None where there is nothing to install."""
    names = tuple(dict.fromkeys(packages.names))
    alpine = any(package.manager == "apk" for package in division.read.packages)
    upgrades = not alpine and any(run.upgrades and division.stays_behind(run.instruction) for run in division.read.runs)
    of_alpine, of_debian = (names, ()) if alpine else ((), names)
    return Part("", of_debian, of_alpine, packages.is_lean, upgrades) if names or upgrades else None


def _environment_place(case: Case, stage: Stage, division: Division) -> int:
    """Where the first install stood, or the first COPY that the runtime stage has, which changes more often."""
    first = min(_installs(division.read))
    downloads = case.files(stage).downloads
    copies = [i for i in stage.all("COPY", "ADD") if division.role(i) != "build" and i not in downloads]
    return min([first, *(i.span.start for i in copies if not i.flag("from"))])


def _installs(read: PythonStage) -> set[int]:
    """Where the installs stand, those of the managers alone left out where others follow."""
    installs = {run.instruction.span.start for run in read.runs if run.purpose == "install"}
    if not uses_managers(read):
        return installs
    return installs - {run.instruction.span.start for run in read.runs if is_for_tools(run)} or installs


def environment_line_place(stage: Stage, division: Division) -> Instruction:
    """The instruction of the build stage above which the environment is made: its first install, or that one's COPY."""
    read = division.read
    installs = _installs(read)
    tools = [run.instruction.span.start for run in read.runs if uses_managers(read) and is_for_tools(run)]
    above = max((start for start in tools if start < min(installs)), default=0)
    packs_source = any(install.installs_project and install.project is None for install in read.installs)
    for_install = ("build", "both") if packs_source else ("build",)
    return next(
        i
        for i in stage.instructions
        if i.span.start in installs
        or (i.keyword in ("COPY", "ADD") and division.role(i) in for_install and i.span.start > above)
    )


def from_flags(case: Case, stage: Stage) -> Iterator[str]:
    """The flags of FROM as they stand."""
    for flag in stage.from_.flags:
        yield flag.span.cut(case.dockerfile.text)
