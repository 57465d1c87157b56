"""Command lines of uWSGI, and the INI files that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerslim.languages.python.command import Command, Place, option_value
from dockerslim.languages.python.import_files import module_files

WRITTEN = ("logto", "logto2", "daemonize", "daemonize2", "pidfile", "pidfile2", "safe-pidfile", "socket", "http-socket")
"""Settings that name a file which uWSGI makes."""
USERS = ("uid", "gid", "immediate-uid", "immediate-gid")
"""Settings with which uWSGI ends at once where it isn't started as root (`cannot setgid() as non-root user`)."""

_SETTING = re.compile(r"^[ \t]*+(?P<name>[\w-]++)[ \t]*+=[ \t]*+(?P<value>[^\s#;]++)", re.MULTILINE)


def uwsgi_command(place: Place, arguments: Sequence[str]) -> Command:
    folders = place.folders(*(folder for folder in (option_value(arguments, "--chdir", "--pythonpath"),) if folder))
    if any(word.startswith("--py-auto") for word in arguments):
        return Command("dev-server", search_folders=folders, development_tool="--py-autoreload")
    settings = _settings(place, arguments)
    if settings.get("py-autoreload", ["0"])[0] not in ("0", "false"):
        return Command("dev-server", search_folders=folders, development_tool="py-autoreload")
    module = option_value(arguments, "--module", "-w", "--wsgi") or _first(settings, "module", "wsgi")
    path = option_value(arguments, "--wsgi-file", "--file") or _first(settings, "wsgi-file", "file")
    files: tuple[str, ...] = ()
    if module:
        files = module_files(place.context, module.partition(":")[0], folders)
    elif path and (found := place.file(path)):
        files = (found,)
    if not files:
        return Command("unknown", search_folders=folders, reason="the uWSGI application is not found")
    named = list(_written(arguments, settings))
    writes = tuple(path for path in named if not _is_computed(path))
    computed = next((path for path in named if _is_computed(path)), None)
    unknown = [f"uWSGI writes `{computed}`, which is computed"] if computed is not None else []
    if _said(arguments, settings, ("chroot",)):
        unknown.append("uWSGI changes its root folder (`chroot`), which needs root")
    return Command(
        "server",
        files,
        folders,
        writes=writes,
        unknown_writes=tuple(unknown),
        changes_user=_said(arguments, settings, USERS),
    )


def _settings(place: Place, arguments: Sequence[str]) -> dict[str, list[str]]:
    name = option_value(arguments, "--ini") or next((word for word in arguments if word.endswith(".ini")), None)
    file = place.file(name) if name is not None else None
    text = (place.context.read_text(file) if file else None) or ""
    found: dict[str, list[str]] = {}
    for match in _SETTING.finditer(text):
        found.setdefault(match["name"].replace("_", "-"), []).append(match["value"])
    return found


def _first(settings: dict[str, list[str]], *names: str) -> str | None:
    return next((settings[name][0] for name in names if name in settings), None)


def _said(arguments: Sequence[str], settings: dict[str, list[str]], names: Sequence[str]) -> str:
    """The first of some settings that an option or the file gives, as written there; "" where none is given."""
    option = next((f"--{name}" for name in names if option_value(arguments, f"--{name}") is not None), "")
    return option or next((name for name in names if name in settings), "")


def _written(arguments: Sequence[str], settings: dict[str, list[str]]) -> Iterator[str]:
    for name in WRITTEN:
        given = option_value(arguments, f"--{name}")
        for value in (*settings.get(name, ()), *((given,) if given else ())):
            # A socket is a port as well, and a file where it is a path.
            if "socket" not in name or "/" in value or value.endswith(".sock"):
                yield value


def _is_computed(path: str) -> bool:
    return any(mark in path for mark in ("%", "$", "@("))
