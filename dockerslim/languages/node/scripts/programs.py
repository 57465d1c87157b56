"""Programs that run themselves: node with a file, a process manager, what a dependency brings."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import tools
from dockerslim.languages.node.bun_settings import read_bun_settings
from dockerslim.languages.node.bundles import find_bundle
from dockerslim.languages.node.manifest import read_manifest
from dockerslim.languages.node.node_arguments import NodeArguments, read_bun_arguments, read_node_arguments
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.prisma import seed_commands
from dockerslim.languages.node.process_managers import read_process_manager
from dockerslim.languages.node.scripts.resolution import Resolution, Step
from dockerslim.languages.node.scripts.shells import follow_text

_RUNTIMES = frozenset({"node", "bun"})
_RESTARTS = frozenset({"--watch", "--hot"})
_FILE_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".sh")


def looks_like_file(word: str) -> bool:
    return word.startswith(("./", "../")) or word.endswith(_FILE_SUFFIXES)


def run_program(resolution: Resolution, argv: tuple[str, ...], written: str, step: Step) -> None:
    """Note what kind of program it is; `written` is its first word with the folder."""
    program = argv[0]
    resolution.programs.append(argv)
    kind = tools.classify(argv)
    if not step.is_literal and kind is None and program != "node":
        resolution.give_up(step, f"`{' '.join(argv)[:60]}` holds a variable")
        return
    if kind == "development":
        # Of a runtime, only an option makes a server for development.
        flag = next((word for word in argv[1:] if program in _RUNTIMES and word in _RESTARTS), "")
        resolution.development = resolution.development or (
            f"{program} {flag}".rstrip(),
            resolution.evidence(step, argv),
        )
        resolution.add_binary(program, step, written)
    elif program in ("node", "nodejs") or (program == "bun" and argv[1:2] not in (("build",), ("test",))):
        _run_node(resolution, argv, step)
    elif tools.is_transpiler(program):
        resolution.add_binary(program, step, written)
        _run_node(resolution, argv, step)
    elif tools.is_process_manager(program):
        resolution.add_binary(program, step, written)
        _run_managed(resolution, argv, step)
    elif kind == "build":
        resolution.build = resolution.build or resolution.evidence(step, argv)
        resolution.add_binary(program, step, written)
    elif kind is not None:
        resolution.kinds.add(kind)
        resolution.folders[step.folder] = None
        resolution.add_binary(program, step, written)
        if tools.find_rule("seed", argv) is not None:
            _run_seed(resolution, argv, step)
    elif looks_like_file(written):
        _run_itself(resolution, argv, written, step)
    elif any(package in step.manifest.installed_dependencies for package in tools.packages_of(program)):
        resolution.add_binary(program, step, written)
        resolution.give_up(step, f"what `{program}` runs is not known")
    else:
        resolution.add_binary(program, step, written)
        resolution.give_up(step, f"`{program}` is not known")


def _run_seed(resolution: Resolution, argv: tuple[str, ...], step: Step) -> None:
    """The command that package.json or prisma.config.ts names for it."""
    commands = seed_commands(resolution.project.context, step.folder, step.manifest)
    if commands is None:
        resolution.give_up(step, f"what `{' '.join(argv[:3])}` runs is not known")
    for command in commands or ():
        follow_text(resolution, command, replace(step, depth=step.depth + 1))


def _run_node(resolution: Resolution, argv: tuple[str, ...], step: Step) -> None:
    if argv[0] == "bun":
        arguments = _bun_arguments(resolution, argv, step)
    else:
        arguments = read_node_arguments(argv[1:], babel=argv[0] == "babel-node")
    resolution.env_files.update(dict.fromkeys(arguments.env_files))
    for preload in arguments.preloads:
        resolution.add_preload(preload, step.folder)
    if arguments.code is not None:
        resolution.give_up(step, "the program is given on the command line")
    elif arguments.file is None:
        resolution.give_up(step, f"`{argv[0]}` is given no file")
    elif not step.is_literal and any(sign in arguments.file for sign in "$`*?"):
        resolution.give_up(step, f"the file `{arguments.file[:60]}` holds a variable")
    else:
        _run_file(resolution, arguments.file, step)


def _bun_arguments(resolution: Resolution, argv: tuple[str, ...], step: Step) -> NodeArguments:
    """With what bunfig.toml says of the start."""
    resolution.package_managers["bun"] = None
    if any(word.partition("=")[0] == "--cwd" for word in argv):
        resolution.give_up(step, f"`{' '.join(argv)[:60]}` runs in a folder that isn't known")
    arguments = read_bun_arguments(argv[1:])
    settings = read_bun_settings(resolution.project.context, step.folder)
    if settings.problem:
        resolution.give_up(step, settings.problem)
    return replace(arguments, preloads=(*arguments.preloads, *settings.preloads))


def _run_file(resolution: Resolution, file: str, step: Step) -> None:
    if file.startswith("/"):
        resolution.give_up(step, f"`{file[:60]}` is outside of the work folder")
        return
    binary = file.removeprefix("./")
    if binary.startswith("node_modules/"):
        _run_package_file(resolution, binary, step)
        return
    path = inside(step.folder, file)
    if path is None:
        resolution.give_up(step, f"`{file[:60]}` is out of the context")
    else:
        resolution.add_server(_existing(resolution.project.context, path), step.folder)


def _run_package_file(resolution: Resolution, path: str, step: Step) -> None:
    """`node node_modules/.bin/next start`, `node node_modules/next/dist/bin/next start`"""
    argv = step.argv[step.argv.index(next(word for word in step.argv if word.endswith(path))) :]
    name = posixpath.basename(path).removesuffix(".js")
    resolution.programs.pop()
    resolution.follow(replace(step, argv=(name, *argv[1:]), in_script=True, depth=step.depth + 1))


def _existing(context: BuildContext, path: str) -> str:
    """The file that node's resolution finds; the path itself where only a build can make it."""
    for candidate in (path, f"{path}.js", f"{path}.json"):
        if context.is_file(candidate):
            return candidate
    manifest = read_manifest(context, path) if context.is_folder(path) else None
    if manifest is not None and manifest.main is not None:
        main = inside(path, manifest.main)
        if main is not None and main != path:
            return next((name for name in (main, f"{main}.js") if context.is_file(name)), main)
    for name in ("index.js", "index.ts"):
        inner = inside(path, name)
        if inner is not None and context.is_file(inner):
            return inner
    return path


def _run_managed(resolution: Resolution, argv: tuple[str, ...], step: Step) -> None:
    managed = read_process_manager(resolution.project.sources, step.folder, argv)
    if managed.problem is not None:
        resolution.give_up(step, managed.problem)
    resolution.logs += managed.logs
    resolution.unknown_logs += managed.unknown_logs
    for managed_program in managed.programs:
        place = replace(step, folder=managed_program.folder, in_script=True, depth=step.depth + 1)
        resolution.follow(replace(place, argv=managed_program.argv))


def _run_itself(resolution: Resolution, argv: tuple[str, ...], written: str, step: Step) -> None:
    """`./server.js`, or docker-entrypoint.sh's `server.js`."""
    path = inside(step.folder, written)
    bundle = find_bundle(resolution.project.context, step.folder, step.manifest, path) if path is not None else None
    if path is not None and bundle is not None and bundle.is_program:
        resolution.add_server(path, step.folder)
    elif written.endswith((".js", ".mjs", ".cjs")) and path is not None:
        _run_file(resolution, written, step)
    elif path is not None and resolution.project.context.is_file(path):
        resolution.give_up(step, f"`{written[:60]}` is a script of its own")
    else:
        resolution.give_up(step, f"`{written[:60]}` is not known")
