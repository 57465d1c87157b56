"""Commands of the programs that serve or work off a Python application: gunicorn, flask, celery and their like."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from dockerslim.languages.python.alembic import alembic_command
from dockerslim.languages.python.celery import written_by_celery
from dockerslim.languages.python.command import Command, Kind, Place, option_value, split_options
from dockerslim.languages.python.gunicorn_settings import application_settings, module_folders
from dockerslim.languages.python.import_files import module_files
from dockerslim.languages.python.locust import locust_command
from dockerslim.languages.python.logging_files import handler_files
from dockerslim.languages.python.uwsgi import uwsgi_command

_APPLICATION = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?::.*)?")
_DEVELOPMENT_TOOLS = frozenset(
    {"watchmedo", "watchfiles", "hupper", "jupyter", "jupyter-lab", "jupyter-notebook", "jurigged", "reflex", "ptw"}
)
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})
_FASTAPI_DEFAULTS = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_FLASK_DEFAULTS = ("wsgi.py", "app.py")
_SCRIPT_RUNNERS = frozenset({"streamlit", "chainlit", "panel", "bokeh"})
_TOML_WRITES = re.compile(
    r"^[ \t]*+(?:accesslog|errorlog|logconfig|pid_path)[ \t]*+=[ \t]*+(?![\"']-[\"'])", re.MULTILINE
)
_FLASK_FLAGS = ("--debug", "--no-debug", "--reload", "--no-reload", "--with-threads", "--without-threads", "--multidb")
_MIGRATION_VERBS = frozenset({"edit", "init", "merge", "migrate", "revision"})
"""Of `flask db`: those that write files; the others change the database."""
_FILE_RUNNER_VERBS = frozenset({"run", "serve"})


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
        "uwsgi": uwsgi_command,
        "alembic": alembic_command,
        "locust": locust_command,
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
    options, positional = split_options((*_own_arguments(place, name), *arguments), table.get("flags", ()))
    folders = place.folders(*(value for option, value in options if option in table.get("folder", ())))
    settings = tuple(_settings_files(place, name, options, folders))
    said = application_settings(place, settings) if name == "gunicorn" else {}
    working_folder = next((v for option, v in options if option == "--chdir"), said.get("chdir") or "")
    if name == "gunicorn":
        paths = [v for option, v in options if option == "--pythonpath"] or [said.get("pythonpath") or ""]
        folders = place.folders(*module_folders(working_folder, paths))
    reload = next((option for option, _ in options if option in table.get("reload", ())), None)
    reload = reload or next((option for option, _ in options if option.startswith("--reload")), None)
    applications = [word for word in positional if _APPLICATION.fullmatch(word)]
    if name in ("sanic", "quart"):
        applications = [word for word in applications if word != "run"]
    own = said.get("wsgi_app")
    applications = applications or ([own] if own else [])
    entries = application_files(place, applications[0], folders) if applications else ()
    writes, unknown = _written(place, table, options)
    command = Command(
        "server",
        tuple(dict.fromkeys((*settings, *entries))),
        folders,
        console_script=name,
        writes=writes,
        unknown_writes=unknown,
        settings_files=settings,
        working_folder=working_folder,
        changes_user=next((option for option, _ in options if option in table.get("user", ())), ""),
    )
    if reload:
        return replace(command, kind="dev-server", development_tool=reload)
    if not applications:
        return replace(command, kind="unknown", reason=f"`{name}` is given no application")
    if not entries:
        computed = next((key for key in ("chdir", "pythonpath") if key in said and said[key] is None), "")
        reason = f"`{computed}` in `{settings[-1]}` is computed" if computed else ""
        return replace(command, entry_files=(), reason=reason or f"`{applications[0]}` is not in the context")
    return command


def _own_arguments(place: Place, name: str) -> list[str]:
    """Arguments that the server takes from its environment."""
    if name != "gunicorn":
        return []
    try:
        return shlex.split(place.environment.get("GUNICORN_CMD_ARGS", ""))
    except ValueError:
        return []


def _settings_files(
    place: Place, name: str, options: Sequence[tuple[str, str]], folders: Sequence[str]
) -> Iterator[str]:
    """The Python files of its settings: those it is told, and what it reads from the working folder by itself."""
    named = [value for option, value in options if option in _servers()[name].get("config", ())]
    for path in named:
        if path.startswith("python:"):
            yield from module_files(place.context, path.removeprefix("python:"), folders)[-1:]
        elif (found := place.file(path.removeprefix("file:"))) is not None and not found.endswith(".toml"):
            yield found
    own = place.file("gunicorn.conf.py") if name == "gunicorn" and not named else None
    if own is not None:
        yield own


def _written(
    place: Place, table: Mapping[str, Sequence[str]], options: Sequence[tuple[str, str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the options make the server write, and sentences of what that can't be told of."""
    writes: list[str] = []
    unknown: list[str] = []
    for option, value in options:
        if option in table.get("output", ()) and value not in ("", "-", "/dev/null"):
            writes.append(value)
        elif option in table.get("bind", ()) and value.startswith("unix:"):
            writes.append(value.removeprefix("unix:"))
        elif option in table.get("logging", ()):
            file = place.file(value)
            for path in handler_files(place.context, file) if file is not None else (None,):
                if path is not None:
                    writes.append(path)
                else:
                    unknown.append(f"what `{option} {value}` makes it write is not known")
        elif option in table.get("config", ()) and not value.startswith("python:"):
            file = place.file(value.removeprefix("file:"))
            text = place.context.read_text(file) if file is not None else None
            if text is None or (value.endswith(".toml") and _TOML_WRITES.search(text)):
                unknown.append(f"what `{option} {value}` makes it write is not known")
    return tuple(dict.fromkeys(writes)), tuple(dict.fromkeys(unknown))


def application_files(place: Place, word: str, folders: Sequence[str]) -> tuple[str, ...]:
    match = _APPLICATION.fullmatch(word)
    return module_files(place.context, match["module"], folders) if match else ()


def _flask(place: Place, arguments: Sequence[str]) -> Command:
    folders = place.folders()
    application = option_value(arguments, "--app", "-A") or place.environment.get("FLASK_APP", "")
    files = _flask_files(place, application, folders)
    _, positional = split_options(arguments, _FLASK_FLAGS)
    if positional[:1] != ["run"]:
        return Command("script", files, folders, writes=_migrations_of_flask(positional, arguments))
    for word in ("--debug", "--reload"):
        if word in arguments:
            return Command("dev-server", files, folders, development_tool=f"flask run {word}")
    for variable in _flask_development(place.environment):
        if "--no-debug" not in arguments:
            return Command("dev-server", files, folders, development_tool=variable)
    reason = "" if files else "the Flask application is not found"
    return Command("server", files, folders, reason=reason)


def _migrations_of_flask(positional: Sequence[str], arguments: Sequence[str]) -> tuple[str, ...]:
    """The folder into which a command of Flask-Migrate writes: `flask db init` and its like."""
    if positional[:1] != ["db"] or not _MIGRATION_VERBS & set(positional[1:2]):
        return ()
    return (option_value(arguments, "-d", "--directory") or "migrations",)


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
    kind: Kind = "server" if {"worker", "beat", "flower"} & set(arguments) else "script"
    reason = "" if files else "the Celery application is not found"
    folder = option_value(arguments, "--workdir") or ""
    return Command(kind, files, folders, writes=written_by_celery(arguments), reason=reason, working_folder=folder)


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


def written_settings() -> frozenset[str]:
    """The names of settings, in a server's Python file of them, whose value is a file or an address that it writes."""
    return frozenset(name for table in _servers().values() for name in table.get("written_settings", ()))


def user_settings() -> frozenset[str]:
    """The settings by which a server that is started as root works as another user."""
    return frozenset(name for table in _servers().values() for name in table.get("user_settings", ()))
