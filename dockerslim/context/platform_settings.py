"""What the settings of hosting platforms run in a Dockerfile's image: Fly, Heroku, Railway and Render.

Sources: https://fly.io/docs/reference/configuration/, https://devcenter.heroku.com/articles/build-docker-images-heroku-yml,
https://docs.railway.com/reference/config-as-code, https://render.com/docs/blueprint-spec
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from dockerslim.context.compose import Command, Mount
from dockerslim.context.repository import DockerfilePlace, absolute
from dockerslim.context.service_use import ServiceUse
from dockerslim.context.text_file import Stamp, read_stamped, stamp
from dockerslim.context.yaml_tree import Mapping, Node, Sequence, UnreadableYaml, parse_yaml, text_of

ITEMS_LIMIT = 100


def platform_uses(folder: Path, place: DockerfilePlace) -> Iterator[ServiceUse]:
    """The commands that the platforms' files in a folder start in the Dockerfile's image. Never raises."""
    for name, read in _READERS.items():
        state = stamp(folder / name, place.top)
        data = _settings(state) if state is not None else {}
        if state is None or not data:
            continue
        for dockerfile, service, command, mounts in read(data):
            if place.is_dockerfile(str(absolute(folder / dockerfile))):
                yield ServiceUse(
                    place.shown(state.path), service, 1, folder, command=command, volumes=mounts, is_platforms=True
                )


_Use = tuple[str, str, Command | None, tuple[Mount, ...]]
"""The Dockerfile, what is run, by which command, with which volumes."""


def _fly(data: dict[str, Any]) -> Iterator[_Use]:
    dockerfile = _text(_table(data, "build").get("dockerfile")) or "Dockerfile"
    volumes = data.get("mounts", data.get("mount"))
    targets = [_text(_dict(item).get("destination")) for item in _items(volumes)]
    mounts = tuple(Mount("", target, "volume", 1) for target in targets if target)
    processes = _table(data, "processes")
    for name, command in list(processes.items())[:ITEMS_LIMIT]:
        yield dockerfile, name, _command(command), mounts
    if mounts and not processes:
        yield dockerfile, "app", None, mounts
    release = _command(_table(data, "deploy").get("release_command"))
    if release:
        yield dockerfile, "release_command", release, ()


def _heroku(data: dict[str, Any]) -> Iterator[_Use]:
    images = _table(_table(data, "build"), "docker")
    main = _text(images.get("web")) or "Dockerfile"
    for name, said in list(_table(data, "run").items())[:ITEMS_LIMIT]:
        image = _text(_dict(said).get("image")) or name
        yield _text(images.get(image)) or main, name, _command(_dict(said).get("command", said)), ()
    release = _table(data, "release")
    if release:
        yield (
            _text(images.get(_text(release.get("image")) or "")) or main,
            "release",
            _command(release.get("command")),
            (),
        )


def _railway(data: dict[str, Any]) -> Iterator[_Use]:
    dockerfile = (_text(_table(data, "build").get("dockerfilePath")) or "Dockerfile").lstrip("/")
    for key in ("startCommand", "preDeployCommand"):
        command = _table(data, "deploy").get(key)
        for item in _items(command):
            yield dockerfile, key, _command(item), ()


def _render(data: dict[str, Any]) -> Iterator[_Use]:
    for service in (_dict(item) for item in _items(data.get("services"))[:ITEMS_LIMIT]):
        if "docker" not in (service.get("runtime"), service.get("env")):
            continue
        root = (_text(service.get("rootDir")) or ".").lstrip("/") or "."
        path = (_text(service.get("dockerfilePath")) or "./Dockerfile").lstrip("/")
        dockerfile = str(Path(root, path))
        name = _text(service.get("name")) or "service"
        target = _text(_table(service, "disk").get("mountPath"))
        mounts = (Mount("", target, "volume", 1),) if target else ()
        yield dockerfile, name, _command(service.get("dockerCommand")), mounts
        before = _command(service.get("preDeployCommand"))
        if before:
            yield dockerfile, f"preDeployCommand of {name}", before, ()


_READERS: dict[str, Callable[[dict[str, Any]], Iterator[_Use]]] = {
    "fly.toml": _fly,
    "heroku.yml": _heroku,
    "railway.json": _railway,
    "railway.toml": _railway,
    "render.yaml": _render,
}


@lru_cache(maxsize=1024)
def _settings(state: Stamp) -> dict[str, Any]:
    """What a file holds; nothing where it can't be read."""
    text = read_stamped(state) or ""
    try:
        if state.path.endswith(".toml"):
            return tomllib.loads(text)
        if state.path.endswith(".json"):
            return _dict(json.loads(text))
        return _dict(_plain(parse_yaml(text)))
    except (tomllib.TOMLDecodeError, UnreadableYaml, ValueError, RecursionError):
        return {}


def _plain(node: Node | None, depth: int = 0) -> object:
    if isinstance(node, Mapping) and depth < 10:
        return {key: _plain(value, depth + 1) for key, (_, value) in list(node.entries().items())[:ITEMS_LIMIT]}
    if isinstance(node, Sequence) and depth < 10:
        return [_plain(item, depth + 1) for item in node.items[:ITEMS_LIMIT]]
    return text_of(node)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    return _dict(data.get(key))


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _command(value: object) -> Command | None:
    """A text is split into words, as the platforms do; of several, Heroku joins them by `&&`."""
    if isinstance(value, list):
        texts = [item for item in value if isinstance(item, str)]
        return " && ".join(texts) or None
    return _text(value) or None
