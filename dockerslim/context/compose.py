"""What a compose file says of its services, as far as it touches images that are built here."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal, TypeAlias

from dockerslim.context.environment_file import read_environment
from dockerslim.context.interpolation import fill, interpolate, resolve, split_outside_variables
from dockerslim.context.text_file import Stamp, read_stamped
from dockerslim.context.yaml_tree import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    UnreadableYaml,
    entries_of,
    items_of,
    parse_yaml,
    text_of,
)

COMPOSE_NAME = re.compile(r"(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml", re.IGNORECASE)
PRIMARY_NAME = re.compile(r"(?:docker-)?compose\.ya?ml", re.IGNORECASE)
"""The file that overrides build upon."""

SERVICES_LIMIT = 500
ITEMS_LIMIT = 500
"""Of one list: an alias can stand for a long list many times."""

Command: TypeAlias = tuple[str, ...] | str
"""Exec form, or a text that compose splits into words as a shell would."""

MountKind: TypeAlias = Literal["bind", "volume", "tmpfs", "anonymous"]


@dataclass(frozen=True, slots=True)
class Mount:
    """Something laid over a folder or a file of the image."""

    source: str
    """As written; empty for tmpfs and anonymous volumes."""
    target: str
    kind: MountKind
    line: int


@dataclass(frozen=True, slots=True)
class Build:
    """The `build` of a service; None for what isn't said."""

    context: str | None
    dockerfile: str | None = None
    target: str | None = None
    arguments: tuple[tuple[str, str | None], ...] = ()
    """Name and value; no value where it comes from the environment."""
    is_inline: bool = False
    """The Dockerfile's text stands in the compose file."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as one compose file has it. What isn't said is None or empty."""

    name: str
    line: int
    build: Build | None
    command: Command | None
    entrypoint: Command | None
    volumes: tuple[Mount, ...]
    user: str | None
    healthcheck: Command | None
    """The test; `("NONE",)` where it is switched off."""
    environment: tuple[str, ...]
    """Names of the variables that are set."""
    working_dir: str | None
    develop_watch: bool
    image: str | None = None
    environment_values: tuple[tuple[str, str | None], ...] = ()
    """Name and value; no value where it comes from the host's environment."""
    environment_files: tuple[str, ...] = ()
    """As written: relative to the compose file's folder. Those that need a variable are left out."""


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """The services of a compose file, or why it can't be read."""

    services: tuple[Service, ...] = ()
    problem: str | None = None
    problem_line: int = 0


@lru_cache(maxsize=4096)
def read_compose(state: Stamp, settings: Stamp | None = None) -> ComposeFile:
    """The compose file at a path, read once for as long as it and the `.env` beside it stay the same."""
    text = read_stamped(state)
    if text is None:
        return ComposeFile(problem="too large or not readable")
    variables = (read_stamped(settings) if settings is not None else None) or ""
    return parse_compose(fill(text, read_environment(variables)))


def parse_compose(text: str) -> ComposeFile:
    """The services in a compose file's text. Never raises: what is wrong is told in `problem`."""
    try:
        root = parse_yaml(text)
    except UnreadableYaml as error:
        return ComposeFile(problem=error.reason, problem_line=error.line)
    if root is None:
        return ComposeFile()
    if not isinstance(root, Mapping):
        return ComposeFile(problem="not a mapping", problem_line=root.line)
    services = entries_of(root.get("services"))
    return ComposeFile(
        tuple(_service(name, line, node) for name, (line, node) in islice(services.items(), SERVICES_LIMIT))
    )


def _service(name: str, line: int, node: Node) -> Service:
    entries = {key: value for key, (_, value) in entries_of(node).items()}
    return Service(
        name=name,
        line=line,
        build=_build(entries.get("build")),
        command=_command(entries.get("command")),
        entrypoint=_command(entries.get("entrypoint")),
        volumes=(*_mounts(entries.get("volumes")), *_memory_mounts(entries.get("tmpfs"))),
        user=_text(entries.get("user")),
        healthcheck=_healthcheck(entries.get("healthcheck")),
        environment=tuple(key for key, _ in _assignments(entries.get("environment"))),
        working_dir=_text(entries.get("working_dir")),
        develop_watch="watch" in entries_of(entries.get("develop")),
        image=_text(entries.get("image")),
        environment_values=_environment(entries.get("environment")),
        environment_files=_environment_files(entries.get("env_file")),
    )


def _build(node: Node | None) -> Build | None:
    if isinstance(node, Scalar):
        context = _text(node)
        return Build(context) if context else None
    if not isinstance(node, Mapping):
        return None
    entries = {key: value for key, (_, value) in node.entries().items()}
    return Build(
        context=_text(entries.get("context")),
        dockerfile=_text(entries.get("dockerfile")),
        target=_text(entries.get("target")),
        arguments=_assignments(entries.get("args")),
        is_inline="dockerfile_inline" in entries,
    )


def _text(node: Node | None) -> str | None:
    text = text_of(node)
    return None if text is None else interpolate(text)


def _command(node: Node | None) -> Command | None:
    if isinstance(node, Sequence):
        return tuple(_text(item) or "" for item in node.items[:ITEMS_LIMIT])
    return _text(node)


def _healthcheck(node: Node | None) -> Command | None:
    entries = entries_of(node)
    if "disable" in entries and (text_of(entries["disable"][1]) or "").lower() in ("true", "yes", "on"):
        return ("NONE",)
    return _command(entries["test"][1]) if "test" in entries else None


def _assignments(node: Node | None) -> tuple[tuple[str, str | None], ...]:
    """Names and values of a mapping or of a list of `NAME=value`."""
    if isinstance(node, Mapping):
        return tuple((name, _text(value)) for name, (_, value) in islice(node.entries().items(), ITEMS_LIMIT))
    found: list[tuple[str, str | None]] = []
    for item in items_of(node)[:ITEMS_LIMIT]:
        name, equals, value = (_text(item) or "").partition("=")
        if name:
            found.append((name, value if equals else None))
    return tuple(found)


def _environment(node: Node | None) -> tuple[tuple[str, str | None], ...]:
    """Names and values as in `_assignments`; a value that only the host's environment tells is None."""
    if isinstance(node, Mapping):
        pairs = ((name, text_of(value)) for name, (_, value) in islice(node.entries().items(), ITEMS_LIMIT))
        return tuple((name, None if value is None else resolve(value)) for name, value in pairs)
    found: list[tuple[str, str | None]] = []
    for item in items_of(node)[:ITEMS_LIMIT]:
        name, equals, value = (text_of(item) or "").partition("=")
        if name:
            found.append((interpolate(name), resolve(value) if equals else None))
    return tuple(found)


def _environment_files(node: Node | None) -> tuple[str, ...]:
    """The paths of `env_file`: a text, or a list of texts and of mappings with a `path`."""
    items = [node] if isinstance(node, Scalar) else items_of(node)[:ITEMS_LIMIT]
    texts = (text_of(item.get("path") if isinstance(item, Mapping) else item) for item in items)
    paths = (resolve(text) for text in texts if text)
    return tuple(path for path in paths if path)


def _mounts(node: Node | None) -> tuple[Mount, ...]:
    items = items_of(node)[:ITEMS_LIMIT]
    mounts = (_long_mount(item) if isinstance(item, Mapping) else _short_mount(item) for item in items)
    return tuple(mount for mount in mounts if mount is not None)


def _short_mount(node: Node) -> Mount | None:
    """`[SOURCE:]TARGET[:MODE]`."""
    fields = split_outside_variables(_text(node) or "", ":")
    if len(fields) > 1 and re.fullmatch("[A-Za-z]", fields[0]) and fields[1][:1] in ("/", "\\"):
        fields[:2] = [":".join(fields[:2])]  # a Windows drive
    if len(fields) == 1:
        return Mount("", _folder(fields[0]), "anonymous", node.line) if fields[0] else None
    return Mount(fields[0], _folder(fields[1]), "bind" if _is_path(fields[0]) else "volume", node.line)


def _long_mount(node: Mapping) -> Mount | None:
    entries = {key: value for key, (_, value) in node.entries().items()}
    target = _text(entries.get("target")) or _text(entries.get("destination")) or _text(entries.get("dst"))
    source = _text(entries.get("source")) or _text(entries.get("src")) or ""
    kind = _text(entries.get("type"))
    if not target:
        return None
    if kind == "bind" or (kind is None and _is_path(source)):
        return Mount(source, _folder(target), "bind", node.line)
    if kind == "tmpfs":
        return Mount("", _folder(target), "tmpfs", node.line)
    return Mount(source, _folder(target), "volume" if source else "anonymous", node.line)


def _memory_mounts(node: Node | None) -> tuple[Mount, ...]:
    items = items_of(node) if isinstance(node, Sequence) else [node] if isinstance(node, Scalar) else []
    found = []
    for item in items[:ITEMS_LIMIT]:
        target = (_text(item) or "").partition(":")[0]
        if target:
            found.append(Mount("", _folder(target), "tmpfs", item.line))
    return tuple(found)


def _is_path(source: str) -> bool:
    """Is it a folder of the host? The name of a volume has no slash in it; a variable is a path, most likely."""
    return source[:1] in (".", "/", "~", "$", "\\") or bool(re.match(r"[A-Za-z]:[\\/]", source))


def _folder(target: str) -> str:
    normal = posixpath.normpath(target)
    return normal[1:] if normal.startswith("//") else normal
