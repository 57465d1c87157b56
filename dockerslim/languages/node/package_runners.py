"""`npm run x`, `yarn x`, `npx x` and their like: which script or program they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RUNNERS = frozenset({"npm", "yarn", "yarnpkg", "pnpm", "bun", "npx", "bunx", "pnpx"})

_VALUE_OPTIONS = {
    "npm": frozenset(
        {"--prefix", "-C", "--workspace", "-w", "--loglevel", "--cache", "--userconfig", "--registry", "--script-shell"}
    ),
    "yarn": frozenset({"--cwd"}),
    "pnpm": frozenset({"--dir", "-C", "--filter", "-F"}),
    "bun": frozenset({"--cwd", "--filter", "-F", "--config", "-c", "--env-file", "--preload", "-r", "--shell"}),
}
_FOLDER_OPTIONS = frozenset({"--prefix", "-C", "--cwd", "--dir"})
_MEMBER_OPTIONS = frozenset({"--workspace", "-w", "--filter", "-F"})
_BUN_COMMANDS = frozenset(
    {"add", "audit", "ci", "completions", "create", "c", "feedback", "i", "info", "init", "install", "link", "outdated"}
    | {"patch", "patch-commit", "pm", "publish", "remove", "repl", "rm", "unlink", "update", "upgrade", "why", "a"}
)
"""They win over a script of that name."""
BUN_TOOLS = frozenset({"build", "test"})
"""Bun's bundler and its test runner, which win over a script too."""
_NPM_SHORTCUTS = frozenset({"start", "stop", "restart", "test", "t", "tst"})
_INSTALLS = frozenset({"install", "i", "ci", "add", "update", "up", "rebuild", "clean-install"})
_YARN_COMMANDS = frozenset(
    {"add", "audit", "autoclean", "bin", "cache", "check", "config", "create", "global", "import", "info", "init"}
    | {"install", "link", "list", "login", "logout", "outdated", "pack", "publish", "remove", "unlink", "upgrade"}
    | {"version", "versions", "why", "workspaces", "constraints", "dedupe", "plugin", "rebuild", "set", "up"}
)


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """A script of package.json, or a program of node_modules/.bin where there is none of that name."""

    script: str
    arguments: tuple[str, ...] = ()
    folder: str | None = None
    """Another folder than the current one, as written."""
    member: str | None = None
    """A workspace member, by name or folder."""
    may_be_program: bool = False
    hooks: bool = True
    """`pre` and `post` scripts run too."""


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A program of node_modules/.bin (or fetched there and then), or `npx -c` and its shell text."""

    argv: tuple[str, ...] = ()
    shell_text: str | None = None
    folder: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class InstallRun:
    """An install when the container starts."""


@dataclass(frozen=True, slots=True)
class OtherRun:
    """Something else, as `npm config`."""


Run = ScriptRun | ProgramRun | InstallRun | OtherRun


def read_run(argv: Sequence[str], scripts: Mapping[str, str], is_berry: bool = False) -> Run:
    """What a command of a package manager runs. `argv[0]` is one of RUNNERS, without a folder."""
    program = {"yarnpkg": "yarn", "bunx": "npx", "pnpx": "npx"}.get(argv[0], argv[0])
    if program == "npx":
        return _program(argv[1:])
    options, words = _options_anywhere(argv[1:]) if program == "npm" else _split_options(program, argv[1:])
    folder = next((value for name, value in options if name in _FOLDER_OPTIONS), None)
    member = next((value for name, value in options if name in _MEMBER_OPTIONS), None)
    if not words:
        return InstallRun() if program == "yarn" else OtherRun()
    name, rest = words[0], words[1:]
    if name in ("exec", "x", "dlx"):
        run = _program(rest)
        return ProgramRun(run.argv, run.shell_text, folder, member)
    if program == "yarn" and name == "workspace" and len(rest) >= 2:
        return _script(program, rest[1], rest[2:], folder, rest[0], True, not is_berry)
    if program == "yarn" and name == "node":
        return ProgramRun(("node", *rest), None, folder, member)
    if name in ("run", "run-script", "rum", "urn"):
        more, rest = _split_options(program, rest)
        member = next((value for option, value in more if option in _MEMBER_OPTIONS), member)
        folder = next((value for option, value in more if option in _FOLDER_OPTIONS), folder)
        if not rest:
            return OtherRun()
        return _script(program, rest[0], rest[1:], folder, member, program != "npm", not is_berry)
    if program == "npm":
        if name in _NPM_SHORTCUTS:
            return _script(program, "test" if name in ("t", "tst") else name, rest, folder, member, False, True)
        return InstallRun() if name in _INSTALLS else OtherRun()
    if program == "bun" and name in BUN_TOOLS:
        return ProgramRun((program, name, *rest), None, folder, member)
    if program == "bun" and name in _BUN_COMMANDS:
        return InstallRun() if name in _INSTALLS else OtherRun()
    if name in scripts:
        return _script(program, name, rest, folder, member, True, not is_berry)
    if name in _INSTALLS or (program == "yarn" and name in _YARN_COMMANDS):
        return InstallRun() if name in _INSTALLS else OtherRun()
    return _script(program, name, rest, folder, member, True, not is_berry)


def recursive_script(argv: Sequence[str]) -> str | None:
    """The script that is run in every workspace member that has it; None where the command is another one."""
    plain = [word for word in argv[1:] if not word.startswith("-")]
    options = {word.partition("=")[0] for word in argv[1:] if word.startswith("-")}
    if argv[0] == "npm" and options & {"--workspaces", "-ws"} and plain[:1] in (["run"], ["run-script"]):
        return plain[1] if len(plain) > 1 else None
    if argv[0] == "yarn" and plain[:2] == ["workspaces", "foreach"] and "run" in plain[2:-1]:
        return plain[plain.index("run") + 1]
    if argv[0] == "yarn" and plain[:2] == ["workspaces", "run"]:
        return plain[2] if len(plain) > 2 else None
    if argv[0] != "pnpm":
        return None
    filters = [value for name, value in _split_options("pnpm", argv[1:])[0] if name in ("--filter", "-F")]
    if not options & {"-r", "--recursive"} and not any("..." in value for value in filters):
        return None
    rest = [word for word in plain if word not in filters]
    rest = rest[1:] if rest[:1] in (["run"], ["recursive"]) else rest
    return rest[0] if rest and rest[0] not in (*_INSTALLS, "exec", "dlx") else None


def _script(
    program: str,
    name: str,
    rest: Sequence[str],
    folder: str | None,
    member: str | None,
    may_be_program: bool,
    hooks: bool,
) -> ScriptRun:
    arguments = [word for index, word in enumerate(rest) if not (word == "--" and "--" not in rest[:index])]
    return ScriptRun(name, tuple(arguments), folder, member, may_be_program, hooks)


def _split_options(program: str, words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The options before the first word that is none, and the words from there on."""
    options: list[tuple[str, str]] = []
    position = 0
    while position < len(words) and words[position].startswith("-") and words[position] != "--":
        name, equals, value = words[position].partition("=")
        if not equals and name in _VALUE_OPTIONS.get(program, ()) and position + 1 < len(words):
            position += 1
            value = words[position]
        options.append((name, value))
        position += 1
    return options, list(words[position:])


def _options_anywhere(words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """npm takes its options from anywhere before `--`, but those after `exec` are read later."""
    options: list[tuple[str, str]] = []
    rest = list(words)
    kept: list[str] = []
    while rest and rest[0] != "--" and not (kept and kept[0] in ("exec", "x")):
        if rest[0].startswith("-"):
            found, rest = _split_options("npm", rest)
            options += found
        else:
            kept.append(rest.pop(0))
    return options, kept + rest


def _program(words: Sequence[str]) -> ProgramRun:
    """After `npx`, `npm exec`, `yarn dlx`."""
    position = 0
    while position < len(words) and words[position].startswith("-"):
        word = words[position]
        if word == "--":
            position += 1
            break
        if word in ("-c", "--call") and position + 1 < len(words):
            return ProgramRun(shell_text=words[position + 1])
        position += 2 if word in ("-p", "--package", "--filter", "-w", "--workspace") else 1
    argv = list(words[position:])
    if argv and not argv[0].startswith("@"):
        argv[0] = argv[0].partition("@")[0] or argv[0]  # npx serve@14
    elif argv:
        argv[0] = "@" + argv[0][1:].partition("@")[0]
    if len(argv) > 1 and argv[1] == "--":
        del argv[1]
    return ProgramRun(tuple(argv))
