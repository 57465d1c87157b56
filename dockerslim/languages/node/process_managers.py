"""pm2 and forever: the file that they run, or the list of programs that it holds."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node import json_text
from dockerslim.languages.node.file_use import FileUse
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.source_files import SourceFiles
from dockerslim.languages.node.syntax import line_of, pairs_of, parse_source, snippet_of, string_value, walk
from dockerslim.languages.node.yaml_text import parse_yaml

if TYPE_CHECKING:
    from tree_sitter import Node

_RUNNERS = frozenset({"npm", "yarn", "pnpm"})
_LOG_OPTIONS = frozenset({"-o", "--output", "--out", "-e", "--error", "-l", "--log", "-p", "--pid", "--pidFile"})
_LOG_KEYS = frozenset(
    {"out_file", "output", "out", "error_file", "error", "err_file", "err", "log_file", "log", "pid_file", "pid"}
)
_NO_LOGS = frozenset({"", "NULL", "null"})
_WITH_VALUE = frozenset(
    {"-i", "--instances", "-n", "--name", "--env", "--only", "--cwd"}
    | {"--interpreter", "--node-args", "--max-memory-restart", "-u", "-c", "--exp-backoff-restart-delay", "--secret"}
    | {"--public", "--machine-name", "--kill-timeout", "--delay", "--uid", "--minUptime", "--spinSleepTime", "-a"}
    | _LOG_OPTIONS
)
_SUBCOMMANDS = frozenset({"start", "start-or-restart", "startOrRestart", "reload", "startOrReload"})
_LISTS = (".json", ".yml", ".yaml", ".config.js", ".config.cjs", ".config.mjs")
_SIZE_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class ManagedProgram:
    """One command that is kept running; `folder`, relative to the context, is the work folder."""

    argv: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Managed:
    """What a process manager keeps running, or why it isn't known."""

    programs: tuple[ManagedProgram, ...] = ()
    problem: str | None = None
    logs: tuple[FileUse, ...] = ()
    """What it writes for its programs; "file" paths are relative to the context."""
    unknown_logs: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class _Value:
    """A member of a list of programs. `text` is None where it is computed, or no text."""

    text: str | None
    evidence: Evidence


def read_process_manager(sources: SourceFiles, folder: str, argv: Sequence[str]) -> Managed:
    """Read `pm2-runtime server.js`, `pm2 start ecosystem.config.js`, `forever app.js`."""
    words = [*argv[1:]]
    position = 0
    interpreter: str | None = None
    logs: list[FileUse] = []
    while position < len(words) and (words[position].startswith("-") or words[position] in _SUBCOMMANDS):
        name, equals, value = words[position].partition("=")
        takes_next = name in _WITH_VALUE and not equals
        value = words[position + 1] if takes_next and position + 1 < len(words) else value
        if name == "--interpreter":
            interpreter = value
        elif name == "--cwd":
            return Managed(problem=f"`{argv[0]}` is told another work folder")
        elif name in _LOG_OPTIONS and value not in _NO_LOGS:
            logs.append(_log(value, folder, Evidence("", 0, " ".join(argv)[:120])))
        position += 2 if takes_next else 1
    if position >= len(words):
        return Managed(problem=f"`{argv[0]}` is given no file")
    target, rest = words[position], words[position + 1 :]
    after = tuple(rest[rest.index("--") + 1 :]) if "--" in rest else ()
    options = rest[: rest.index("--")] if "--" in rest else rest
    for name, value in pairwise(options):
        if name in _LOG_OPTIONS and value not in _NO_LOGS:
            logs.append(_log(value, folder, Evidence("", 0, " ".join(argv)[:120])))
    if target.endswith(_LISTS):
        found = _read_list(sources, folder, target)
        return replace(found, logs=(*logs, *found.logs))
    if target in _RUNNERS:
        return Managed((ManagedProgram((target, *after), folder),), logs=tuple(logs))
    return Managed((ManagedProgram(_command(target, interpreter, (), after), folder),), logs=tuple(logs))


def _log(path: str, folder: str, evidence: Evidence) -> FileUse:
    if path.startswith("/"):
        return FileUse(posixpath.normpath(path), evidence, "absolute")
    return FileUse(posixpath.normpath(posixpath.join(folder, path)), evidence, "file")


def _command(script: str, interpreter: str | None, options: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    return (script, *words) if interpreter == "none" else (interpreter or "node", *options, script, *words)


def _read_list(sources: SourceFiles, folder: str, name: str) -> Managed:
    path = inside(folder, name)
    text = sources.context.read_text(path) if path is not None else None
    if path is None or text is None or len(text) > _SIZE_LIMIT:
        return Managed(problem=f"`{name[:60]}` can't be read")
    if name.endswith(".json"):
        apps = _from_data(path, json_text.parse_with_comments(text))
    elif name.endswith((".yml", ".yaml")):
        apps = _from_data(path, parse_yaml(text))
    else:
        apps = _from_source(path, text)
    if not apps or any(app["script"].text is None for app in apps):
        return Managed(problem=f"`{name[:60]}` names no program that can be read")
    programs: list[ManagedProgram] = []
    logs: list[FileUse] = []
    unknown: list[Evidence] = []
    for app in apps:
        place = _folder_of(app, folder)
        if place is None:
            return Managed(problem=f"`{name[:60]}` names a work folder that is not known")
        programs.append(ManagedProgram(_program(app), place))
        for key in _LOG_KEYS & app.keys():
            value = app[key]
            if value.text is None:
                unknown.append(value.evidence)
            elif value.text not in _NO_LOGS:
                logs.append(_log(value.text, place, value.evidence))
    return Managed(tuple(programs), logs=tuple(logs), unknown_logs=tuple(unknown))


def _folder_of(app: Mapping[str, _Value], folder: str) -> str | None:
    cwd = app.get("cwd")
    if cwd is None or cwd.text == "":
        return folder
    return inside(folder, cwd.text) if cwd.text is not None and not cwd.text.startswith("/") else None


def _from_data(path: str, data: object) -> list[Mapping[str, _Value]]:
    apps = json_text.object_of(data).get("apps", data)
    found: list[Mapping[str, _Value]] = []
    for item in apps if isinstance(apps, list) else [apps]:
        members = {
            key: _Value(json_text.text_of(value), Evidence(path, 0, key))
            for key, value in json_text.object_of(item).items()
            if isinstance(key, str) and not isinstance(value, bool) and value is not None
        }
        if "script" in members:
            found.append(members)
    return found


def _from_source(path: str, text: str) -> list[Mapping[str, _Value]]:
    found: list[Mapping[str, _Value]] = []
    for node in walk(parse_source(path, text)):
        pairs = pairs_of(node) if node.type == "object" else {}
        if "script" in pairs:
            found.append(
                {
                    key: _Value(_text_of(value), Evidence(path, line_of(value), snippet_of(value)))
                    for key, value in pairs.items()
                    # A script that is nothing is still a program, one that can't be known.
                    if key == "script" or value.type not in ("true", "false", "null", "undefined")
                }
            )
    return found


def _text_of(node: Node) -> str | None:
    """The folder of a list is the one that it is read in, as a rule."""
    return "" if snippet_of(node) in ("__dirname", "process.cwd()") else string_value(node)


def _program(app: Mapping[str, _Value]) -> tuple[str, ...]:
    def text(key: str) -> str:
        return (app[key].text or "") if key in app else ""

    script, arguments = text("script"), text("args").split()
    if script in _RUNNERS:
        return (script, *arguments)
    options = (text("node_args") or text("interpreter_args")).split()
    return _command(script, text("interpreter") or None, options, arguments)
