"""Find what a command runs: which of the project's files, and whether it is a server for development."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.command import Command, Kind, Place, option_value
from dockerslim.languages.python.import_files import join, main_files, module_files
from dockerslim.languages.python.package_modules import declared_scripts
from dockerslim.languages.python.servers import application_files, server_command

_INTERPRETER = re.compile(r"(?:python|pypy)(?:\d(?:\.\d+)?)?")
_INTERPRETER_VALUES = ("-W", "-X", "--check-hash-based-pycs")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_PREFIXES = frozenset({"exec", "tini", "dumb-init", "catatonit", "nice", "ddtrace-run", "opentelemetry-instrument"})
_RUNNERS = frozenset({"poetry", "pipenv", "uv", "pdm", "hatch", "rye"})
_RUNNER_VALUES = frozenset({"--with", "--extra", "--group", "--package", "--project", "--directory", "--python", "-p"})
_LONGEST_CHAIN = 20


def resolve_command(
    context: BuildContext,
    folder: str,
    argv: Sequence[str],
    env: Mapping[str, str] | None = None,
    workdir: str | None = None,
    installed: Sequence[str] = (),
    scripts: Mapping[str, str] | None = None,
) -> Command:
    """Say what a command runs.

    `folder` is what the context has of the working folder, `workdir` that folder's path in the image (for absolute
    paths), `env` the environment as far as it is known. `installed` are folders of the context in which the modules
    of an installed project lie, `scripts` the programs that it declares, as `module:function`.
    """
    environment = dict(env or {})
    words = list(argv)
    for _ in range(_LONGEST_CHAIN):
        shorter = _without_prefix(words, environment)
        if shorter is None:
            break
        words = shorter
    if not words:
        return Command("unknown", reason="the command is empty")
    folder = folder.strip("/") if folder not in (".", "/") else ""
    place = Place(context, folder, workdir, environment, tuple(installed), scripts or {})
    name = posixpath.basename(words[0])
    if _INTERPRETER.fullmatch(name):
        return _interpreter(place, words[1:])
    if name.endswith(".py"):
        return _script(place, words[0], words[1:])
    return _tool(place, name, words[1:])


def _without_prefix(words: Sequence[str], environment: dict[str, str]) -> list[str] | None:
    """The command without a program that only starts it; None where it begins with none."""
    if not words:
        return None
    name = posixpath.basename(words[0])
    rest = list(words[1:])
    if _ASSIGNMENT.fullmatch(words[0]) or name == "env":
        if name != "env":
            key, _, value = words[0].partition("=")
            environment[key] = value
        return rest
    if name in _PREFIXES:
        return _after_options(rest)
    if name == "newrelic-admin" and rest[:1] == ["run-program"]:
        return rest[1:]
    if name in _RUNNERS and rest[:1] == ["run"]:
        return _after_options(rest[1:])
    return None


def _after_options(words: Sequence[str]) -> list[str]:
    index = 0
    while index < len(words) and words[index].startswith("-"):
        if words[index] == "--":
            return list(words[index + 1 :])
        index += 2 if words[index] in _RUNNER_VALUES else 1
    return list(words[index:])


def _interpreter(place: Place, words: Sequence[str]) -> Command:
    index = 0
    while index < len(words) and words[index].startswith("-") and words[index] != "-":
        word = words[index]
        if word.startswith("-m") or (re.fullmatch(r"-[a-zA-Z]+m", word) and "c" not in word):
            module = word[2:] if word.startswith("-m") and len(word) > 2 else "".join(words[index + 1 : index + 2])
            arguments = words[index + (1 if word.startswith("-m") and len(word) > 2 else 2) :]
            return _module(place, module, arguments)
        if "c" in word and not word.startswith("--"):
            return Command("unknown", reason="the program is text on the command line")
        index += 2 if word in _INTERPRETER_VALUES else 1
    if index >= len(words) or words[index] == "-":
        return Command("unknown", reason="the interpreter is started without a program")
    return _script(place, words[index], words[index + 1 :])


def _script(place: Place, path: str, arguments: Sequence[str]) -> Command:
    file = place.file(path)
    if file is None:
        name = posixpath.basename(path)
        if "/" in path and not name.endswith(".py"):
            return _tool(place, name, arguments)
        return Command("unknown", reason=f"`{path}` is not in the context")
    command = Command("script", (file,), place.script_folders(file))
    if posixpath.basename(path) == "manage.py":
        return _django(place, command, arguments)
    if "--reload" in arguments:
        return replace(command, kind="dev-server", development_tool="--reload")
    return command


def _django(place: Place, command: Command, arguments: Sequence[str]) -> Command:
    verb = next((word for word in arguments if not word.startswith("-")), "")
    settings = option_value(arguments, "--settings") or place.environment.get("DJANGO_SETTINGS_MODULE")
    if settings:
        files = module_files(place.context, settings, command.search_folders)
        command = replace(command, entry_files=tuple(dict.fromkeys((*command.entry_files, *files))))
    if verb in ("compilemessages", "makemessages", "makemigrations"):
        command = replace(command, unknown_writes=(f"`{verb}` writes among the source",))
    if verb == "makemigrations":
        command = replace(command, writes=tuple(_migrations(place, arguments)))
    if verb in ("startapp", "startproject"):
        named = [word for word in arguments if not word.startswith("-")][1:]
        command = replace(command, writes=tuple(named[1:2] or named[:1]))
    if verb in ("runserver", "runserver_plus", "testserver"):
        return replace(command, kind="dev-server", development_tool=f"manage.py {verb}")
    return command


def _migrations(place: Place, arguments: Sequence[str]) -> Iterator[str]:
    """The folders, relative to the working folder, into which Django writes migrations as far as it has some already.

    An application that is named gets its first ones too.
    """
    marker = "/migrations/__init__.py"
    for path in place.context.under(place.folder) if place.folder else place.context.files:
        if path.endswith(marker):
            yield posixpath.relpath(posixpath.dirname(path), place.folder or ".")
    for word in arguments[arguments.index("makemigrations") + 1 :]:
        folder = join(place.folder, word)
        if folder is not None and place.context.is_file(f"{folder}/apps.py"):
            yield f"{word}/migrations"


def _module(place: Place, module: str, arguments: Sequence[str]) -> Command:
    if not module:
        return Command("unknown", reason="`-m` names no module")
    folders = place.folders()
    files = main_files(place.context, module, folders)
    if files:
        kind: Kind = "dev-server" if "--reload" in arguments else "script"
        return Command(kind, files, folders, development_tool="--reload" if kind == "dev-server" else None)
    if module == "http.server":
        return Command("server", search_folders=folders)
    return _tool(place, {"waitress": "waitress-serve"}.get(module, module), arguments)


def _tool(place: Place, name: str, arguments: Sequence[str]) -> Command:
    if name == "django-admin":
        return replace(_django(place, Command("script", (), place.folders()), arguments), console_script=name)
    return server_command(place, name, arguments) or _console_script(place, name)


def _console_script(place: Place, name: str) -> Command:
    """A program of the project's own, if pyproject.toml or setup.py declares it; else one of a distribution."""
    own = declared_scripts(place.context, place.folder)
    target = own.get(name, place.scripts.get(name))
    if target is not None:
        # Such a program does not look into the working folder.
        return _target(place, name, target, tuple(dict.fromkeys((*place.installed, *place.folders("", "src")))))
    return Command("unknown", search_folders=place.folders(), console_script=name, reason=f"`{name}` is not known")


def _target(place: Place, name: str, target: str, folders: tuple[str, ...]) -> Command:
    files = application_files(place, target.strip(), folders)
    reason = "" if files else f"`{target}` is not in the context"
    return Command("script" if files else "unknown", files, folders, console_script=name, reason=reason)
