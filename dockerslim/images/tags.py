"""What a tag says of its image: version, variant and distribution release."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from dockerslim.images.image import Libc, Variant
from dockerslim.images.releases import find_release
from dockerslim.images.version import Version, parse_version

_ALPINE = re.compile(r"alpine([0-9]+\.[0-9]+)?\Z")
_DATE = re.compile(r"20[0-9]{6}(?:\.[0-9]+)?\Z")
_PRERELEASE = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:a|b|rc|alpha|beta)[0-9]+\Z")
_WINDOWS = re.compile(r"nanoserver|servercore|\Amcr\.microsoft\.com/windows(?:/|:|\Z)", re.IGNORECASE)

_UV = re.compile(r"(?:[0-9]+(?:\.[0-9]+){0,2}-)?(?:python(?P<python>[0-9]+\.[0-9]+-.+)|(?P<system>[a-z].*))\Z")

_VARIANTS: Mapping[str, Variant] = {
    "slim": "slim",
    "distroless": "distroless",
    "onbuild": "onbuild",
    "curl": "curl",
    "scm": "scm",
}
_MODULES = frozenset({"perl", "otel"})
"""What nginx images are built with besides; nothing that is asked here depends on it."""
_ANY_DISTRIBUTION_WORDS = frozenset({"rc", "backports"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag taken apart. Without a version it is whatever is newest (`latest`) or recommended (`lts`)."""

    version: Version | None = None
    variant: Variant = "full"
    distribution: str | None = None
    release: str | None = None
    is_prerelease: bool = False


def names_windows(text: str) -> bool:
    """Does an image's name or tag say Windows?"""
    return _WINDOWS.search(text) is not None


def parse_language_tag(tag: str, floating: Container[str], codenames: Mapping[str, str]) -> Tag | None:
    """Tags of images of a language or a server: `1.24-alpine3.20`, `3.12-slim-bookworm`, `lts-iron`, `stable-perl`.

    None where a part of the tag has no known meaning.
    """
    version: Version | None = None
    variant: Variant | None = None
    distribution = release = None
    prerelease = False
    for position, word in enumerate(tag.split("-")):
        if position == 0 and (number := parse_version(word)) is not None:
            version = number
        elif word in codenames:
            # `lts-iron` was dropped earlier than `iron`, so what froze differs.
            version = parse_version(codenames[word]) if position == 0 else None
        elif alpine := _ALPINE.match(word):
            variant, distribution, release = "alpine", "alpine", alpine[1]
        elif found := find_release(word):
            distribution, release = found.distribution, found.name
        elif word in _VARIANTS:
            # `alpine-slim` of nginx is an Alpine image first.
            variant = variant or _VARIANTS[word]
        elif word in ("rc", "tip") or (position == 0 and _PRERELEASE.match(word)):
            prerelease = True
        elif word not in floating and word not in _MODULES and not (prerelease and _DATE.match(word)):
            return None
    if prerelease:
        version = None
    return Tag(version, variant or "full", distribution or "debian", release, prerelease)


def parse_uv_tag(tag: str, floating: Container[str]) -> tuple[Tag, str] | None:
    """Tags of images of uv with an operating system, and whether it is Python's or a distribution's.

    `python3.12-bookworm-slim`, `0.9.2-python3.13-alpine3.22`; `debian-slim`, `0.9-trixie`, `alpine3.23`.
    """
    found = _UV.match(tag)
    if found is None:
        return None
    kind = "python" if found["python"] else "system"
    read = parse_language_tag(found[kind], floating if kind == "system" else (), {})
    return (read, kind) if read is not None and read.variant in ("full", "slim", "alpine") else None


def parse_distribution_tag(tag: str, distribution: str, floating: Container[str]) -> Tag | None:
    """Tags of Debian, Ubuntu, Alpine and buildpack-deps: `bookworm-20240612-slim`, `12.5`, `22.04`, `3.20.1`."""
    variant: Variant | None = None
    release = None
    for position, word in enumerate(tag.split("-")):
        if distribution == "alpine" and position == 0 and (number := parse_version(word)) and len(number) > 1:
            release = ".".join(str(part) for part in number[:2])
        elif found := find_release(word) or (find_release(word, distribution) if position == 0 else None):
            distribution, release = found.distribution, found.name
        elif word in _VARIANTS:
            variant = _VARIANTS[word]
        elif not (
            word in floating
            or _DATE.match(word)
            or word in _ANY_DISTRIBUTION_WORDS
            or _is_alpine_major(distribution, word)
        ):
            return None
    if variant is None and distribution == "alpine":
        variant = "alpine"
    number_text = _release_number(release)
    version = parse_version(number_text) if number_text else None
    return Tag(version, variant or "full", distribution, release)


def parse_libc_tag(tag: str, floating: Container[str]) -> tuple[Tag, Libc | None] | None:
    """Tags of busybox: `1.36`, `1.36-musl`, `glibc`."""
    libc: Libc | None = None
    version: Version | None = None
    for position, word in enumerate(tag.split("-")):
        if word in ("glibc", "musl"):
            libc = "glibc" if word == "glibc" else "musl"
        elif position == 0 and (number := parse_version(word)) is not None:
            version = number
        elif word not in floating and word != "uclibc":
            return None
    return Tag(version), libc


def _is_alpine_major(distribution: str, word: str) -> bool:
    """`alpine:3` floats over releases; an unknown number of Debian or Ubuntu is an unknown release."""
    return distribution == "alpine" and parse_version(word) is not None


def _release_number(release: str | None) -> str | None:
    if release is None:
        return None
    found = find_release(release)
    return found.number if found else release
