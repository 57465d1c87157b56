"""pm2 and forever: the file that they run, or the list of programs that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.languages.node import json_text
from dockerslim.languages.node.paths import inside
from dockerslim.languages.node.source_files import SourceFiles
from dockerslim.languages.node.syntax import pairs_of, parse_source, string_value, walk
from dockerslim.languages.node.yaml_text import parse_yaml

_WITH_VALUE = frozenset(
    {"-i", "--instances", "-n", "--name", "--env", "--only", "-o", "--output", "-e", "--error", "-l", "--log", "--cwd"}
    | {"--interpreter", "--node-args", "--max-memory-restart", "-u", "-c", "--exp-backoff-restart-delay", "--secret"}
    | {"--public", "--machine-name", "--kill-timeout", "--delay", "--uid", "--minUptime", "--spinSleepTime", "-a"}
)
_SUBCOMMANDS = frozenset({"start", "start-or-restart", "startOrRestart", "reload", "startOrReload"})
_LISTS = (".json", ".yml", ".yaml", ".config.js", ".config.cjs", ".config.mjs")
_SIZE_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Managed:
    """The commands that a process manager keeps running, or why they aren't known."""

    commands: tuple[tuple[str, ...], ...] = ()
    problem: str | None = None


def read_process_manager(sources: SourceFiles, folder: str, argv: Sequence[str]) -> Managed:
    """Read `pm2-runtime server.js`, `pm2 start ecosystem.config.js`, `forever app.js`."""
    words = [*argv[1:]]
    position = 0
    interpreter: str | None = None
    while position < len(words) and (words[position].startswith("-") or words[position] in _SUBCOMMANDS):
        if words[position] == "--interpreter" and position + 1 < len(words):
            interpreter = words[position + 1]
        position += 2 if words[position] in _WITH_VALUE else 1
    if position >= len(words):
        return Managed(problem=f"`{argv[0]}` is given no file")
    target, rest = words[position], words[position + 1 :]
    after = tuple(rest[rest.index("--") + 1 :]) if "--" in rest else ()
    if target.endswith(_LISTS):
        return _read_list(sources, folder, target)
    if target in ("npm", "yarn", "pnpm"):
        return Managed(((target, *after),))
    return Managed((_command(target, interpreter, after),))


def _command(script: str, interpreter: str | None, arguments: tuple[str, ...]) -> tuple[str, ...]:
    return (script, *arguments) if interpreter == "none" else (interpreter or "node", script, *arguments)


def _read_list(sources: SourceFiles, folder: str, name: str) -> Managed:
    path = inside(folder, name)
    text = sources.context.read_text(path) if path is not None else None
    if path is None or text is None or len(text) > _SIZE_LIMIT:
        return Managed(problem=f"`{name[:60]}` can't be read")
    if name.endswith(".json"):
        programs = _from_data(json_text.parse_with_comments(text))
    elif name.endswith((".yml", ".yaml")):
        programs = _from_data(parse_yaml(text))
    else:
        programs = _from_source(path, text)
    if not programs:
        return Managed(problem=f"`{name[:60]}` names no program that can be read")
    return Managed(programs)


def _from_data(data: object) -> tuple[tuple[str, ...], ...]:
    apps = json_text.object_of(data).get("apps", data)
    found: list[tuple[str, ...]] = []
    for item in apps if isinstance(apps, list) else [apps]:
        app = json_text.object_of(item)
        script = json_text.text_of(app.get("script"))
        if script is not None:
            arguments = tuple((json_text.text_of(app.get("args")) or "").split())
            found.append(_program(script, json_text.text_of(app.get("interpreter")), arguments))
    return tuple(found)


def _from_source(path: str, text: str) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for node in walk(parse_source(path, text)):
        pairs = pairs_of(node) if node.type == "object" else {}
        if "script" not in pairs:
            continue
        script = string_value(pairs["script"])
        if script is None:
            return ()
        arguments = tuple((string_value(pairs.get("args")) or "").split())
        found.append(_program(script, string_value(pairs.get("interpreter")), arguments))
    return tuple(found)


def _program(script: str, interpreter: str | None, arguments: tuple[str, ...]) -> tuple[str, ...]:
    if script in ("npm", "yarn", "pnpm"):
        return (script, *arguments)
    return _command(script, interpreter, arguments)
