"""From `npm start` to the programs that run."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node import tools
from dockerslim.languages.node.bun_settings import read_bun_settings
from dockerslim.languages.node.bundles import find_bundle
from dockerslim.languages.node.command import Command, CommandKind
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.manifest import Manifest, read_manifest
from dockerslim.languages.node.node_arguments import NodeArguments, read_bun_arguments, read_node_arguments
from dockerslim.languages.node.package_runners import (
    BUN_TOOLS,
    RUNNERS,
    InstallRun,
    ProgramRun,
    ScriptRun,
    read_run,
    recursive_script,
)
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.process_managers import read_process_manager
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.script_lists import matching_scripts, read_concurrently
from dockerslim.languages.node.script_text import ScriptText, is_assignment, parse_script

_STEP_LIMIT = 300
_DEPTH_LIMIT = 24
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_SCRIPT_LISTS = frozenset({"npm-run-all", "npm-run-all2", "run-s", "run-p"})


def resolve_command(project: NodeProject, argv: Sequence[str]) -> Command:
    """What an exec-form command (or `["sh", "-c", text]`) runs, with the project's folder as work folder."""
    return _Resolution(project).resolve(_Step(tuple(argv), project.folder, project.manifest))


def resolve_script(project: NodeProject, script: str) -> Command:
    """What one script of package.json runs, with its hooks."""
    return resolve_command(project, ("npm", "run", script))


@dataclass(frozen=True, slots=True)
class _Step:
    """One command still to follow."""

    argv: tuple[str, ...]
    folder: str
    manifest: Manifest
    evidence: Evidence = field(default_factory=lambda: Evidence("", 0))
    in_script: bool = False
    """node_modules/.bin is on the PATH."""
    is_literal: bool = True
    depth: int = 0


class _Resolution:
    """Follows commands one after another: no recursion, and a limit for scripts that call each other."""

    def __init__(self, project: NodeProject) -> None:
        self.project = project
        self.waiting: list[_Step] = []
        self.kinds: set[str] = set()
        self.programs: list[tuple[str, ...]] = []
        self.entry_files: dict[str, None] = {}
        self.binaries: dict[str, None] = {}
        self.preloads: dict[str, None] = {}
        self.development: tuple[str, Evidence] | None = None
        self.build: Evidence | None = None
        self.uses_shell = False
        self.features: dict[str, None] = {}
        self.environment: dict[tuple[str, str], None] = {}
        self.global_tools: dict[str, None] = {}
        self.package_managers: dict[str, None] = {}
        self.scripts: dict[str, None] = {}
        self.env_files: dict[str, None] = {}
        self.unknown: list[Evidence] = []
        self.folders: dict[str, None] = {}
        self.logs: list[FileUse] = []
        self.unknown_logs: list[Evidence] = []

    def resolve(self, first: _Step) -> Command:
        self.waiting.append(first)
        steps = 0
        while self.waiting:
            steps += 1
            step = self.waiting.pop()
            if steps > _STEP_LIMIT or step.depth > _DEPTH_LIMIT:
                self._give_up(step, "the scripts call each other without an end")
                break
            self._follow(step)
        return Command(
            self._kind(),
            tuple(self.programs),
            tuple(self.entry_files),
            tuple(self.binaries),
            tuple(self.preloads),
            self.development[0] if self.development else None,
            self.development[1] if self.development else None,
            self.build,
            self.uses_shell,
            tuple(self.features),
            tuple(self.environment),
            tuple(self.global_tools),
            tuple(self.package_managers),
            tuple(self.scripts),
            tuple(self.env_files),
            tuple(self.unknown),
            tuple(self.folders),
            tuple(self.logs),
            tuple(self.unknown_logs),
        )

    def _kind(self) -> CommandKind:
        if self.development is not None:
            return "dev-server"
        if self.build is not None:
            return "build-at-start"
        return "server" if "server" in self.kinds and not self.unknown else "unknown"

    # --- following ---

    def _follow(self, step: _Step) -> None:
        words = list(step.argv)
        while words and is_assignment(words[0]) and step.in_script:
            self._set(words.pop(0))
        if not words or not words[0]:
            return
        program = _program_name(words[0])
        argv = (program, *words[1:])
        wrapper = tools.wrapper(program)
        if program in _SHELLS:
            self._shell(step, words)
        elif wrapper is not None:
            self._wrapped(step, argv, wrapper)
        elif program == "cross-env-shell":
            self._binary("cross-env-shell", step)
            rest = list(argv[1:])
            while rest and is_assignment(rest[0]):
                self._set(rest.pop(0))
            self._text(" ".join(rest), step)
        elif program == "concurrently" or program == "conc":
            self._binary(program, step)
            self._commands_of_concurrently(argv, step)
        elif program in _SCRIPT_LISTS:
            self._binary(program, step)
            self._script_list(argv, step)
        elif program in RUNNERS and not self._is_for_bun_itself(argv, step):
            self._package_manager(argv, step)
        else:
            self._program(argv, words[0], step)

    def _shell(self, step: _Step, words: list[str]) -> None:
        self.uses_shell = True
        for index, word in enumerate(words[1:], start=1):
            if word.startswith("-") and word.endswith("c") and not word.startswith("--"):
                if index + 1 < len(words):
                    self._text(words[index + 1], step)
                return
            if not word.startswith("-"):
                break
        self.programs.append(tuple(words))
        self._give_up(step, f"`{' '.join(words)[:60]}` is a shell script")

    def _text(self, text: str, step: _Step, extra: tuple[str, ...] = ()) -> None:
        """Shell text: each of its commands is to be followed."""
        self.uses_shell = True
        script = parse_script(text)
        self.features.update(dict.fromkeys(script.features))
        if script.problem is not None or not script.commands:
            self._give_up(step, script.problem or "the script is empty")
            return
        self._push_commands(script, step, extra)

    def _push_commands(self, script: ScriptText, step: _Step, extra: tuple[str, ...]) -> None:
        steps: list[_Step] = []
        folder: str | None = step.folder
        manifest = step.manifest
        for index, command in enumerate(script.commands):
            self.environment.update(dict.fromkeys(command.environment))
            words = command.words + (extra if index == len(script.commands) - 1 else ())
            if words[:1] == ("cd",):
                folder = inside(folder, words[1]) if folder is not None and len(words) == 2 else None
                below = read_manifest(self.project.context, folder) if folder is not None else None
                manifest = below or manifest
                continue
            if folder is None:
                self._give_up(step, "`cd` leads out of the context")
                return
            if words:
                steps.append(
                    replace(
                        step,
                        argv=words,
                        folder=folder,
                        manifest=manifest,
                        in_script=True,
                        is_literal=command.is_literal,
                        depth=step.depth + 1,
                    )
                )
        self.waiting.extend(reversed(steps))

    def _wrapped(self, step: _Step, argv: tuple[str, ...], wrapper: tools.Wrapper) -> None:
        if tools.is_node_wrapper(argv[0]):
            self._binary(argv[0], step)
        rest = list(argv[1:])
        while rest and rest[0].startswith("-"):
            word = rest.pop(0)
            if word == "--":
                break
            if word in wrapper.options_with_value and rest:
                rest.pop(0)
        if wrapper.subcommand is not None and rest[:1] == [wrapper.subcommand]:
            rest.pop(0)
            while rest and rest[0].startswith("-"):
                word = rest.pop(0)
                if word in wrapper.options_with_value and rest:
                    rest.pop(0)
        del rest[: wrapper.positional]
        while wrapper.assignments and rest and is_assignment(rest[0]):
            self._set(rest.pop(0))
        if rest[:1] == ["--"]:
            rest.pop(0)
        if argv[0] == "env-cmd" and rest and "/" not in rest[0] and rest[0].startswith("."):
            rest.pop(0)  # the older `env-cmd .env command`
        if rest:
            self.waiting.append(replace(step, argv=tuple(rest), depth=step.depth + 1))
        else:
            self._give_up(step, f"`{argv[0]}` runs nothing")

    def _commands_of_concurrently(self, argv: tuple[str, ...], step: _Step) -> None:
        steps: list[_Step] = []
        for text in read_concurrently(argv[1:]):
            if text.startswith(("npm:", "yarn:", "pnpm:", "bun:")):
                runner, _, pattern = text.partition(":")
                names = matching_scripts(pattern.split(" ")[0], tuple(step.manifest.scripts))
                steps += [replace(step, argv=(runner, "run", name), depth=step.depth + 1) for name in names]
                if not names:
                    self._give_up(step, f"there is no script `{pattern}`")
            else:
                steps.append(replace(step, argv=("sh", "-c", text), depth=step.depth + 1))
        self.waiting.extend(reversed(steps))

    def _script_list(self, argv: tuple[str, ...], step: _Step) -> None:
        steps: list[_Step] = []
        for word in argv[1:]:
            if word == "--":
                break
            if word.startswith("-"):
                continue
            names = matching_scripts(word.split(" ")[0], tuple(step.manifest.scripts))
            if not names:
                self._give_up(step, f"there is no script `{word}`")
            steps += [replace(step, argv=("npm", "run", name), depth=step.depth + 1) for name in names]
        self.waiting.extend(reversed(steps))

    # --- package managers ---

    def _is_for_bun_itself(self, argv: tuple[str, ...], step: _Step) -> bool:
        """A file, a bundle or tests, where other words of bun name a script or a program of node_modules."""
        if argv[0] != "bun":
            return False
        if argv[1:2] and argv[1] in BUN_TOOLS:
            return True
        word = read_bun_arguments(argv[1:]).file
        if word is None or word in step.manifest.scripts:
            return False
        path = inside(step.folder, word)
        return _looks_like_file(word) or "/" in word or word == "." or (path is not None and self._is_file(path))

    def _is_file(self, path: str) -> bool:
        return any(self.project.context.is_file(path + suffix) for suffix in ("", ".ts", ".tsx", ".js", ".mjs"))

    def _package_manager(self, argv: tuple[str, ...], step: _Step) -> None:
        if argv[0] == "bun" and tools.classify(argv) == "development":
            self._program(argv, argv[0], step)
            return
        self.package_managers[argv[0]] = None
        if not step.is_literal and any(sign in word for word in argv for sign in "$`"):
            self._give_up(step, f"`{' '.join(argv)[:60]}` holds a variable")
            return
        everywhere = recursive_script(argv)
        if everywhere is not None and self._run_in_members(everywhere, argv[0], step):
            return
        run = read_run(argv, step.manifest.scripts, self.project.manager == "yarn-berry")
        if isinstance(run, InstallRun):
            self.programs.append(argv)
            self.build = self.build or self._evidence(step, argv)
        elif isinstance(run, (ScriptRun, ProgramRun)):
            place = self._place(run.folder, run.member, step)
            if place is None:
                self._give_up(step, f"`{' '.join(argv)[:60]}` runs in a folder that isn't known")
            elif isinstance(run, ScriptRun):
                self._run_script(run, argv[0], place)
            elif run.shell_text is not None:
                self._text(run.shell_text, place)
            elif run.argv:
                self.waiting.append(replace(place, argv=run.argv, in_script=True, depth=step.depth + 1))
        else:
            self.programs.append(argv)
            self._give_up(step, f"`{' '.join(argv)[:60]}` runs no script")

    def _run_in_members(self, script: str, runner: str, step: _Step) -> bool:
        """Follow a script in each member that has it; False where none does."""
        found = [(folder, read_manifest(self.project.context, folder)) for folder in self.project.workspaces]
        having = [(folder, manifest) for folder, manifest in found if manifest and script in manifest.scripts]
        for folder, manifest in having:
            self._run_script(ScriptRun(script), runner, replace(step, folder=folder, manifest=manifest))
        return bool(having)

    def _place(self, folder: str | None, member: str | None, step: _Step) -> _Step | None:
        """The step, in another folder where options say so."""
        if folder is None and member is None:
            return step
        target = inside(step.folder, folder) if folder is not None else self._member(member or "")
        manifest = read_manifest(self.project.context, target) if target is not None else None
        return replace(step, folder=target, manifest=manifest) if target is not None and manifest is not None else None

    def _member(self, name: str) -> str | None:
        for folder in self.project.workspaces:
            manifest = read_manifest(self.project.context, folder)
            if manifest is not None and name == manifest.name:
                return folder
        folder = inside(self.project.folder, name) or ""
        return folder if folder in self.project.workspaces else None

    def _run_script(self, run: ScriptRun, runner: str, step: _Step) -> None:
        scripts = step.manifest.scripts
        step = replace(step, depth=step.depth + 1)
        if run.script in scripts:
            self.uses_shell = True
            names = (f"pre{run.script}", run.script, f"post{run.script}") if run.hooks else (run.script,)
            present = [name for name in names if name in scripts]
            self.scripts.update(dict.fromkeys(present))
            for name in reversed(present):  # a stack: what is put on last is followed first
                place = replace(step, evidence=step.manifest.script_evidence(name))
                self._text(scripts[name], place, run.arguments if name == run.script else ())
        elif run.may_be_program:
            self.waiting.append(replace(step, argv=(run.script, *run.arguments), in_script=True))
        elif run.script == "start" and runner in ("npm", "pnpm"):
            self.waiting.append(replace(step, argv=("node", "server.js"), in_script=True))
        else:
            self._give_up(step, f"there is no script `{run.script}` in {step.manifest.path}")

    # --- programs ---

    def _program(self, argv: tuple[str, ...], written: str, step: _Step) -> None:
        program = argv[0]
        self.programs.append(argv)
        kind = tools.classify(argv)
        if not step.is_literal and kind is None and program != "node":
            self._give_up(step, f"`{' '.join(argv)[:60]}` holds a variable")
            return
        if kind == "development":
            # Of a runtime, only an option makes a server for development.
            flag = next((word for word in argv[1:] if program in _RUNTIMES and word in _RESTARTS), "")
            self.development = self.development or (f"{program} {flag}".rstrip(), self._evidence(step, argv))
            self._binary(program, step, written)
        elif program in ("node", "nodejs") or (program == "bun" and argv[1:2] not in (("build",), ("test",))):
            self._node(argv, step)
        elif tools.is_transpiler(program):
            self._binary(program, step, written)
            self._node(argv, step)
        elif tools.is_process_manager(program):
            self._binary(program, step, written)
            self._managed(argv, step)
        elif kind == "build":
            self.build = self.build or self._evidence(step, argv)
            self._binary(program, step, written)
        elif kind is not None:
            self.kinds.add(kind)
            self._binary(program, step, written)
        elif _looks_like_file(written):
            self._file_itself(argv, written, step)
        elif any(package in step.manifest.installed_dependencies for package in tools.packages_of(program)):
            self._binary(program, step, written)
            self._give_up(step, f"what `{program}` runs is not known")
        else:
            self._binary(program, step, written)
            self._give_up(step, f"`{program}` is not known")

    def _node(self, argv: tuple[str, ...], step: _Step) -> None:
        if argv[0] == "bun":
            arguments = self._bun_arguments(argv, step)
        else:
            arguments = read_node_arguments(argv[1:], babel=argv[0] == "babel-node")
        self.env_files.update(dict.fromkeys(arguments.env_files))
        for preload in arguments.preloads:
            path = inside(step.folder, preload) if preload.startswith(".") else None
            if path is not None:
                self.entry_files[path] = None
            else:
                self.preloads[preload] = None
        if arguments.code is not None:
            self._give_up(step, "the program is given on the command line")
        elif arguments.file is None:
            self._give_up(step, f"`{argv[0]}` is given no file")
        elif not step.is_literal and any(sign in arguments.file for sign in "$`*?"):
            self._give_up(step, f"the file `{arguments.file[:60]}` holds a variable")
        else:
            self._entry(arguments.file, step)

    def _bun_arguments(self, argv: tuple[str, ...], step: _Step) -> NodeArguments:
        """With what bunfig.toml says of the start."""
        self.package_managers["bun"] = None
        if any(word.partition("=")[0] == "--cwd" for word in argv):
            self._give_up(step, f"`{' '.join(argv)[:60]}` runs in a folder that isn't known")
        arguments = read_bun_arguments(argv[1:])
        settings = read_bun_settings(self.project.context, step.folder)
        if settings.problem:
            self._give_up(step, settings.problem)
        return replace(arguments, preloads=(*arguments.preloads, *settings.preloads))

    def _entry(self, file: str, step: _Step) -> None:
        if file.startswith("/"):
            self._give_up(step, f"`{file[:60]}` is outside of the work folder")
            return
        binary = file.removeprefix("./")
        if binary.startswith("node_modules/"):
            self._package_file(binary, step)
            return
        path = inside(step.folder, file)
        if path is None:
            self._give_up(step, f"`{file[:60]}` is out of the context")
        else:
            self.kinds.add("server")
            self.entry_files[self._existing(path)] = None
            self.folders[step.folder] = None

    def _package_file(self, path: str, step: _Step) -> None:
        """`node node_modules/.bin/next start`, `node node_modules/next/dist/bin/next start`"""
        argv = step.argv[step.argv.index(next(word for word in step.argv if word.endswith(path))) :]
        name = posixpath.basename(path).removesuffix(".js")
        self.programs.pop()
        self.waiting.append(replace(step, argv=(name, *argv[1:]), in_script=True, depth=step.depth + 1))

    def _existing(self, path: str) -> str:
        """The file that node's resolution finds; the path itself where only a build can make it."""
        context = self.project.context
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

    def _managed(self, argv: tuple[str, ...], step: _Step) -> None:
        managed = read_process_manager(self.project.sources, step.folder, argv)
        if managed.problem is not None:
            self._give_up(step, managed.problem)
        self.logs += managed.logs
        self.unknown_logs += managed.unknown_logs
        for managed_program in managed.programs:
            place = replace(step, folder=managed_program.folder, in_script=True, depth=step.depth + 1)
            self.waiting.append(replace(place, argv=managed_program.argv))

    def _file_itself(self, argv: tuple[str, ...], written: str, step: _Step) -> None:
        """`./server.js`, or docker-entrypoint.sh's `server.js`."""
        path = inside(step.folder, written)
        bundle = find_bundle(self.project.context, step.folder, step.manifest, path) if path is not None else None
        if path is not None and bundle is not None and bundle.is_program:
            self.kinds.add("server")
            self.entry_files[path] = None
            self.folders[step.folder] = None
        elif written.endswith((".js", ".mjs", ".cjs")) and path is not None:
            self._entry(written, step)
        elif path is not None and self.project.context.is_file(path):
            self._give_up(step, f"`{written[:60]}` is a script of its own")
        else:
            self._give_up(step, f"`{written[:60]}` is not known")

    # --- results ---

    def _binary(self, program: str, step: _Step, written: str = "") -> None:
        """A program of node_modules, unless nothing brings it or it is outside of a script's PATH."""
        if program in _SYSTEM_PROGRAMS:
            return
        known = any(package in step.manifest.installed_dependencies for package in tools.packages_of(program))
        from_modules = "node_modules" in written
        if (step.in_script and known) or from_modules or (step.in_script and not tools.is_global_tool(program)):
            self.binaries[program] = None
        else:
            self.global_tools[program] = None

    def _set(self, assignment: str) -> None:
        name, _, value = assignment.partition("=")
        self.environment[name, value] = None

    def _evidence(self, step: _Step, argv: tuple[str, ...]) -> Evidence:
        return step.evidence if step.evidence.file else Evidence("", 0, " ".join(argv)[:120])

    def _give_up(self, step: _Step, reason: str) -> None:
        self.unknown.append(Evidence(step.evidence.file, step.evidence.line, reason))


_RUNTIMES = frozenset({"node", "bun"})
_RESTARTS = frozenset({"--watch", "--hot"})
_SYSTEM_PROGRAMS = frozenset(
    {"echo", "true", "exit", "sleep", "rm", "mkdir", "cp", "mv", "touch", "chmod", "chown", "ls", "cat", "cd", "test"}
    | {"[", "export", "set", "date", "printf", "pwd", "which", "pkill", "kill", "find", "sed", "grep", "ln"}
)


def _program_name(word: str) -> str:
    """The program without its folder."""
    return word.rstrip("/").rsplit("/", 1)[-1] or word


def _looks_like_file(word: str) -> bool:
    suffixes = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".sh")
    return word.startswith(("./", "../")) or word.endswith(suffixes)
