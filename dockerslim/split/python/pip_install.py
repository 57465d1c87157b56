"""What a pip command installs: its requirements files are read, and the projects that it is given as folders."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.languages.evidence import Evidence
from dockerslim.split.python.copied_files import copied_file, image_path, mounted_file
from dockerslim.split.python.exported_requirements import ExportedRequirements, exported_requirements
from dockerslim.split.python.install import Install, ReadFile
from dockerslim.split.python.pip_command import REMOTE, PipCommand, is_local_path

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


def read_install(case: Case, stage: Stage, command: PipCommand) -> Install:
    """Read the requirements files of a pip command, and what they include."""
    project = _read_projects(case, stage, command)
    if command.local_paths and (project is None or project.unknown):
        why = project.unknown if project is not None else ""
        return Install(command, needs_source=command.local_paths[0], why_source=why)
    if not command.is_known:
        return Install(command, unknown=f"what `pip {command.verb}` installs is computed")
    if is_local_path(case.state(command.instruction).env.get("PIP_FIND_LINKS") or ""):
        return Install(command, unknown="`PIP_FIND_LINKS` names a folder that it reads")
    reading = _Reading(case, stage, command)
    reading.distributions.update(dict.fromkeys(_distribution(name) for name in command.names))
    reading.distributions.update(dict.fromkeys(project.distributions if project is not None else ()))
    reading.files.update(dict.fromkeys(_named_by_variables(case, stage, command)))
    for name in (*command.requirement_files, *command.constraint_files, *_constraints(case, command)):
        if name is None or REMOTE.match(name):
            continue
        reading.read(name)
        if reading.unknown:
            return Install(command, tuple(reading.files), unknown=reading.unknown)
    # a folder that a requirements file names is not among those of the command line
    has_project = project is not None and not reading.needs_source
    return Install(
        command,
        tuple(reading.files),
        tuple(reading.distributions),
        reading.needs_source or (command.local_paths[0] if project is not None else ""),
        wheels=frozenset(reading.wheels),
        exported=tuple(reading.exported),
        installs_project=has_project,
        is_package=has_project,
    )


@dataclass(slots=True)
class _Reading:
    """What has been learnt from the requirements files of one command so far."""

    case: Case
    stage: Stage
    command: PipCommand
    files: dict[ReadFile, None] = field(default_factory=dict)
    distributions: dict[str, None] = field(default_factory=dict)
    wheels: set[str] = field(default_factory=set)
    exported: list[str] = field(default_factory=list)
    needs_source: str = ""
    """The first folder that a requirements file names."""
    unknown: str = ""
    """Why it can't be told what is installed."""

    def read(self, name: str) -> None:
        """Read a file that the command is given, by whatever way it came into the image."""
        path = image_path(name, self.command)
        instruction = self.command.instruction
        exported = exported_requirements(self.case, self.stage, path, instruction) if path else None
        if path is not None and exported is not None:
            self._take_exported(name, path, exported)
            return
        mounted = mounted_file(self.case, instruction, path) if path else None
        found = mounted or (copied_file(self.case, self.stage, path, instruction) if path else None)
        if found is None or path is None:
            self.unknown = _not_there(self.case, self.stage, name, self.command)
        elif posixpath.basename(found) == "pyproject.toml":
            self._take_declared(found, path, is_copied=mounted is None)
        else:
            self._take_requirements(name, found, path, is_copied=mounted is None)

    def _take_exported(self, name: str, path: str, exported: ExportedRequirements) -> None:
        if copied_file(self.case, self.stage, path) is not None:
            self.unknown = f"`{name}` is written over"
            return
        self.distributions.update(dict.fromkeys(exported.distributions))
        self.wheels |= exported.wheels
        self.files.update(dict.fromkeys(exported.files))
        self.exported.append(path)

    def _take_declared(self, found: str, path: str, *, is_copied: bool) -> None:
        from dockerslim.languages.python.installed import declared_distributions

        assert self.case.context is not None
        if is_copied:
            self.files[ReadFile(found, path)] = None
        self.distributions.update(dict.fromkeys(declared_distributions(self.case.context, found)))

    def _take_requirements(self, name: str, found: str, path: str, *, is_copied: bool) -> None:
        from dockerslim.languages.python.requirements import read_requirements

        assert self.case.context is not None
        read = read_requirements(self.case.context, found)
        if is_copied:
            self.files.update(dict.fromkeys(_laid_beside(file, found, path) for file in read.files))
        self.unknown = _unreadable(read.missing, read.unreadable)
        if self.unknown:
            return
        if read.local_paths:
            self.needs_source = _shown(read.local_paths[0].evidence)
        elif read.editable:
            self.unknown = f"`{_shown(read.editable[0])}` is cloned beside the source"
            return
        if name in self.command.requirement_files:
            self.distributions.update(dict.fromkeys(str(entry) for entry in read.entries))


def _constraints(case: Case, command: PipCommand) -> Iterator[str]:
    """Files that variables name as `-c` does."""
    for variable in CONSTRAINTS:
        yield from (case.state(command.instruction).env.get(variable) or "").split()


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


def _laid_beside(file: str, first: str, path: str) -> ReadFile:
    """An included file: it lies beside the first one in the image as it does in the context."""
    relative = posixpath.relpath(file, posixpath.dirname(first) or ".")
    return ReadFile(file, posixpath.normpath(posixpath.join(posixpath.dirname(path), relative)))


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
