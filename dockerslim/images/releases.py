"""Releases of Debian and Ubuntu: numbers, names, and the C library that each one has."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from dockerslim.images.version import Version, parse_version


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a distribution by the name that tags use; `glibc` is None where it isn't known."""

    name: str
    distribution: str
    number: str
    glibc: Version | None
    archived: bool = False
    """Have its packages left the servers that its images ask?"""


def find_release(text: str, distribution: str | None = None) -> Release | None:
    """A release by its name (`bookworm`), or within a distribution by its number (`12`, `12.5`, `22.04`)."""
    by_name, by_number = _releases()
    if release := by_name.get(text):
        return release if distribution in (None, release.distribution) else None
    if distribution is None:
        return None
    number = text.partition(".")[0] if distribution == "debian" and parse_version(text) else text
    return by_number.get((distribution, number))


def glibc_runs_on(build_release: str, runtime_release: str) -> bool:
    """Does a program that was linked in one release find a C library that is new enough in the other?

    False where either is unknown.
    """
    build, runtime = find_release(build_release), find_release(runtime_release)
    if build is None or runtime is None or build.glibc is None or runtime.glibc is None:
        return build is not None and build == runtime
    return build.glibc <= runtime.glibc


@lru_cache(maxsize=1)
def _releases() -> tuple[dict[str, Release], dict[tuple[str, str], Release]]:
    data = tomllib.loads(resources.files(__package__).joinpath("releases.toml").read_text(encoding="utf-8"))
    releases = [
        Release(
            name, distribution, entry["number"], parse_version(entry.get("glibc", "")), entry.get("archived", False)
        )
        for distribution, entries in data.items()
        for name, entry in entries.items()
    ]
    return {r.name: r for r in releases}, {(r.distribution, r.number): r for r in releases}
