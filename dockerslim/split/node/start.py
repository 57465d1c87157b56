"""What a stage's image starts of a Node project."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.context.compose import Command as ComposeCommand
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import Command, NodeProject, RuntimeLoads, resolve_command, runtime_loads
from dockerslim.languages.node.framework_files import framework_entry_files
from dockerslim.split.node.stage import project_at, project_of_outputs
from dockerslim.split.start import Start


@dataclass(frozen=True, slots=True)
class NodeStart:
    """The project in the work folder and what the command runs of it. `folder` is that folder in the image."""

    project: NodeProject
    command: Command
    folder: str

    def image_path(self, path: str) -> str:
        """Where a path of the context lies in the image, by the place of package.json."""
        return posixpath.normpath(
            posixpath.join(self.folder, posixpath.relpath(path or ".", self.project.folder or "."))
        )


def node_start(case: Case, stage: Stage, start: Start) -> NodeStart | None:
    """None where no package.json of the context lies in the work folder."""
    folder = case.states[stage.index].final.workdir
    if folder is None:
        return None
    project = project_at(case, stage, folder) or project_of_outputs(case, stage, folder)
    if project is None:
        return None
    words = start.words if start.words is not None else ("sh", "-c", start.script.source.text if start.script else "")
    words = (*_entrypoint_of_base(case, stage), *words)
    return NodeStart(project, resolve_command(project, relative_words(words, folder)), folder)


def _entrypoint_of_base(case: Case, stage: Stage) -> tuple[str, ...]:
    """Distroless images start node with whatever the CMD says."""
    state = case.states[stage.index].final
    is_distroless = state.image is not None and state.image.family == "distroless" and state.image.language == "node"
    has_own = state.entrypoint is not None and state.entrypoint.instruction is not None
    return ("node",) if is_distroless and not has_own else ()


def loads_of(found: NodeStart) -> RuntimeLoads | None:
    """What the command loads, reads and writes; None where it runs no file of the project."""
    files = list(found.command.entry_files)
    for argv in found.command.programs:
        files.extend(framework_entry_files(found.project, argv) or ())
    return runtime_loads(found.project, tuple(dict.fromkeys(files))) if files else None


def relative_words(words: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """Paths below the work folder as relative ones, which is how the project's facts know them."""
    prefix = folder.rstrip("/") + "/"
    return tuple(f"./{word[len(prefix) :]}" if word.startswith(prefix) and word != prefix else word for word in words)


def service_commands(case: Case, project: NodeProject, folder: str) -> tuple[tuple[str, Command], ...]:
    """What compose services run in the image in place of its command, each with the file that says so."""
    found = []
    for service in case.usage.services:
        for said in (service.entrypoint, service.command):
            words = _compose_words(said)
            if words:
                found.append((service.file, resolve_command(project, relative_words(words, folder))))
    return tuple(found)


def _compose_words(command: ComposeCommand | None) -> tuple[str, ...]:
    if not command:
        return ()
    return ("sh", "-c", command) if isinstance(command, str) else tuple(command)
