"""What a framework's build leaves beside its output, and the server that it makes doesn't read."""

from __future__ import annotations

from dockerslim.case import Case
from dockerslim.languages.node.frameworks import framework_of
from dockerslim.split.node.start import NodeStart, service_commands


def framework_leftovers(case: Case, node: NodeStart) -> tuple[str, ...]:
    """Paths relative to the work folder; none where anything but the server alone is run in the image."""
    project, command = node.project, node.command
    if command.binaries or command.unknown or service_commands(case, project, node.folder):
        return ()
    used = [framework_of(project, project.manifest, entry) for entry in command.entry_files]
    if not used or any(framework is None for framework in used):
        return ()
    return tuple(dict.fromkeys(path for framework in used if framework is not None for path in framework.leaves))
