"""The name of an image, taken apart as Docker does."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

DOCKER_HUB = "docker.io"
MAX_LENGTH = 1024
"""Characters; a name may have 255, a tag 128 and a digest about as many."""

_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*\Z")
_REGISTRY = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}\Z")


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image as it is asked for; `registry` and `repository` are in full, `name` is what the author wrote."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None
    name: str

    @classmethod
    def parse(cls, text: str) -> ImageReference | None:
        """The reference in a text; None where it is none, or has a variable in it."""
        if not text or len(text) > MAX_LENGTH:
            return None
        rest, at, digest = text.partition("@")
        if at and not _DIGEST.match(digest):
            return None
        name, tag = _split_tag(rest)
        if tag is not None and not _TAG.match(tag):
            return None
        first, slash, path = name.partition("/")
        if slash and (any(mark in first for mark in ".:") or first == "localhost" or first != first.lower()):
            registry = first
        else:
            registry, path = DOCKER_HUB, name
        if not _REGISTRY.match(registry) or not all(_COMPONENT.match(part) for part in path.split("/")):
            return None
        registry, repository = _normalize(registry, path)
        return cls(registry, repository, tag, digest or None, name)

    @property
    def full_name(self) -> str:
        """`docker.io/library/golang` for whichever way of writing golang."""
        return f"{self.registry}/{self.repository}"

    @property
    def official_name(self) -> str | None:
        """`golang` where this is one of Docker's official images, else None."""
        first, _, name = self.repository.partition("/")
        return name if self.registry == DOCKER_HUB and first == "library" and "/" not in name else None

    def with_tag(self, tag: str) -> ImageReference:
        """The same image with another tag and no digest; the name stays as the author wrote it."""
        return replace(self, tag=tag, digest=None)

    def sibling(self, official_name: str, tag: str) -> ImageReference | None:
        """Another official image from the same place as this official one, written in the same way."""
        own = self.official_name
        if own is None or not self.name.endswith(own):
            return None
        name = self.name.removesuffix(own) + official_name
        return replace(self, repository=f"library/{official_name}", tag=tag, digest=None, name=name)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return self.name + tag + digest


def _split_tag(text: str) -> tuple[str, str | None]:
    """A colon before the last slash belongs to the registry's port."""
    head, colon, tail = text.rpartition(":")
    if colon and "/" not in tail:
        return head, tail
    return text, None


def _normalize(registry: str, path: str) -> tuple[str, str]:
    registries = _registries()
    if registry in registries.docker_hub:
        return DOCKER_HUB, path if "/" in path else f"library/{path}"
    prefix = registries.mirrors.get(registry)
    # A mirror serves more than Docker's official images, but only those are surely the same there.
    if prefix is not None and path.startswith(f"{prefix}library/"):
        return DOCKER_HUB, path.removeprefix(prefix)
    return registry, path


@dataclass(frozen=True, slots=True)
class _Registries:
    docker_hub: frozenset[str]
    mirrors: dict[str, str]


@lru_cache(maxsize=1)
def _registries() -> _Registries:
    data = tomllib.loads(resources.files(__package__).joinpath("registries.toml").read_text(encoding="utf-8"))
    mirrors = {mirror["registry"]: mirror["prefix"] for mirror in data["mirror"]}
    return _Registries(frozenset(data["docker_hub"]), mirrors)
