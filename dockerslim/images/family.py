"""A family of images as data: its layers, which of them count for a tag, and what they add up to."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources
from typing import Any

from dockerslim.images.tags import Tag
from dockerslim.images.version import Version, newest, parse_version

_ADDED_UP = frozenset({"users", "env", "programs"})
_CONDITIONS = frozenset({"variant", "from", "before", "kind", "tag", "release", "on"})


@dataclass(frozen=True, slots=True)
class Family:
    """One file of families/."""

    name: str
    language: str | None
    line: int
    floating: frozenset[str]
    codenames: Mapping[str, str]
    ended: Mapping[Version, Version]
    """What numbers with fewer parts than a line stand for, where no version of theirs will follow."""
    layers: tuple[Mapping[str, Any], ...] = field(repr=False)

    def facts(self, tag: Tag, tag_text: str, kind: str | None = None) -> dict[str, Any]:
        """All that the layers which count for this tag say: later ones win, mappings and programs add up."""
        facts: dict[str, Any] = {"programs": set(), "users": {}, "env": {}}
        for layer in self._layers_for(tag, tag_text, kind):
            for key, value in layer.items():
                if key in _ADDED_UP:
                    facts[key].update(value)
                elif key not in _CONDITIONS:
                    facts[key] = value
        return facts

    def _layers_for(self, tag: Tag, tag_text: str, kind: str | None) -> Iterator[Mapping[str, Any]]:
        for layer in self.layers:
            if not _counts(layer, tag, tag_text, kind):
                continue
            if base := layer.get("on"):
                name, _, variant = base.partition(":")
                below = tag if variant == "*" else replace(tag, version=None, variant=variant or "full")
                yield from load_family(name)._layers_for(below, "", None)
            yield layer


def _counts(layer: Mapping[str, Any], tag: Tag, tag_text: str, kind: str | None) -> bool:
    version = newest(tag.version)
    since, before = parse_version(layer.get("from", "")), parse_version(layer.get("before", ""))
    return (
        tag.variant in layer.get("variant", (tag.variant,))
        and (since is None or version >= since)
        and (before is None or version < before)
        and (tag.release in layer["release"] if "release" in layer else True)
        and any(fnmatchcase(kind or "", pattern) for pattern in layer.get("kind", ("*",)))
        and any(fnmatchcase(tag_text, pattern) for pattern in layer.get("tag", ("*",)))
    )


@lru_cache(maxsize=32)
def load_family(name: str) -> Family:
    """The family's description; the name is one of the index that has tags."""
    data = tomllib.loads(resources.files(__package__).joinpath("families", f"{name}.toml").read_text(encoding="utf-8"))
    return Family(
        name,
        data.get("language"),
        data.get("line", 1),
        frozenset(data["floating"]),
        data.get("codenames", {}),
        {_number(short): _number(line) for short, line in data.get("ended", {}).items()},
        tuple(data["layer"]),
    )


def _number(text: str) -> Version:
    return parse_version(text) or ()
