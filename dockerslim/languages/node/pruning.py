"""May development dependencies go before the program runs?"""

from __future__ import annotations

from dockerslim.languages.evidence import PathUse
from dockerslim.languages.node import tools
from dockerslim.languages.node.command import Command
from dockerslim.languages.node.embedded_servers import embedded_servers
from dockerslim.languages.node.framework_files import framework_entry_files, typescript_configuration
from dockerslim.languages.node.frameworks import framework_of, framework_of_program
from dockerslim.languages.node.manifest import read_manifest
from dockerslim.languages.node.module_resolution import builtin_modules, package_name
from dockerslim.languages.node.package_runners import RUNNERS
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.runtime_loads import RuntimeLoads, runtime_loads
from dockerslim.languages.node.tsconfig import read_tsconfig


def can_prune(project: NodeProject, command: Command, loads: RuntimeLoads | None = None) -> tuple[bool, str]:
    """True where all that the command runs and loads is known and comes from `dependencies`; else False and why.

    `loads` are those of the command's entry files, where the caller has them.
    """
    if not project.manifest.dev_dependencies and not project.workspaces:
        return False, "there are no development dependencies"
    reason = _command_reason(project, command) or _loads_reason(project, command, loads)
    return not reason, reason


def _command_reason(project: NodeProject, command: Command) -> str:
    if project.manifest.problem is not None:
        return f"{project.manifest.path} can't be read"
    if command.kind == "dev-server":
        return f"`{command.development_tool}` is a server for development"
    if command.kind == "build-at-start":
        return "it builds when it starts"
    if command.kind != "server":
        return command.unknown[0].text if command.unknown else "it isn't known to be a server"
    production = project.manifest.production_dependencies
    for program in command.binaries:
        if production.isdisjoint(tools.packages_of(program)):
            member = _member_with(project, program)
            if member is not None:
                return f"what `{program}` of the workspace's member `{member}` loads is not known"
            return f"`{program}`, which the command runs, isn't in `dependencies`"
    for program in command.global_tools:
        if not _is_global(project, command, program):
            return f"`{program}`, which the command runs, isn't in `dependencies`"
    for preload in command.preloads:
        name = package_name(preload.removeprefix("node:"))
        if name not in production and name not in builtin_modules():
            return f"`{name}`, which node is told to load first, isn't in `dependencies`"
    return ""


def _member_with(project: NodeProject, program: str) -> str | None:
    """The member of the workspace in whose `dependencies` a program is."""
    for folder in project.workspaces:
        manifest = read_manifest(project.context, folder)
        if manifest is not None and not manifest.production_dependencies.isdisjoint(tools.packages_of(program)):
            return folder
    return None


def _is_global(project: NodeProject, command: Command, program: str) -> bool:
    """A script finds a program that no dependency names also where another package brought it to node_modules/.bin."""
    if not command.scripts and not command.package_managers:
        return True
    if project.lock is None:
        return False
    locked = [package for name in tools.packages_of(program) for package in project.lock.find(name)]
    return not locked or _stays(project, locked[0].name)


def _loads_reason(project: NodeProject, command: Command, loads: RuntimeLoads | None) -> str:
    entries = list(command.entry_files)
    embedded = embedded_servers(project, command)
    for server in embedded:
        if server.is_elsewhere:
            return f"in which folder `{server.argv[0]}` looks for its project is not known"
        entries += server.files
    for argv in command.programs:
        rule = tools.find_rule("server", argv)
        if rule is None or rule["loads"] == "nothing":
            continue
        files = framework_entry_files(project, argv) if rule["loads"] == "project" else None
        if files is None:
            return f"what `{argv[0]}` loads is not known"
        entries += files
    for argv in (*command.programs, *(server.argv for server in embedded)):
        configuration = typescript_configuration(project, argv)
        if configuration is not None and "typescript" not in project.manifest.production_dependencies:
            return f"`{argv[0]}` needs `typescript` to read `{configuration}` when it starts"
    if _needs_transpiler_packages(command):
        return "it runs TypeScript as it is, which takes development dependencies"
    for argv in command.programs:
        if argv[0] in (*command.binaries, *command.global_tools) and _loads_configuration(project, argv[0]):
            return f"what the configuration of `{argv[0]}` loads is not known"
    brought = _reason_of_frameworks(project, command)
    if brought or not entries:
        return brought
    if loads is None or list(command.entry_files) != entries:
        loads = runtime_loads(project, entries)
    return _closure_reason(project, loads) or _reason_of_bun(project, command, loads)


def _reason_of_frameworks(project: NodeProject, command: Command) -> str:
    """A build may add a file of the framework's own to the output, which loads more than the sources."""
    used = [framework_of(project, project.manifest, entry) for entry in command.entry_files]
    used += [framework_of_program(project.manifest, argv) for argv in command.programs]
    for name in (name for framework in used if framework is not None for name in framework.brings):
        if name in project.manifest.development_only:
            return f"`{name}`, which the build's output may load, isn't in `dependencies`"
    return ""


def _reason_of_bun(project: NodeProject, command: Command, loads: RuntimeLoads) -> str:
    """Bun asks tsconfig.json how to run a source, and that may lean on packages which no import names."""
    is_source = any(file.endswith(SOURCE_ONLY) for file in command.entry_files)
    path = inside(project.folder, "tsconfig.json")
    config = read_tsconfig(project.context, path) if path is not None and is_source else None
    if not is_source or all(argv[0] != "bun" for argv in command.programs):
        return ""
    named = [(name, f"which {path} extends") for name in (config.shared if config is not None else ())]
    if any(file.endswith((".tsx", ".jsx")) for file in loads.files):
        jsx = (config.jsx_source if config is not None else None) or "react"
        named.append((jsx, "which JSX is made with"))
    for name, why in named:
        if package_name(name) in project.manifest.development_only:
            return f"`{package_name(name)}`, {why}, isn't in `dependencies`"
    return ""


def _needs_transpiler_packages(command: Command) -> bool:
    """ts-node needs typescript and the types; they are seldom in `dependencies`."""
    return any(tools.is_transpiler(program) for program in (*command.binaries, *command.global_tools)) or any(
        package_name(preload) in _TRANSPILING_PRELOADS for preload in command.preloads
    )


SOURCE_ONLY = (".ts", ".tsx", ".mts", ".cts", ".jsx")
_TRANSPILING_PRELOADS = frozenset(
    {"ts-node", "tsx", "@babel/register", "babel-register", "@swc-node/register", "esbuild-register"}
)
_LOADS_CONFIGURATION = frozenset(
    {
        "knex",
        "typeorm",
        "typeorm-ts-node-commonjs",
        "mikro-orm",
        "drizzle-kit",
        "sequelize",
        "sequelize-cli",
        "db-migrate",
        "migrate-mongo",
        "node-pg-migrate",
    }
)
_CONFIGURATIONS_OF_PRISMA = tuple(
    f"{name}.{suffix}"
    for name in ("prisma.config", ".config/prisma")
    for suffix in ("ts", "js", "mjs", "cjs", "mts", "cts")
)


def _loads_configuration(project: NodeProject, program: str) -> bool:
    """Does it load a file of the project that may load anything? Prisma does where there is one."""
    if program != "prisma":
        return program in _LOADS_CONFIGURATION
    paths = (inside(project.folder, name) for name in _CONFIGURATIONS_OF_PRISMA)
    return any(path is not None and project.context.is_file(path) for path in paths)


def _closure_reason(project: NodeProject, loads: RuntimeLoads) -> str:
    if loads.dev_only:
        use = loads.dev_only[0]
        return f"{use.evidence} loads `{use.path}`, a development dependency"
    missing = next((use for use in loads.undeclared if not _stays(project, use.path)), None)
    if missing is not None:
        return f"{missing.evidence} loads `{missing.path}`, which {project.manifest.path} doesn't name"
    for program in loads.programs:
        reason = _program_reason(project, program)
        if reason:
            return reason
    if loads.unknown_programs:
        return f"which program {loads.unknown_programs[0]} starts is not known"
    if loads.unresolved:
        item = loads.unresolved[0]
        return f"what {item} loads is not known" + (f": {item.text}" if item.text else "")
    return "" if loads.complete else "what the program loads is not known"


def _program_reason(project: NodeProject, use: PathUse) -> str:
    """A program that the source starts may come from a development dependency."""
    name = use.path.rsplit("/", 1)[-1]
    if name in RUNNERS:
        return f"{use.evidence} starts `{name}`"
    is_own = "node_modules" in use.path.split("/") or not project.manifest.development_only.isdisjoint(
        tools.packages_of(name)
    )
    if is_own and project.manifest.production_dependencies.isdisjoint(tools.packages_of(name)):
        return f"{use.evidence} starts `{name}`, which isn't in `dependencies`"
    return ""


def _stays(project: NodeProject, name: str) -> bool:
    """A package that another brings along stays if the lock file says that not only development leads to it."""
    if project.lock is None or not project.lock.marks_development:
        return False
    found = project.lock.find(name)
    return bool(found) and not any(package.development for package in found)
