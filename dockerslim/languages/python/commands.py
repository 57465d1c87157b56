"""Find what a command runs: which of the project's files, and whether it is a server for development."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.modules import join, main_files, module_files
from dockerslim.languages.python.project import read_toml

Kind = Literal["server", "dev-server", "script", "unknown"]

_INTERPRETER = re.compile(r"(?:python|pypy)(?:\d(?:\.\d+)?)?")
_INTERPRETER_VALUES = ("-W", "-X", "--check-hash-based-pycs")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_APPLICATION = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?::.*)?")
_DEVELOPMENT_TOOLS = frozenset(
    {"watchmedo", "watchfiles", "hupper", "jupyter", "jupyter-lab", "jupyter-notebook", "jurigged", "reflex", "ptw"}
)
_PREFIXES = frozenset({"exec", "tini", "dumb-init", "catatonit", "nice", "ddtrace-run", "opentelemetry-instrument"})
_RUNNERS = frozenset({"poetry", "pipenv", "uv", "pdm", "hatch", "rye"})
_RUNNER_VALUES = frozenset({"--with", "--extra", "--group", "--package", "--project", "--directory", "--python", "-p"})
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})
_FASTAPI_DEFAULTS = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_FLASK_DEFAULTS = ("wsgi.py", "app.py")
_SCRIPT_RUNNERS = frozenset({"streamlit", "chainlit", "panel", "bokeh"})
_FILE_RUNNER_VERBS = frozenset({"run", "serve"})
_UWSGI_MODULE = re.compile(r"^\s*(?:module|wsgi|mount)\s*=\s*(?:[^=\s]*=)?(?P<module>[\w.]+)", re.MULTILINE)
_UWSGI_FILE = re.compile(r"^\s*(?:wsgi-file|file)\s*=\s*(?P<file>[\w./-]+)", re.MULTILINE)
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Command:
    """What a command line runs."""

    kind: Kind
    entry_files: tuple[str, ...] = ()
    """The project's files that it starts with, relative to the context's root."""
    search_folders: tuple[str, ...] = ()
    """Folders of the context in which modules are looked for, in order."""
    development_tool: str | None = None
    """What makes it a development server, as written: `--reload`, `manage.py runserver`."""
    console_script: str | None = None
    """The program that an installed distribution brings, where the command starts one."""
    writes: tuple[str, ...] = ()
    """Files that its options make it write; relative to the working folder where they are not absolute."""
    reason: str = ""
    """Why it is unknown."""


@dataclass(frozen=True, slots=True)
class _Place:
    context: BuildContext
    folder: str
    workdir: str | None
    environment: Mapping[str, str]

    def file(self, path: str) -> str | None:
        """The context's file that a path of the command line names."""
        if path.startswith("/"):
            if self.workdir is None:
                return None
            path = posixpath.relpath(posixpath.normpath(path), self.workdir)
        found = join(self.folder, path)
        return found if found is not None and self.context.is_file(found) else None

    def folders(self, *more: str) -> tuple[str, ...]:
        paths = [*more, "", *self.environment.get("PYTHONPATH", "").split(":")]
        found: dict[str, None] = {}
        for path in paths:
            if path.startswith("/"):
                path = posixpath.relpath(posixpath.normpath(path), self.workdir) if self.workdir else "/"
            folder = join(self.folder, path)
            if folder is not None:
                found[folder] = None
        return tuple(found)


def resolve_command(
    context: BuildContext,
    folder: str,
    argv: Sequence[str],
    env: Mapping[str, str] | None = None,
    workdir: str | None = None,
) -> Command:
    """Say what a command runs.

    `folder` is what the context has of the working folder, `workdir` that folder's path in the image (for absolute
    paths), `env` the environment as far as it is known.
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
    place = _Place(context, folder.strip("/") if folder not in (".", "/") else "", workdir, environment)
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


def _interpreter(place: _Place, words: Sequence[str]) -> Command:
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


def _script(place: _Place, path: str, arguments: Sequence[str]) -> Command:
    file = place.file(path)
    if file is None:
        name = posixpath.basename(path)
        if "/" in path and not name.endswith(".py"):
            return _tool(place, name, arguments)
        return Command("unknown", reason=f"`{path}` is not in the context")
    command = Command("script", (file,), _with_script_folder(place, file))
    if posixpath.basename(path) == "manage.py":
        return _django(place, command, arguments)
    if "--reload" in arguments:
        return replace(command, kind="dev-server", development_tool="--reload")
    return command


def _with_script_folder(place: _Place, file: str) -> tuple[str, ...]:
    """Python looks beside the script first, and not in the working folder."""
    return tuple(dict.fromkeys((posixpath.dirname(file), *place.folders())))


def _django(place: _Place, command: Command, arguments: Sequence[str]) -> Command:
    verb = next((word for word in arguments if not word.startswith("-")), "")
    settings = _option(arguments, "--settings") or place.environment.get("DJANGO_SETTINGS_MODULE")
    if settings:
        files = module_files(place.context, settings, command.search_folders)
        command = replace(command, entry_files=tuple(dict.fromkeys((*command.entry_files, *files))))
    if verb in ("runserver", "runserver_plus", "testserver"):
        return replace(command, kind="dev-server", development_tool=f"manage.py {verb}")
    return command


def _module(place: _Place, module: str, arguments: Sequence[str]) -> Command:
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


def _tool(place: _Place, name: str, arguments: Sequence[str]) -> Command:
    if name in _DEVELOPMENT_TOOLS:
        return Command("dev-server", development_tool=name, console_script=name)
    if name in _servers():
        return _server(place, name, arguments)
    special = {
        "flask": _flask,
        "fastapi": _fastapi,
        "celery": _celery,
        "uwsgi": _uwsgi,
        "django-admin": _django_admin,
        "arq": _by_module,
        "dramatiq": _by_module,
        "huey_consumer": _by_module,
        "taskiq": _by_module,
    }.get(name)
    if special is not None:
        return replace(special(place, arguments), console_script=name)
    if name in _SCRIPT_RUNNERS:
        return replace(_file_runner(place, arguments), console_script=name)
    return _console_script(place, name)


def _server(place: _Place, name: str, arguments: Sequence[str]) -> Command:
    table = _servers()[name]
    options, positional = _split_options(arguments, table.get("flags", ()))
    folders = place.folders(*(value for option, value in options if option in table.get("folder", ())))
    writes = tuple(
        value for option, value in options if option in table.get("output", ()) and value not in ("", "-", "/dev/null")
    )
    reload = next((option for option, _ in options if option in table.get("reload", ())), None)
    reload = reload or next((option for option, _ in options if option.startswith("--reload")), None)
    applications = [word for word in positional if _APPLICATION.fullmatch(word)]
    if name in ("sanic", "quart"):
        applications = [word for word in applications if word != "run"]
    files: dict[str, None] = {}
    for path in (*(value for option, value in options if option in table.get("config", ())), *_own_config(name)):
        found = place.file(path.removeprefix("file:"))
        files.update({found: None} if found else {})
    command = Command("server", (), folders, console_script=name, writes=writes)
    entries = _application(place, applications[0], folders) if applications else ()
    files.update(dict.fromkeys(entries))
    if reload:
        return replace(command, kind="dev-server", entry_files=tuple(files), development_tool=reload)
    if not applications:
        return replace(command, kind="unknown", entry_files=tuple(files), reason=f"`{name}` is given no application")
    if not entries:
        return replace(command, reason=f"`{applications[0]}` is not in the context")
    return replace(command, entry_files=tuple(files))


def _own_config(name: str) -> tuple[str, ...]:
    """What the server reads from the working folder without being told."""
    return ("gunicorn.conf.py",) if name == "gunicorn" else ()


def _application(place: _Place, word: str, folders: Sequence[str]) -> tuple[str, ...]:
    match = _APPLICATION.fullmatch(word)
    return module_files(place.context, match["module"], folders) if match else ()


def _flask(place: _Place, arguments: Sequence[str]) -> Command:
    folders = place.folders()
    application = _option(arguments, "--app", "-A") or place.environment.get("FLASK_APP", "")
    files = _flask_files(place, application, folders)
    if "run" not in arguments:
        return Command("script", files, folders)
    for word in ("--debug", "--reload"):
        if word in arguments:
            return Command("dev-server", files, folders, development_tool=f"flask run {word}")
    for variable in _flask_development(place.environment):
        if "--no-debug" not in arguments:
            return Command("dev-server", files, folders, development_tool=variable)
    reason = "" if files else "the Flask application is not found"
    return Command("server", files, folders, reason=reason)


def _flask_development(environment: Mapping[str, str]) -> Iterator[str]:
    if environment.get("FLASK_ENV", "").lower() == "development":
        yield "FLASK_ENV=development"
    if environment.get("FLASK_DEBUG", "").lower() in _TRUE:
        yield "FLASK_DEBUG=" + environment["FLASK_DEBUG"]


def _flask_files(place: _Place, application: str, folders: Sequence[str]) -> tuple[str, ...]:
    if not application:
        return tuple(file for name in _FLASK_DEFAULTS if (file := place.file(name)))[:1]
    target = application.partition(":")[0]
    file = place.file(target)
    return (file,) if file else module_files(place.context, target.removesuffix(".py").replace("/", "."), folders)


def _fastapi(place: _Place, arguments: Sequence[str]) -> Command:
    _, positional = _split_options(arguments, ("--reload", "--no-reload", "--proxy-headers"))
    verb = positional[0] if positional else ""
    paths = positional[1:2] or _FASTAPI_DEFAULTS
    file = next((found for path in paths if (found := place.file(path))), None)
    files = (file,) if file else ()
    folders = place.folders() if file is None else _with_script_folder(place, file)
    if verb == "dev" or "--reload" in arguments:
        tool = "fastapi dev" if verb == "dev" else "--reload"
        return Command("dev-server", files, folders, development_tool=tool)
    if verb != "run":
        return Command("unknown", files, folders, reason="`fastapi` is given no `run`")
    return Command("server", files, folders, reason="" if file else "the FastAPI application is not found")


def _celery(place: _Place, arguments: Sequence[str]) -> Command:
    folders = place.folders(*(folder for folder in (_option(arguments, "--workdir"),) if folder))
    application = (_option(arguments, "-A", "--app") or place.environment.get("CELERY_APP", "")).partition(":")[0]
    files: tuple[str, ...] = ()
    for name in (f"{application}.celery", application, application.rpartition(".")[0]):
        files = files or module_files(place.context, name, folders)
    writes: tuple[str, ...] = ()
    is_embedded_beat = any(word in arguments for word in ("-B", "--beat"))
    if "beat" in arguments or is_embedded_beat:
        writes = (_option(arguments, "-s", "--schedule", "--schedule-filename") or "celerybeat-schedule",)
    log = _option(arguments, "-f", "--logfile")
    pid = _option(arguments, "--pidfile")
    if pid is None and "beat" in arguments:
        pid = "celerybeat.pid"
    writes = (*writes, *(path for path in (log, pid) if path))
    kind: Kind = "server" if {"worker", "beat", "flower"} & set(arguments) else "script"
    reason = "" if files else "the Celery application is not found"
    return Command(kind, files, folders, writes=writes, reason=reason)


def _uwsgi(place: _Place, arguments: Sequence[str]) -> Command:
    folders = place.folders(*(folder for folder in (_option(arguments, "--chdir", "--pythonpath"),) if folder))
    if any(word.startswith("--py-auto") for word in arguments):
        return Command("dev-server", search_folders=folders, development_tool="--py-autoreload")
    files: tuple[str, ...] = ()
    module = _option(arguments, "--module", "-w", "--wsgi")
    path = _option(arguments, "--wsgi-file", "--file")
    settings = _option(arguments, "--ini") or next((word for word in arguments if word.endswith(".ini")), None)
    if settings is not None:
        file = place.file(settings)
        text = (place.context.read_text(file) if file else None) or ""
        if "py-autoreload" in text:
            return Command("dev-server", search_folders=folders, development_tool="py-autoreload")
        named, by_file = _UWSGI_MODULE.search(text), _UWSGI_FILE.search(text)
        module = module or (named["module"] if named else None)
        path = path or (by_file["file"] if by_file else None)
    if module:
        files = _application(place, module, folders)
    elif path and (found := place.file(path)):
        files = (found,)
    if not files:
        return Command("unknown", search_folders=folders, reason="the uWSGI application is not found")
    return Command("server", files, folders)


def _django_admin(place: _Place, arguments: Sequence[str]) -> Command:
    return _django(place, Command("script", (), place.folders()), arguments)


def _by_module(place: _Place, arguments: Sequence[str]) -> Command:
    folders = place.folders()
    if "--reload" in arguments or "--watch" in arguments:
        return Command("dev-server", search_folders=folders, development_tool="--reload")
    for word in arguments:
        name = word.partition(":")[0]
        files = module_files(place.context, name, folders) or module_files(
            place.context, name.rpartition(".")[0], folders
        )
        if files:
            return Command("server", files, folders)
    return Command("unknown", search_folders=folders, reason="the module to run is not found")


def _file_runner(place: _Place, arguments: Sequence[str]) -> Command:
    verb = next((word for word in arguments if not word.startswith("-")), "")
    file = next((found for word in arguments if word.endswith(".py") and (found := place.file(word))), None)
    if verb not in _FILE_RUNNER_VERBS or file is None:
        return Command("unknown", reason="the file to run is not found")
    folders = _with_script_folder(place, file)
    for word in ("-w", "--watch", "--dev", "--autoreload"):
        if word in arguments:
            return Command("dev-server", (file,), folders, development_tool=word)
    return Command("server", (file,), folders)


def _console_script(place: _Place, name: str) -> Command:
    """A program of the project's own, if pyproject.toml declares it; else one that a distribution brings."""
    pyproject = place.file("pyproject.toml")
    data = (read_toml(place.context, pyproject) if pyproject else None) or {}
    folders = place.folders("", "src")
    for keys in (("project", "scripts"), ("tool", "poetry", "scripts")):
        table: object = data
        for key in keys:
            table = table.get(key) if isinstance(table, dict) else None
        target = table.get(name) if isinstance(table, dict) else None
        if isinstance(target, str):
            files = _application(place, target.strip(), folders)
            reason = "" if files else f"`{target}` is not in the context"
            return Command("script" if files else "unknown", files, folders, console_script=name, reason=reason)
    return Command("unknown", search_folders=place.folders(), console_script=name, reason=f"`{name}` is not known")


def _split_options(words: Sequence[str], flags: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """(option, value) pairs and the words between them; an option that is no flag takes the next word."""
    options: list[tuple[str, str]] = []
    positional: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, has_value, value = word.partition("=")
        if has_value or name in flags:
            options.append((name, value))
        elif not word.startswith("--") and len(word) > 2 and word not in flags:
            options.append((word[:2], word[2:]))
        else:
            options.append((name, words[index] if index < len(words) else ""))
            index += 1
    return options, positional


def _option(words: Sequence[str], *names: str) -> str | None:
    """The value of an option, in one word or in two."""
    for index, word in enumerate(words):
        name, has_value, value = word.partition("=")
        if name in names:
            if has_value:
                return value
            return words[index + 1] if index + 1 < len(words) else None
    return None


@cache
def _servers() -> dict[str, dict[str, list[str]]]:
    text = resources.files(__package__).joinpath("servers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
