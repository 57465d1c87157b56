"""Outputs of a build that hold all that the program needs, so that neither packages nor source must travel."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import RuntimeLoads
from dockerslim.languages.node.bundles import Bundle, find_bundle
from dockerslim.languages.node.frameworks import framework_of
from dockerslim.languages.node.package_runners import RUNNERS
from dockerslim.languages.node.paths import inside, is_below, relative_to
from dockerslim.languages.node.project import NodeProject
from dockerslim.split.node.start import NodeStart, service_commands

STATIC_SERVERS = frozenset({"serve", "http-server", "hs", "sirv", "servor"})
"""They serve a folder, and come with `npm install -g` or npx here."""
BUN_READS = (
    *(f".env{kind}{local}" for kind in ("", ".development", ".production") for local in ("", ".local")),
    "bunfig.toml",
)


def needed_paths(case: Case, stage: Stage, node: NodeStart, loads: RuntimeLoads | None) -> tuple[str, ...]:
    """The paths of the work folder that the program needs, where these are known to be all; else none.

    A folder has a `/` at the end.
    """
    folder = _complete_folder(node) or _served_folder(node)
    is_program = compiled_program(node) is not None
    if not (folder or is_program) or service_commands(case, node.project, node.folder) or _check_needs_more(stage):
        return ()
    if (
        node.command.start_scripts
        or node.command.env_files
        or node.command.preloads
        or node.command.unknown
        or node.command.binaries
    ):
        return ()
    if is_program:
        return _paths_of_program(node, loads)
    if loads is not None and (loads.programs or loads.unknown_programs or _reads_more(node.project, loads, folder)):
        return ()
    found = (*_settings_of_bun(node), folder + "/")
    return ("package.json", *found) if node.command.scripts else found


def _complete_folder(node: NodeStart) -> str:
    """The folder that a framework fills with all of a server."""
    found: set[str] = set()
    for argv in node.command.programs:
        if argv[0] not in ("node", "nodejs", "bun"):
            return ""
    for entry in node.command.entry_files:
        framework = framework_of(node.project, node.project.manifest, entry)
        path = relative_to(entry, node.project.folder)
        found.add(next((f for f in framework.complete if is_below(path, f)), "") if framework is not None else "")
    return found.pop() if len(found) == 1 else ""


def compiled_program(node: NodeStart) -> Bundle | None:
    """The program that `bun build --compile` makes and the image starts, and nothing else."""
    command, project = node.command, node.project
    if len(command.programs) != 1 or len(command.entry_files) != 1 or command.scripts or command.start_scripts:
        return None
    bundle = find_bundle(project.context, project.folder, project.manifest, command.entry_files[0])
    return bundle if bundle is not None and bundle.is_program and bundle.bundles == "all" else None


def _paths_of_program(node: NodeStart, loads: RuntimeLoads | None) -> tuple[str, ...]:
    """The program, and what it reads in its work folder; what lies beside its source is in it."""
    project = node.project
    if loads is None or loads.programs or loads.unknown_programs or loads.unknown_reads or not loads.complete:
        return ()
    # What is loaded by a name that is made at run time is looked for in the work folder.
    if loads.named_packages or any(not addon.development for addon in project.native_addons):
        return ()
    found = [relative_to(node.command.entry_files[0], project.folder), *_settings_of_bun(node)]
    for use in loads.reads:
        path = inside(project.folder, use.path) if use.kind == "cwd" else None
        if use.kind == "cwd" and (not path or use.is_partial):
            return ()
        if path is not None and project.context.has(path):
            found.append(relative_to(path, project.folder) + ("/" if project.context.is_folder(path) else ""))
    return tuple(dict.fromkeys(found))


def _settings_of_bun(node: NodeStart) -> tuple[str, ...]:
    """The files that Bun, and what it has compiled, reads unasked."""
    is_bun = compiled_program(node) is not None or any(argv[0] == "bun" for argv in node.command.programs)
    context, folder = node.project.context, node.project.folder
    names = BUN_READS if is_bun else ()
    return tuple(name for name in names if context.is_file(posixpath.join(folder, name)))


def _served_folder(node: NodeStart) -> str:
    """The built folder that a server of static files from elsewhere is told to serve."""
    programs = [argv for argv in node.command.programs if argv[0] not in RUNNERS]
    if len(programs) != 1 or programs[0][0] not in STATIC_SERVERS or node.command.entry_files:
        return ""
    words = [word for word in programs[0][1:] if not word.startswith("-")]
    path = inside("", words[0].rstrip("/")) if words else None
    context = node.project.context
    if not path or context.has(posixpath.join(node.project.folder, path)):
        return ""
    return path if path.partition("/")[0] in ("dist", "build", "out", "public", "www", ".output") else ""


def _reads_more(project: NodeProject, loads: RuntimeLoads, folder: str) -> bool:
    """Does the source name files that need not be in the output?"""
    if loads.unknown_reads or not loads.complete:
        return True
    return any(
        use.kind != "absolute" and not is_below(use.path, inside(project.folder, folder) or folder)
        for use in (*loads.reads, *loads.writes)
    )


def _check_needs_more(stage: Stage) -> bool:
    """A health check may run a file of the project."""
    check = stage.last("HEALTHCHECK")
    return check is not None and ("node" in check.value or "npm" in check.value or ".sh" in check.value)
