"""What an install of Python packages brings, and which files of the build context it reads for it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.images.files import context_source
from dockerslim.languages.evidence import Evidence
from dockerslim.paths import is_below
from dockerslim.split.cache_mounts import mount_options
from dockerslim.split.python.pip_command import REMOTE, PipCommand, is_local_path
from dockerslim.split.python.project_command import ProjectCommand

if TYPE_CHECKING:
    from dockerslim.languages.python.built_project import BuiltProject

SHOWN = 60
CONSTRAINTS = ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT", "UV_OVERRIDE")
"""Variables that name files as the option does."""
READ_BY_VARIABLE = (
    "PIP_CONFIG_FILE",
    "UV_CONFIG_FILE",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "NETRC",
)
FIRST_LINKING = (3, 8)
"""The version of Python whose images brought a pip that leaves editable installs to the build backend."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of the context that pip reads, and where it lies in the image."""

    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a manager's packages land: in an environment at `folder`, in the interpreter's own folder, or in an
    environment below the home folder, whose name only the manager knows."""

    kind: Literal["folder", "interpreter", "home"]
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Install:
    """A command that installs packages and what the context says of it."""

    command: PipCommand | ProjectCommand
    files: tuple[ReadFile, ...] = ()
    """What it reads by a COPY; what a bind mount brings is not among them."""
    distributions: tuple[str, ...] = ()
    """Names as `name` or `name[extra]`."""
    needs_source: str = ""
    """What it installs out of a folder: `.`, `./libs/common`; "" where it needs requirements files only."""
    why_source: str = ""
    """Why it can't be told what is installed out of it; "" where there is no more to say."""
    unknown: str = ""
    """Why it can't be told what is installed; "" where it can."""
    wheels: frozenset[str] = frozenset()
    """The distributions for which a lock file names a wheel."""
    exported: tuple[str, ...] = ()
    """Image paths of the requirements files that a manager has written from its lock file."""
    target: Target | None = None
    """Of a manager's; pip's packages land where its interpreter is."""
    is_package: bool = False
    """Is the project itself one that its manager installs, if it is not told to leave it out?"""
    installs_project: bool = False
    """Is it installed with the others?"""
    is_plainly_built: bool = True
    """Does building the project write nothing beside its source?"""
    members: tuple[str, ...] = ()
    """The context's folders of the other projects of its workspace."""
    computed_metadata: str = ""
    """What of the project's metadata is only known by building it."""

    @property
    def without_project(self) -> str:
        """The option that leaves the project itself out, and the others of its workspace."""
        if self.project is None:
            return ""
        return self.project.manager.without_workspace if self.members else self.project.manager.without_project

    @property
    def links_source(self) -> bool:
        """Is the project installed as a link to its source, which must be there then?"""
        if isinstance(self.command, PipCommand):
            return bool(self.command.editable)
        return self.installs_project

    @property
    def lacks_source(self) -> bool:
        """Would a stage that has nothing but the packages miss the source that they were installed from?"""
        return bool(self.needs_source) and (not self.installs_project or self.links_source)

    @property
    def project(self) -> ProjectCommand | None:
        return self.command if isinstance(self.command, ProjectCommand) else None


def read_install(case: Case, stage: Stage, command: PipCommand) -> Install:
    """Read the requirements files of a pip command, and what they include."""
    from dockerslim.languages.python.installed import declared_distributions
    from dockerslim.languages.python.requirements import read_requirements
    from dockerslim.split.python.exported_requirements import exported_requirements

    shown = " ".join(("pip", command.verb))
    project = _read_projects(case, stage, command)
    if command.local_paths and (project is None or project.unknown):
        why = project.unknown if project is not None else ""
        return Install(command, needs_source=command.local_paths[0], why_source=why)
    if not command.is_known:
        return Install(command, unknown=f"what `{shown}` installs is computed")
    files: dict[ReadFile, None] = {}
    wheels: frozenset[str] = frozenset()
    written: list[str] = []
    distributions: dict[str, None] = dict.fromkeys(_distribution(name) for name in command.names)
    distributions.update(dict.fromkeys(project.distributions if project is not None else ()))
    needs_source = command.local_paths[0] if project is not None else ""
    state = case.state(command.instruction)
    if is_local_path(state.env.get("PIP_FIND_LINKS") or ""):
        return Install(command, unknown="`PIP_FIND_LINKS` names a folder that it reads")
    files.update(dict.fromkeys(_named_by_variables(case, stage, command)))
    given = [word for variable in CONSTRAINTS for word in (state.env.get(variable) or "").split()]
    for name in (*command.requirement_files, *command.constraint_files, *given):
        if name is None or REMOTE.match(name):
            continue
        path = image_path(name, command)
        exported = exported_requirements(case, stage, path, command.instruction) if path else None
        if exported is not None and path is not None:
            if copied_file(case, stage, path) is not None:
                return Install(command, unknown=f"`{name}` is written over")
            distributions.update(dict.fromkeys(exported.distributions))
            wheels |= exported.wheels
            files.update(dict.fromkeys(exported.files))
            written.append(path)
            continue
        mounted = mounted_file(case, command.instruction, path) if path else None
        found = mounted or (copied_file(case, stage, path, command.instruction) if path else None)
        if found is None or path is None or case.context is None:
            return Install(command, unknown=_not_there(case, stage, name, command))
        if posixpath.basename(found) == "pyproject.toml":
            files.update({} if mounted else {ReadFile(found, path): None})
            distributions.update(dict.fromkeys(declared_distributions(case.context, found)))
            continue
        read = read_requirements(case.context, found)
        if mounted is None:
            files.update(dict.fromkeys(_laid_beside(file, found, path) for file in read.files))
        problem = _unreadable(read.missing, read.unreadable)
        if problem:
            return Install(command, tuple(files), unknown=problem)
        if read.local_paths:
            project = None
            needs_source = _shown(read.local_paths[0].evidence)
        elif read.editable:
            return Install(command, tuple(files), unknown=f"`{_shown(read.editable[0])}` is cloned beside the source")
        if name in command.requirement_files:
            distributions.update(dict.fromkeys(str(entry) for entry in read.entries))
    return Install(
        command,
        tuple(files),
        tuple(distributions),
        needs_source,
        wheels=wheels,
        exported=tuple(written),
        installs_project=project is not None and needs_source == command.local_paths[0],
        is_package=project is not None,
    )


def _named_by_variables(case: Case, stage: Stage, command: PipCommand) -> Iterator[ReadFile]:
    """Files of the context that variables make pip, or what it downloads with, read."""
    for variable in READ_BY_VARIABLE:
        path = image_path(case.state(command.instruction).env.get(variable) or "", command)
        source = copied_file(case, stage, path, command.instruction) if path is not None else None
        if source is not None and path is not None:
            yield ReadFile(source, path)


def _read_projects(case: Case, stage: Stage, command: PipCommand) -> BuiltProject | None:
    """The projects that the command installs out of folders; None where one of the paths is none that is copied."""
    from dockerslim.languages.python.built_project import BuiltProject, built_project

    names: dict[str, None] = {}
    for word in command.local_paths:
        path, _, extras = word.partition("[")
        absolute = image_path(path, command)
        folder = _copied_folder(case, stage, absolute, command.instruction) if absolute is not None else None
        if case.context is None or folder is None:
            return None
        found = built_project(case.context, folder, [e.strip() for e in extras.rstrip("]").split(",") if e.strip()])
        if found.unknown or (word in command.editable and not _links_by_standard(case, command, found)):
            return replace(found, unknown=found.unknown or "the link to it may lie among the source")
        names.update(dict.fromkeys(found.distributions))
    return BuiltProject(tuple(names)) if command.local_paths else None


def _links_by_standard(case: Case, command: PipCommand, found: BuiltProject) -> bool:
    image = case.state(command.instruction).image
    version = image.language_version if image is not None else None
    return found.links_by_standard and (version is None or version >= FIRST_LINKING)


def _copied_folder(case: Case, stage: Stage, path: str, before: Instruction) -> str | None:
    """The context's folder of a project at an image path."""
    for name in ("pyproject.toml", "setup.py"):
        file = copied_file(case, stage, posixpath.join(path, name), before)
        if file is not None and posixpath.basename(file) == name:
            return posixpath.dirname(file)
    return None


def image_path(path: str, command: PipCommand | ProjectCommand) -> str | None:
    """The absolute path of one that a command is given."""
    if path.startswith("/"):
        return posixpath.normpath(path)
    return None if command.folder is None else posixpath.normpath(posixpath.join(command.folder, path))


def _laid_beside(file: str, first: str, path: str) -> ReadFile:
    """An included file: it lies beside the first one in the image as it does in the context."""
    relative = posixpath.relpath(file, posixpath.dirname(first) or ".")
    return ReadFile(file, posixpath.normpath(posixpath.join(posixpath.dirname(path), relative)))


def copied_file(
    case: Case,
    stage: Stage,
    path: str,
    before: Instruction | None = None,
    without: Collection[Instruction] = (),
) -> str | None:
    """The context's file that a COPY lays at an image path, the last one that has it; `without` are not asked."""
    if case.context is None:
        return None
    for placement in reversed(case.files(stage).placements):
        carrier = placement.instruction
        if placement.stage is not None or carrier in without:
            continue
        if before is not None and carrier.span.start > before.span.start:
            continue
        source = placement.source
        if placement.is_folder and is_below(path, placement.target):
            rest = path[len(placement.target.rstrip("/")) + 1 :]
            source = posixpath.join(placement.source, rest) if placement.source else rest
        elif path != placement.target:
            continue
        if case.context.is_file(source):
            return source
    return None


def mounted_file(case: Case, instruction: Instruction, path: str) -> str | None:
    """A file of the context that a bind mount of the RUN lays there."""
    state = case.state(instruction)
    for flag in instruction.flags:
        options = mount_options(flag.value or "") if flag.name == "mount" else {}
        if flag.name != "mount" or options.get("type", "bind") != "bind" or options.get("from"):
            continue
        target = state.path(options.get("target") or options.get("dst") or options.get("destination") or "")
        source = context_source(options.get("source") or options.get("src") or "")
        if case.context is None or target is None:
            continue
        found = source if target == path else None
        if is_below(path, target):
            rest = path[len(target.rstrip("/")) + 1 :]
            found = posixpath.join(source, rest) if source else rest
        if found is not None and case.context.is_file(found):
            return found
    return None


def _not_there(case: Case, stage: Stage, name: str, command: PipCommand) -> str:
    hidden = case.context.hidden if case.context is not None else ()
    absolute = posixpath.normpath(posixpath.join(command.folder or "/", name))
    source = case.files(stage).context_path(absolute, command.instruction)
    if source is not None and source in hidden:
        return f"`{source}` is hidden by .dockerignore"
    return f"`{name}` is not copied from the build context"


def _unreadable(missing: Iterable[Evidence], unreadable: Iterable[Evidence]) -> str:
    for evidence in missing:
        return f"`{_shown(evidence)}` in {evidence.file} names a file that the build context lacks"
    for evidence in unreadable:
        return (
            f"`{_shown(evidence)}` in {evidence.file} is not understood"
            if evidence.text
            else (f"{evidence.file} can't be read")
        )
    return ""


def _shown(evidence: Evidence) -> str:
    return evidence.text if len(evidence.text) <= SHOWN else evidence.text[: SHOWN - 3] + "..."


def _distribution(requirement: str) -> str:
    """`flask[async]>=2` as `flask[async]`."""
    end = next((n for n, char in enumerate(requirement) if char in "=!~<>;@ ("), len(requirement))
    return requirement[:end].strip()
