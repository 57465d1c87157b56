"""The files that logging writes by a configuration which lies in a file: INI, JSON, YAML or TOML."""

from __future__ import annotations

import ast
import configparser
import json
import tomllib
from collections.abc import Iterator

from dockerslim.context.build_context import BuildContext
from dockerslim.context.yaml_tree import Mapping, Scalar, Sequence, UnreadableYaml, parse_yaml

SUFFIXES = (".cfg", ".conf", ".ini", ".json", ".toml", ".yaml", ".yml")
FILE_LIMIT = 500
"""Files of a context that may be such a configuration."""
SIZE_LIMIT = 200_000
NODE_LIMIT = 20_000
LONGEST_ARGUMENTS = 1_000


def handler_files(context: BuildContext, path: str) -> tuple[str | None, ...]:
    """What the handlers of a configuration write, as written there; None for what is computed or can't be read."""
    text = context.read_text(path)
    if text is None or len(text) > SIZE_LIMIT:
        return (None,)
    if "File" not in text:
        return ()
    try:
        return tuple(dict.fromkeys(_handler_files(path, text)))
    except (ValueError, configparser.Error, UnreadableYaml, RecursionError):
        return (None,)


def all_handler_files(context: BuildContext) -> tuple[str | None, ...]:
    """The same of every file that may be a logging configuration, for a program that does not say which it reads."""
    paths = [path for path in context.files if path.endswith(SUFFIXES)]
    found: dict[str | None, None] = dict.fromkeys((None,) if len(paths) > FILE_LIMIT else ())
    for path in paths[:FILE_LIMIT]:
        if "FileHandler" in (context.read_text(path) or ""):
            found.update(dict.fromkeys(handler_files(context, path)))
    return tuple(found)


def _handler_files(path: str, text: str) -> Iterator[str | None]:
    if path.endswith(".json"):
        yield from _of_data(json.loads(text))
    elif path.endswith((".yaml", ".yml")):
        yield from _of_data(parse_yaml(text))
    elif path.endswith(".toml"):
        yield from _of_data(tomllib.loads(text))
    else:
        yield from _of_sections(text)


def _of_data(data: object) -> Iterator[str | None]:
    """The `filename` of each mapping whose `class` is a handler of files."""
    pending = [data]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if len(seen) > NODE_LIMIT:
            yield None
            return
        fields = _fields(node)
        if fields and _writes_files(_text(fields.get("class", fields.get("()")))):
            yield _known(_text(fields.get("filename")))
        pending.extend(fields.values() if fields else _items(node))


def _fields(node: object) -> dict[str, object]:
    if isinstance(node, Mapping):
        return {key: value for key, (_, value) in node.entries().items()}
    return {str(key): value for key, value in node.items()} if isinstance(node, dict) else {}


def _items(node: object) -> list[object]:
    if isinstance(node, Sequence):
        return list(node.items)
    return list(node) if isinstance(node, list) else []


def _text(node: object) -> str | None:
    if isinstance(node, Scalar):
        return node.text
    return node if isinstance(node, str) else None


def _of_sections(text: str) -> Iterator[str | None]:
    """`args=("app.log", "a")` of `[handler_x]` with `class=FileHandler`, as `logging.config.fileConfig` reads them."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    for section in parser.sections():
        options = dict(parser.items(section))
        if not section.startswith("handler_") or not _writes_files(options.get("class")):
            continue
        arguments = _literal(options.get("args", "()"))
        named = _literal(options.get("kwargs", "{}"))
        if isinstance(named, dict) and "filename" in named:
            yield _known(_text(named["filename"]))
        elif isinstance(arguments, (tuple, list)) and arguments:
            yield _known(_text(arguments[0]))
        else:
            yield _known(_text(arguments))


def _literal(text: str) -> object:
    if len(text) > LONGEST_ARGUMENTS:
        return None
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _writes_files(name: str | None) -> bool:
    return name is not None and "File" in name.rpartition(".")[2]


def _known(path: str | None) -> str | None:
    """None where something is still to be put in for a part of the path."""
    is_computed = not path or any(mark in path for mark in ("%(", "${", "$(", "{", "://"))
    return None if is_computed else path
