"""Packages of a front end that lies below the server, with a package.json of its own: only its build needs them."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import RuntimeLoads
from dockerslim.languages.node.paths import is_below, relative_to
from dockerslim.split.node.start import NodeStart


def front_end_modules(case: Case, stage: Stage, node: NodeStart, loads: RuntimeLoads | None) -> tuple[str, ...]:
    """The node_modules, relative to the work folder, of folders in which no file is that the program loads.

    Node looks for packages beside the file that loads them and above it, so that nothing finds these.
    """
    if loads is None or not loads.complete or loads.programs or loads.unknown_programs or loads.unknown_reads:
        return ()
    project = node.project
    texts = [script.source.text for _, script in case.runs(stage)]
    texts += project.manifest.scripts.values()
    started = "\n".join(script.text for script in node.command.start_scripts)
    found = []
    for path in project.context.under(project.folder):
        folder = posixpath.dirname(path)
        if posixpath.basename(path) != "package.json" or folder == project.folder or folder in project.workspaces:
            continue
        name = relative_to(folder, project.folder)
        is_entered = any(f"{word}{name}" in text for text in texts for word in ("cd ", "cd ./", "--prefix ", "--cwd "))
        is_loaded = any(is_below(file, folder) for file in loads.files)
        is_read = any(is_below(use.path, posixpath.join(folder, "node_modules")) for use in loads.reads)
        if (
            is_entered
            and not is_loaded
            and not is_read
            and name not in started
            and "node_modules" not in name.split("/")
            and " " not in name
        ):
            found.append(posixpath.join(name, "node_modules"))
    return tuple(found)
