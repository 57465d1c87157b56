"""Says of each instruction of a Python stage whether it builds, runs, or does both, and lays out the runtime stage."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.split.image_view import ImageView
from dockerslim.split.moving import blocks
from dockerslim.split.order import brought_files
from dockerslim.split.python.needs import RuntimePackages
from dockerslim.split.python.pip_command import PipCommand
from dockerslim.split.python.purpose import PurposedRun, PythonStage
from dockerslim.split.python.users import made_names, named_users
from dockerslim.split.python.virtual_environment import environment_folders
from dockerslim.split.refused import Refused

Role = Literal["build", "runtime", "both"]

ENVIRONMENTS = ("/opt/venv", "/venv", "/opt/environment")
"""Folders for an environment of ours; the first that the author's files leave free."""
PIP_VARIABLES = frozenset(
    {
        "PIP_CACHE_DIR",
        "PIP_DEFAULT_TIMEOUT",
        "PIP_DISABLE_PIP_VERSION_CHECK",
        "PIP_EXTRA_INDEX_URL",
        "PIP_INDEX_URL",
        "PIP_NO_CACHE_DIR",
        "PIP_PREFER_BINARY",
        "PIP_ROOT_USER_ACTION",
        "PIP_TRUSTED_HOST",
        "PIP_VERSION",
    }
)
"""Read by pip only."""
CONFIGURATION = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "VOLUME"})


@dataclass(frozen=True, slots=True)
class Environment:
    """The virtual environment that is carried over; `is_new` where the author made none."""

    folder: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the runtime stage: the author's text, or something new."""

    text: str = ""
    debian_packages: Sequence[str] = ()
    alpine_packages: Sequence[str] = ()
    is_lean: bool = True
    environment: str = ""
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class RuntimeStage:
    """What fills templates/python/runtime_stage.dockerfile.jinja."""

    flags: str
    image: str
    name: str | None
    build: str
    parts: Sequence[Part]


def find_environment(case: Case, stage: Stage, read: PythonStage, view: ImageView) -> Environment:
    """The author's environment, where each install goes into it; else a new one.

    Raises Refused where that isn't clear.
    """
    folders = tuple(environment_folders(case, stage))
    commands = [install.command for install in read.installs]
    if not folders:
        outside = next((c for c in commands if "/" in c.program), None)
        if outside is not None:
            span = outside.script.span(outside.command.start, outside.command.end)
            raise Refused(span, f"`{outside.program}` installs past a virtual environment", "start it as `pip`")
        return Environment(next(f for f in ENVIRONMENTS if _is_free(case, stage, f, view)), is_new=True)
    folder = folders[0]
    if len(set(folders)) != 1 or folder is None or not all(_installs_into(case, c, folder) for c in commands):
        raise Refused(
            stage.from_.span,
            "which virtual environment the packages are installed in can't be told",
            "make one at an absolute path, and put its bin folder on PATH with ENV",
        )
    source = [p.target for p in case.files(stage).placements if p.stage is None and p.is_folder]
    if any((folder + "/").startswith(target.rstrip("/") + "/") for target in source):
        raise Refused(
            stage.from_.span,
            "the virtual environment lies among the source",
            "make it outside the work folder, such as in /opt/venv",
        )
    return Environment(folder, is_new=False)


def _is_free(case: Case, stage: Stage, folder: str, view: ImageView) -> bool:
    """Is the folder neither one that the author's files lie in nor a work folder? The last one is taken for free."""
    workdirs = [case.states[stage.index].at(i).workdir for i in stage.instructions]
    prefix = folder.lstrip("/") + "/"
    used = any(path.startswith(prefix) for path in view.sources) or any((w or "") == folder for w in workdirs)
    return not used or folder == ENVIRONMENTS[-1]


def _installs_into(case: Case, command: PipCommand, folder: str) -> bool:
    state = case.state(command.instruction)
    if "/" in command.program:
        return posixpath.normpath(posixpath.join(command.folder or "/", command.program)).startswith(folder + "/bin/")
    return (state.env.get("PATH") or "").startswith(f"{folder}/bin:")


def roles(
    case: Case, stage: Stage, read: PythonStage, drops_packages: bool, kept_files: Collection[str]
) -> dict[int, Role]:
    """The role of each instruction, by where it starts. `kept_files` are manifests that the program reads itself."""
    purposes = {run.instruction.span.start: run for run in read.runs}
    found: dict[int, Role] = {}
    last = max((run.instruction.span.start for run in read.runs if run.purpose == "install"), default=0)
    for instruction in stage.instructions:
        start = instruction.span.start
        is_above = start < last
        if instruction.keyword == "RUN":
            found[start] = _run_role(purposes[start], drops_packages, is_above)
        elif instruction.keyword in ("COPY", "ADD"):
            found[start] = _copy_role(case, stage, instruction, read, kept_files) if is_above else "runtime"
        elif instruction.keyword == "ENV":
            is_pips = all(pair.key in PIP_VARIABLES for pair in instruction.assignments)
            found[start] = ("build" if is_pips else "both") if is_above else "runtime"
        elif instruction.keyword in CONFIGURATION:
            found[start] = "runtime"
        else:
            found[start] = "both" if is_above else "runtime"
    _keep_users(case, stage, found)
    for instruction in stage.all("ARG"):
        if found[instruction.span.start] == "both" and not _is_used(stage, instruction, found, purposes):
            found[instruction.span.start] = "build"
    return found


def _keep_users(case: Case, stage: Stage, found: dict[int, Role]) -> None:
    """A user that the build stage's instructions name must be made there too: a COPY takes no unknown name."""
    named: frozenset[str] = frozenset()
    for instruction in reversed(stage.instructions):
        start = instruction.span.start
        if found[start] == "runtime" and made_names(case, instruction) & named:
            found[start] = "both"
        if found[start] != "runtime":
            named |= named_users(case, instruction)


def _run_role(run: PurposedRun, drops_packages: bool, is_above: bool) -> Role:
    if run.purpose == "install":
        return "build"
    if run.purpose == "system":
        return "build" if drops_packages else "runtime"
    return "both" if is_above and not run.is_apart else "runtime"


def _copy_role(
    case: Case, stage: Stage, instruction: Instruction, read: PythonStage, kept_files: Collection[str]
) -> Role:
    """A COPY that stands above an install."""
    wanted = {file.source for install in read.installs for file in install.files}
    brought = brought_files(case, stage, instruction)
    if instruction.flag("from") or brought is None:
        return "both"
    if brought <= wanted:
        return "both" if brought & set(kept_files) else "build"
    if brought & wanted and _is_only_carrier(case, stage, instruction, brought & wanted):
        return "both"
    workdirs = {case.state(i).path(i.value) for i in stage.all("WORKDIR")} | {case.state(instruction).workdir}
    targets = [p.target for p in case.files(stage).placements if p.instruction is instruction]
    folders = [f for f in workdirs if f]
    is_source = all(any((t + "/").startswith(f.rstrip("/") + "/") for f in folders) for t in targets)
    return "runtime" if is_source else "both"


def _is_only_carrier(case: Case, stage: Stage, instruction: Instruction, files: Collection[str]) -> bool:
    others = [i for i in stage.all("COPY", "ADD") if i is not instruction and not i.flag("from")]
    apart = {path for other in others for path in (brought_files(case, stage, other) or ())}
    return bool(set(files) - apart)


def _is_used(stage: Stage, argument: Instruction, found: dict[int, Role], runs: dict[int, PurposedRun]) -> bool:
    """May the runtime stage need an ARG? By name in an instruction, or as a variable of a RUN's programs."""
    names = [pair.key for pair in argument.assignments]
    later = [i for i in stage.instructions if i.span.start > argument.span.start and found[i.span.start] != "build"]
    if any(i.keyword == "RUN" and not runs[i.span.start].is_apart for i in later):
        return True
    return any(f"${name}" in i.value or f"${{{name}" in i.value for i in later for name in names)


def runtime_parts(
    case: Case,
    stage: Stage,
    read: PythonStage,
    found: dict[int, Role],
    environment: Environment,
    replaced: RuntimePackages,
    added: Sequence[str],
) -> list[Part]:
    """The runtime stage in the author's order, with the packages and the environment where they were installed."""
    kept = [i for i in stage.instructions if found[i.span.start] != "build"]
    moving = [i for i in kept if found[i.span.start] == "runtime"]
    texts = {block.instruction.span.start: block.text for block in blocks(case, stage, kept, moving)}
    packages_at = next(
        (r.instruction.span.start for r in read.runs if r.packages and found[r.instruction.span.start] == "build"), None
    )
    environment_at = _environment_place(stage, read, found)
    names = tuple(dict.fromkeys((*replaced.names, *added)))
    if packages_at is None or packages_at > environment_at:
        packages_at = environment_at
    alpine = any(package.manager == "apk" for package in read.packages)
    parts: list[Part] = []
    for instruction in stage.instructions:
        start = instruction.span.start
        if start == packages_at and names:
            part = Part(alpine_packages=names) if alpine else Part(debian_packages=names, is_lean=replaced.is_lean)
            parts.append(part)
        if start == environment_at:
            parts.append(Part(environment=environment.folder, is_new=environment.is_new))
        if start in texts:
            parts.append(Part(texts[start]))
    return parts


def _environment_place(stage: Stage, read: PythonStage, found: dict[int, Role]) -> int:
    """Where the first install stood, or the first COPY that the runtime stage has, which changes more often."""
    first = min(run.instruction.span.start for run in read.runs if run.purpose == "install")
    copies = [i.span.start for i in stage.all("COPY", "ADD") if found[i.span.start] != "build" and not i.flag("from")]
    return min([first, *copies])


def environment_line_place(stage: Stage, read: PythonStage, found: dict[int, Role]) -> Instruction:
    """The instruction of the build stage above which the environment is made."""
    installs = {run.instruction.span.start for run in read.runs if run.purpose == "install"}
    return next(
        i
        for i in stage.instructions
        if i.span.start in installs or (i.keyword in ("COPY", "ADD") and found[i.span.start] == "build")
    )


def from_flags(case: Case, stage: Stage) -> Iterator[str]:
    """The flags of FROM as they stand."""
    for flag in stage.from_.flags:
        yield flag.span.cut(case.dockerfile.text)
