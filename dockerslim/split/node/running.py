"""What a Node program does at run time."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.state import ImageState
from dockerslim.languages.node import Command, FileUse, RuntimeLoads, tools
from dockerslim.languages.node.embedded_servers import EmbeddedServer, embedded_servers
from dockerslim.languages.node.framework_stores import stored_folders
from dockerslim.languages.node.frameworks import framework_of, framework_of_program
from dockerslim.languages.node.path_strings import is_address
from dockerslim.languages.node.yarn_settings import brings_yarn
from dockerslim.split.needs_root import root_program
from dockerslim.split.node.corepack import has_shared_home
from dockerslim.split.node.home_downloads import node_home_data
from dockerslim.split.node.image_start import image_start
from dockerslim.split.node.program_writes import filled_by_build, program_writes
from dockerslim.split.node.root_only import may_need_root, reads_of_root
from dockerslim.split.node.start import NodeStart, loads_of
from dockerslim.split.node.start_below import start_below
from dockerslim.split.node.start_steps import made_by_steps, unknown_steps
from dockerslim.split.running import RunningProgram, absolute
from dockerslim.split.start import Start

INSTALLS = re.compile(r"\b(npm|yarn|pnpm|bun|npx|node_modules|lerna|rush)\b")
PM2 = frozenset({"pm2", "pm2-runtime", "pm2-docker"})
RUNS_FILES = frozenset({"node", "nodejs", "pm2", "pm2-runtime", "pm2-docker", "forever", "npm", "yarn", "pnpm", "sh"})


def read(case: Case, stage: Stage, start: Start) -> RunningProgram | None:
    """None where the image does not start a Node program of the build context."""
    found = image_start(case, stage, start)
    if found is None or found.is_loose:
        found = start_below(case, stage, start) or found
    if found is None:
        return None
    command = found.command
    state = case.states[stage.index].final
    loads = loads_of(found)
    cwd = work_folder(found)
    uses = [*command.logs, *(loads.writes if loads else ())]
    written = [path for use in uses if (path := _written(found, state, use, cwd or found.folder))]
    filled: list[str] = []
    written.extend(absolute(path, cwd or found.folder) for path in made_by_steps(command.programs))
    embedded = embedded_servers(found.project, command)
    for argv in (*command.programs, *(server.argv for server in embedded)):
        written.extend(absolute(path, cwd or found.folder) for path in program_writes(argv) or ())
        filled.extend(absolute(path, cwd or found.folder) for path in filled_by_build(argv))
    for entry, path in _framework_writes(found):
        filled.append(absolute(path, posixpath.dirname(found.image_path(entry))))
    written.extend((*filled, *_stores(found, loads)))
    if state.env.get("PM2_HOME") and not PM2.isdisjoint(argv[0] for argv in command.programs):
        written.append(absolute(f"{state.env['PM2_HOME']}/", found.folder))
    home = node_home_data(case, stage, found.project)
    return RunningProgram(
        _with_folders(written),
        tuple(
            dict.fromkeys(
                (
                    *_unknown_of_command(case, stage, found, command),
                    *_unknown_of_servers(embedded),
                    *_unknown_of_loads(loads),
                    *_unknown_of_places(case, loads, cwd),
                    *_unknown_folders(command, cwd),
                    *_set_by_command(loads, command),
                    *may_need_root(found.project, loads),
                    *_not_installed(case, loads, has_manifest=not found.is_loose),
                )
            )
        ),
        filled=tuple(dict.fromkeys(filled)),
        needs_root=_root_program_of_scripts(command) or reads_of_root(loads),
        development_tool=command.development_tool or "",
        builds_at_start=command.kind == "build-at-start",
        reads_home=home.unsure,
        downloads=home.downloads,
        listens_on=loads.listens_on if loads is not None else (),
    )


def _not_installed(case: Case, loads: RuntimeLoads | None, *, has_manifest: bool) -> Iterator[str]:
    """The image can't start as it is written: something else brings the packages, and nobody knows whose they are."""
    if loads is None or not loads.packages or case.context is None:
        return
    text = "\n".join(i.value for i in case.dockerfile.instructions if i.keyword in ("RUN", "COPY", "ADD"))
    if not has_manifest or (not INSTALLS.search(text) and not case.context.is_folder("node_modules")):
        yield f"nothing installs `{min(loads.packages)}`, which the program loads"


def _root_program_of_scripts(command: Command) -> str:
    """Why a script that the command runs can do with root alone; "" where none is."""
    named = ((script.name, root_program(script.text)) for script in command.start_scripts)
    return next((f"`{name}` runs `{program}`, which needs root" for name, program in named if program), "")


def _framework_writes(found: NodeStart) -> Iterator[tuple[str, str]]:
    """The entry file that a framework has made, and what its server writes, relative to the file's folder."""
    for entry in found.command.entry_files:
        framework = framework_of(found.project, found.project.manifest, entry)
        for path in framework.writes if framework is not None else ():
            yield entry, path


def _stores(found: NodeStart, loads: RuntimeLoads | None) -> Iterator[str]:
    """Where the server of a framework keeps what the program stores."""
    manifest = found.project.manifest
    used = [framework_of(found.project, manifest, entry) for entry in found.command.entry_files]
    used += [framework_of_program(manifest, argv) for argv in found.command.programs]
    frameworks = (framework for framework in used if framework is not None)
    for folder in stored_folders(found.project, frameworks, loads.files if loads else ()):
        yield absolute(folder, found.folder)


def work_folder(found: NodeStart) -> str | None:
    """The image's folder that relative paths count from; None where programs run in several."""
    folders = found.command.folders or (found.project.folder,)
    if found.outputs is not None:
        return found.folder if set(folders) == {found.project.folder} else None
    return found.image_path(folders[0]) if len(folders) == 1 else None


def _with_folders(paths: list[str]) -> tuple[str, ...]:
    """A path that something is written below is a folder."""
    return tuple(dict.fromkeys(p + "/" if any(o.startswith(p + "/") for o in paths) else p for p in paths))


def _written(found: NodeStart, state: ImageState, use: FileUse, cwd: str) -> str | None:
    """The absolute path in the image; a folder ends in `/`. None for a device."""
    path = use.path
    if use.variable is not None and use.variable in state.env:
        value = (state.env[use.variable] or "").removeprefix("file:")
        return absolute(value, cwd) if value and not is_address(value) else None
    if use.kind == "file":
        place = found.image_path(path)
        place = place + "/" if path.endswith("/") else place
    else:
        place = absolute(path or ".", cwd)
    if place.startswith("/dev/"):
        return None
    return place.rstrip("/") + "/" if use.is_partial else place


def _unknown_of_command(case: Case, stage: Stage, found: NodeStart, command: Command) -> Iterator[str]:
    if command.kind == "build-at-start":
        where = command.build_evidence
        yield "it builds when it starts" + (f" ({where if where.file else where.text})" if where is not None else "")
    for item in command.unknown:
        yield item.text
    for step in unknown_steps(command.programs):
        yield f"the command changes files (`{step}`)"
    for script in command.start_scripts:
        for text in script.writes:
            yield f"`{script.name}` writes a file (`{text[:60]}`)"
    known = {argv[0] for argv in command.programs if program_writes(argv) is not None}
    known |= {program for program in command.binaries if program_writes((program,)) is not None}
    for program in command.binaries:
        if program not in known and program not in RUNS_FILES:
            yield f"what `{program}` writes is not known"
    for program in command.global_tools:
        if program not in known | RUNS_FILES and not tools.is_transpiler(program):
            yield f"what `{program}` writes is not known"
    for item in command.unknown_logs:
        yield f"a log that the process manager writes is computed ({item})"
    managers = {"pnpm", "yarn"} & set(command.package_managers)
    if brings_yarn(found.project.context, found.project.folder):
        managers -= {"yarn"}
    if managers and _uses_corepack(case, stage) and not has_shared_home(case, stage):
        yield "corepack fetches the package manager for each user anew"


def _unknown_of_servers(embedded: Sequence[EmbeddedServer]) -> Iterator[str]:
    for server in embedded:
        if server.is_elsewhere:
            yield f"in which folder `{server.argv[0]}` looks for its project is not known"
        elif program_writes(server.argv) is None:
            yield f"what `{server.argv[0]}` writes is not known"


def _unknown_of_loads(loads: RuntimeLoads | None) -> Iterator[str]:
    if loads is None:
        return
    if loads.changed_folder is not None and loads.unknown_writes:
        yield f"the program writes below a work folder that it changes ({loads.changed_folder})"
    for item in loads.unknown_writes:
        yield f"a path that the program writes is computed ({item})"
    if not loads.complete:
        where = f" ({loads.unresolved[0]})" if loads.unresolved else ""
        yield f"part of what the program loads is not known{where}"
    for use in loads.programs:
        if program_writes((posixpath.basename(use.path), *use.arguments)) == ():
            continue
        yield f"the program runs `{use.path}` ({use.evidence})"
    for item in loads.unknown_programs:
        yield f"the program runs another one that is computed ({item})"


def _unknown_of_places(case: Case, loads: RuntimeLoads | None, cwd: str | None) -> Iterator[str]:
    """Written paths that are others than the source says."""
    for use in loads.writes if loads is not None else ():
        if use.kind == "cwd" and cwd is None:
            yield f"the command starts programs in several folders, and one writes in its own ({use.evidence})"
        for service in case.usage.services:
            if use.variable is not None and use.variable in service.environment:
                yield f"`{service.file}` sets {use.variable}, which is a path that the program writes"


def _set_by_command(loads: RuntimeLoads | None, command: Command) -> Iterator[str]:
    """Variables that a script gives another value than the image."""
    names = {name for name, _ in command.environment}
    for use in loads.writes if loads is not None else ():
        if use.variable in names:
            yield f"the command sets {use.variable}, which is a path that the program writes"


def _unknown_folders(command: Command, cwd: str | None) -> Iterator[str]:
    for argv in command.programs if cwd is None else ():
        if program_writes(argv):
            yield f"the command starts programs in several folders, and `{argv[0]}` writes in its own"


def _uses_corepack(case: Case, stage: Stage) -> bool:
    return any("corepack" in script.source.text for _, script in case.runs(stage))
