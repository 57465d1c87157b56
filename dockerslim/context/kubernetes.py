"""The paths that Kubernetes manifests have a cluster ask: the `httpGet` of liveness, readiness and startup probes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from dockerslim.context.evidence import Evidence
from dockerslim.context.repository import DockerfilePlace
from dockerslim.context.text_file import Stamp, read_stamped, stamp
from dockerslim.context.usage import folders_below
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

MANIFEST_FOLDERS = ("k8s", ".k8s", "kubernetes", "kube", "deploy", "deployment", "deployments", "manifests")
"""Looked for in each folder that is searched for compose files."""

DEPTH_LIMIT = 3
"""Folders below one of these: `k8s/overlays/production`."""

FOLDERS_LIMIT = 100
FILES_LIMIT = 200
DOCUMENTS_LIMIT = 200
NODES_LIMIT = 50_000
PATHS_LIMIT = 50

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")

_DOCUMENT = re.compile(r"^(?=---(?:\s|$))", re.MULTILINE)
_TEMPLATE = "{{"


@dataclass(frozen=True, slots=True)
class HealthPath:
    """A path that is asked by GET; `port` is None where it can't be told."""

    path: str
    port: int | None
    evidence: Evidence


def read_health_paths(dockerfile: Path, stop_at: Path | None = None) -> tuple[HealthPath, ...]:
    """The probes of all manifests near a Dockerfile, whatever image they are of; each path and port once.

    Looked in are the folders of `read_usage`, with the same `stop_at`. Never raises.
    """
    place = DockerfilePlace.find(dockerfile, stop_at)
    found: dict[tuple[str, int | None], HealthPath] = {}
    folders = dict.fromkeys((*place.folders, *folders_below(place.root)))
    for state in islice(_manifests(folders, place.top), FILES_LIMIT):
        for path in _read_manifest(state):
            evidence = Evidence(place.shown(state.path), path.evidence.line, path.evidence.text)
            found.setdefault((path.path, path.port), HealthPath(path.path, path.port, evidence))
    return tuple(found.values())[:PATHS_LIMIT]


def parse_health_paths(text: str) -> tuple[HealthPath, ...]:
    """The probes in the documents of a manifest. The evidence has no file. Never raises.

    A template is none: what it will say isn't known. Neither is a document that can't be read.
    """
    if "httpGet" not in text or _TEMPLATE in text:
        return ()
    found: list[HealthPath] = []
    line = 0
    for document in _DOCUMENT.split(text)[:DOCUMENTS_LIMIT]:
        if "httpGet" in document:
            found.extend(_of_document(document, line))
        line += document.count("\n")
    return tuple(found[:PATHS_LIMIT])


@lru_cache(maxsize=1024)
def _read_manifest(state: Stamp) -> tuple[HealthPath, ...]:
    return parse_health_paths(read_stamped(state) or "")


def _of_document(text: str, line: int) -> Iterator[HealthPath]:
    try:
        root = parse_yaml(text)
    except UnreadableYaml:
        return
    for container in _containers(root):
        entries = entries_of(container)
        ports = _named_ports(entries["ports"][1] if "ports" in entries else None)
        for name in PROBES:
            path = _path(name, entries[name][1], ports, line) if name in entries else None
            if path is not None:
                yield path


def _containers(root: Node | None) -> Iterator[Mapping]:
    """The items of each list called `containers`, at whatever depth the kind of a manifest puts it."""
    waiting: list[Node] = [root] if root is not None else []
    seen: set[int] = set()  # an alias may stand for the same node many times
    while waiting and len(seen) < NODES_LIMIT:
        node = waiting.pop()
        if isinstance(node, Scalar) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Sequence):
            waiting.extend(reversed(node.items))
            continue
        for key, value in node.pairs:
            if key.text == "containers":
                yield from (item for item in items_of(value)[:DOCUMENTS_LIMIT] if isinstance(item, Mapping))
        waiting.extend(value for _, value in reversed(node.pairs))


def _named_ports(node: Node | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in items_of(node)[:DOCUMENTS_LIMIT]:
        entries = entries_of(item)
        if "name" in entries and "containerPort" in entries:
            port = _number(text_of(entries["containerPort"][1]))
            if port is not None:
                found[text_of(entries["name"][1]) or ""] = port
    return found


def _path(name: str, probe: Node, ports: dict[str, int], line: int) -> HealthPath | None:
    probe_entries = entries_of(probe)
    if "httpGet" not in probe_entries or not isinstance(probe_entries["httpGet"][1], Mapping):
        return None
    entries = entries_of(probe_entries["httpGet"][1])
    texts = {key: text_of(value) for key, (_, value) in entries.items()}
    if (texts.get("scheme") or "HTTP").upper() != "HTTP" or texts.get("host"):
        return None
    path, port = texts.get("path") or "/", texts.get("port") or ""
    evidence = Evidence("", line + probe_entries["httpGet"][0], name)
    return HealthPath(path if path.startswith("/") else f"/{path}", ports.get(port, _number(port)), evidence)


def _number(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 5:
        return None
    return int(text) if 0 < int(text) < 65536 else None


def _manifests(folders: dict[Path, None], within: Path) -> Iterator[Stamp]:
    seen: set[Path] = set()
    for folder in folders:
        for name in MANIFEST_FOLDERS:
            for path in _yaml_files(folder / name, seen):
                state = stamp(path, within)
                if state is not None:
                    yield state


def _yaml_files(folder: Path, seen: set[Path]) -> Iterator[str]:
    """YAML files in a folder and below; no link is followed, and no Helm chart is looked into."""
    waiting = [(folder, 0)]
    while waiting and len(seen) < FOLDERS_LIMIT:
        path, depth = waiting.pop(0)
        if path in seen:
            continue
        try:
            if path.is_symlink():
                continue
            with os.scandir(path) as entries:
                found = sorted(islice(entries, FILES_LIMIT), key=lambda entry: entry.name)
        except (OSError, ValueError):
            continue
        seen.add(path)
        if any(entry.name == "Chart.yaml" for entry in found):
            continue
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                waiting.extend([(path / entry.name, depth + 1)] if depth < DEPTH_LIMIT else [])
            elif entry.name.endswith((".yaml", ".yml")):
                yield entry.path
