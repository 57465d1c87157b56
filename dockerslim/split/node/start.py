"""What a stage's image starts of a Node project."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import Command, NodeProject, RuntimeLoads, detect, resolve_command, runtime_loads
from dockerslim.languages.node.embedded_servers import embedded_servers
from dockerslim.languages.node.framework_files import framework_entry_files
from dockerslim.languages.node.scripts import OPTIONS, words_of_options
from dockerslim.languages.node.syntax import SOURCE_SUFFIXES
from dockerslim.split.node.compiled import project_of_program, with_bundles
from dockerslim.split.node.stage import project_at, project_of_outputs
from dockerslim.split.node.start_scripts import relative_words, script_finder
from dockerslim.split.service_starts import service_words
from dockerslim.split.start import Start


@dataclass(frozen=True, slots=True)
class NodeStart:
    """The project in the work folder and what the command runs of it. `folder` is that folder in the image."""

    project: NodeProject
    command: Command
    folder: str
    outputs: str | None = None
    """The context's folder that lies in `folder`, where it is one of the project's and not all of it."""
    is_loose: bool = False
    """The image holds no package.json, nor what was built of one."""

    def image_path(self, path: str) -> str:
        """Where a path of the context lies in the image, by the place of package.json or of the outputs."""
        base = self.project.folder if self.outputs is None else self.outputs
        return posixpath.normpath(posixpath.join(self.folder, posixpath.relpath(path or ".", base or ".")))


def node_start(case: Case, stage: Stage, start: Start) -> NodeStart | None:
    """None where no package.json of the context lies in the work folder."""
    folder = case.states[stage.index].final.workdir
    if folder is None:
        return None
    words = started_words(case, stage, start, folder)
    project = project_at(case, stage, folder) or project_of_outputs(case, stage, folder)
    if project is None:
        project, words = project_of_program(case, stage, folder, words)
    if project is None:
        return None
    project = with_bundles(case, project)
    return NodeStart(project, resolved(case, stage, project, words, folder), folder)


def resolved(case: Case, stage: Stage, project: NodeProject, words: Sequence[str], folder: str) -> Command:
    """What a command line of the image runs of the project in an image folder."""
    options = node_options(case, stage, folder)
    return resolve_command(project, words, options, script_finder(case, stage, project, folder))


def node_options(case: Case, stage: Stage, folder: str) -> tuple[str, ...]:
    """The words of NODE_OPTIONS, as the image or a compose service sets it; paths below the work folder as relative."""
    said = [case.states[stage.index].final.env.get(OPTIONS)]
    said += [value for service in case.usage.services for name, value in service.environment_values if name == OPTIONS]
    return relative_words(tuple(word for value in said if value for word in words_of_options(value)), folder)


def started_words(case: Case, stage: Stage, start: Start, folder: str) -> tuple[str, ...]:
    """The command line that the image runs, paths below the work folder as relative ones."""
    words = start.words if start.words is not None else ("sh", "-c", start.script.source.text if start.script else "")
    return relative_words((*_entrypoint_of_base(case, stage, words), *words), folder)


def _entrypoint_of_base(case: Case, stage: Stage, words: tuple[str, ...]) -> tuple[str, ...]:
    """Distroless images start node or bun with whatever the CMD says, the others of Bun do with what is no program."""
    state = case.states[stage.index].final
    entrypoint, image = state.entrypoint, state.image
    if image is None or image.language != "node" or entrypoint is None or entrypoint.instruction is not None:
        return ()
    if image.variant == "distroless":
        return entrypoint.words or ()
    first = words[0] if words else ""
    is_for_bun = first == "run" or first.startswith("-") or first.endswith(SOURCE_SUFFIXES)
    return ("bun",) if image.family == "bun" and is_for_bun else ()


def loads_of(found: NodeStart) -> RuntimeLoads | None:
    """What the command loads, reads and writes; None where it runs no file of the project."""
    files = tuple(dict.fromkeys(_entry_files(found.project, found.command)))
    return runtime_loads(found.project, files) if files else None


def used_loads(case: Case, found: NodeStart, loads: RuntimeLoads | None) -> RuntimeLoads | None:
    """`loads`, which are those of the image's own command, together with those of the commands of services."""
    own = dict.fromkeys(_entry_files(found.project, found.command))
    commands = (command for _, command in service_commands(case, found.project, found.folder))
    files = own | dict.fromkeys(file for command in commands for file in _entry_files(found.project, command))
    return loads if files == own else runtime_loads(found.project, tuple(files))


def _project_of_programs(project: NodeProject, command: Command) -> NodeProject:
    """The member of the workspace in whose folder the programs run; else the project itself."""
    if len(command.folders) != 1 or command.folders[0] not in project.workspaces:
        return project
    return detect(project.context, command.folders[0]) or project


def _entry_files(project: NodeProject, command: Command) -> Iterator[str]:
    yield from command.entry_files
    own = _project_of_programs(project, command)
    for argv in command.programs:
        yield from framework_entry_files(own, argv) or ()
    for server in embedded_servers(project, command):
        yield from server.files


def service_commands(case: Case, project: NodeProject, folder: str) -> tuple[tuple[str, Command], ...]:
    """What compose services run in the image in place of its command, each with the file that says so."""
    found = []
    for service in case.usage.services:
        words = service_words(case, case.stage, service)
        if words:
            variables = service.environment_values
            values = [value for name, value in variables if name == OPTIONS and value]
            options = [word for value in values for word in words_of_options(value)]
            given = relative_words(tuple(options), folder)
            find = script_finder(case, case.stage, project, folder)
            found.append((service.file, resolve_command(project, relative_words(words, folder), given, find)))
    return tuple(found)
