"""Commands of the programs that serve or work off a Python application: gunicorn, flask, celery and their like."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from dockerslim.languages.python.command import Command, Kind, Place, option_value, split_options
from dockerslim.languages.python.import_files import module_files

_APPLICATION = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?::.*)?")
_DEVELOPMENT_TOOLS = frozenset(
    {"watchmedo", "watchfiles", "hupper", "jupyter", "jupyter-lab", "jupyter-notebook", "jurigged", "reflex", "ptw"}
)
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})
_FASTAPI_DEFAULTS = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_FLASK_DEFAULTS = ("wsgi.py", "app.py")
_SCRIPT_RUNNERS = frozenset({"streamlit", "chainlit", "panel", "bokeh"})
_FILE_RUNNER_VERBS = frozenset({"run", "serve"})
_UWSGI_MODULE = re.compile(r"^[ \t]*+(?:module|wsgi)[ \t]*+=[ \t]*+(?P<module>[\w.]+)", re.MULTILINE)
_UWSGI_FILE = re.compile(r"^[ \t]*+(?:wsgi-file|file)[ \t]*+=[ \t]*+(?P<file>[\w./-]+)", re.MULTILINE)


def server_command(place: Place, name: str, arguments: Sequence[str]) -> Command | None:
    """What a command of one of these programs runs; None where the program is none of them."""
    if name in _DEVELOPMENT_TOOLS:
        return Command("dev-server", development_tool=name, console_script=name)
    if name in _servers():
        return _server(place, name, arguments)
    special = {
        "flask": _flask,
        "fastapi": _fastapi,
        "celery": _celery,
        "uwsgi": _uwsgi,
        "arq": _by_module,
        "dramatiq": _by_module,
        "huey_consumer": _by_module,
        "taskiq": _by_module,
    }.get(name)
    if special is not None:
        return replace(special(place, arguments), console_script=name)
    if name in _SCRIPT_RUNNERS:
        return replace(_file_runner(place, arguments), console_script=name)
    return None


def _server(place: Place, name: str, arguments: Sequence[str]) -> Command:
    table = _servers()[name]
    options, positional = split_options(arguments, table.get("flags", ()))
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
    entries = application_files(place, applications[0], folders) if applications else ()
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


def application_files(place: Place, word: str, folders: Sequence[str]) -> tuple[str, ...]:
    match = _APPLICATION.fullmatch(word)
    return module_files(place.context, match["module"], folders) if match else ()


def _flask(place: Place, arguments: Sequence[str]) -> Command:
    folders = place.folders()
    application = option_value(arguments, "--app", "-A") or place.environment.get("FLASK_APP", "")
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


def _flask_files(place: Place, application: str, folders: Sequence[str]) -> tuple[str, ...]:
    if not application:
        return tuple(file for name in _FLASK_DEFAULTS if (file := place.file(name)))[:1]
    target = application.partition(":")[0]
    file = place.file(target)
    return (file,) if file else module_files(place.context, target.removesuffix(".py").replace("/", "."), folders)


def _fastapi(place: Place, arguments: Sequence[str]) -> Command:
    _, positional = split_options(arguments, ("--reload", "--no-reload", "--proxy-headers"))
    verb = positional[0] if positional else ""
    paths = positional[1:2] or _FASTAPI_DEFAULTS
    file = next((found for path in paths if (found := place.file(path))), None)
    files = (file,) if file else ()
    folders = place.folders() if file is None else place.script_folders(file)
    if verb == "dev" or "--reload" in arguments:
        tool = "fastapi dev" if verb == "dev" else "--reload"
        return Command("dev-server", files, folders, development_tool=tool)
    if verb != "run":
        return Command("unknown", files, folders, reason="`fastapi` is given no `run`")
    return Command("server", files, folders, reason="" if file else "the FastAPI application is not found")


def _celery(place: Place, arguments: Sequence[str]) -> Command:
    folders = place.folders(*(folder for folder in (option_value(arguments, "--workdir"),) if folder))
    application = (option_value(arguments, "-A", "--app") or place.environment.get("CELERY_APP", "")).partition(":")[0]
    files: tuple[str, ...] = ()
    for name in (f"{application}.celery", application, application.rpartition(".")[0]):
        files = files or module_files(place.context, name, folders)
    writes: tuple[str, ...] = ()
    is_embedded_beat = any(word in arguments for word in ("-B", "--beat"))
    if "beat" in arguments or is_embedded_beat:
        writes = (option_value(arguments, "-s", "--schedule", "--schedule-filename") or "celerybeat-schedule",)
    log = option_value(arguments, "-f", "--logfile")
    pid = option_value(arguments, "--pidfile")
    if pid is None and "beat" in arguments:
        pid = "celerybeat.pid"
    writes = (*writes, *(path for path in (log, pid) if path))
    kind: Kind = "server" if {"worker", "beat", "flower"} & set(arguments) else "script"
    reason = "" if files else "the Celery application is not found"
    return Command(kind, files, folders, writes=writes, reason=reason)


def _uwsgi(place: Place, arguments: Sequence[str]) -> Command:
    folders = place.folders(*(folder for folder in (option_value(arguments, "--chdir", "--pythonpath"),) if folder))
    if any(word.startswith("--py-auto") for word in arguments):
        return Command("dev-server", search_folders=folders, development_tool="--py-autoreload")
    files: tuple[str, ...] = ()
    module = option_value(arguments, "--module", "-w", "--wsgi")
    path = option_value(arguments, "--wsgi-file", "--file")
    settings = option_value(arguments, "--ini") or next((word for word in arguments if word.endswith(".ini")), None)
    if settings is not None:
        file = place.file(settings)
        text = (place.context.read_text(file) if file else None) or ""
        if "py-autoreload" in text:
            return Command("dev-server", search_folders=folders, development_tool="py-autoreload")
        named, by_file = _UWSGI_MODULE.search(text), _UWSGI_FILE.search(text)
        module = module or (named["module"] if named else None)
        path = path or (by_file["file"] if by_file else None)
    if module:
        files = application_files(place, module, folders)
    elif path and (found := place.file(path)):
        files = (found,)
    if not files:
        return Command("unknown", search_folders=folders, reason="the uWSGI application is not found")
    return Command("server", files, folders)


def _by_module(place: Place, arguments: Sequence[str]) -> Command:
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


def _file_runner(place: Place, arguments: Sequence[str]) -> Command:
    verb = next((word for word in arguments if not word.startswith("-")), "")
    file = next((found for word in arguments if word.endswith(".py") and (found := place.file(word))), None)
    if verb not in _FILE_RUNNER_VERBS or file is None:
        return Command("unknown", reason="the file to run is not found")
    folders = place.script_folders(file)
    for word in ("-w", "--watch", "--dev", "--autoreload"):
        if word in arguments:
            return Command("dev-server", (file,), folders, development_tool=word)
    return Command("server", (file,), folders)


@cache
def _servers() -> dict[str, dict[str, list[str]]]:
    text = resources.files(__package__).joinpath("servers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
