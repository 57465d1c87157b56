"""Which system packages a Python distribution needs to run on a slim image.

The knowledge is data: distributions.toml beside this file is kept by hand, surveyed_distributions.txt made by a survey
and asked last; the names of Debian's packages come from the table that all languages share.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from dockerslim.languages.python.surveyed_distributions import surveyed_distributions
from dockerslim.languages.system_packages import purpose

Kind = Literal["pure", "self-contained", "libraries", "refuse", "unknown"]

_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class DistributionNeeds:
    """What one distribution needs of the system, with what it brings where that is known to need something."""

    name: str
    kind: Kind
    packages: tuple[str, ...] | None = ()
    """Debian packages that the slim image lacks; None where their names are not known for the release."""
    reason: str = ""
    """Why it is refused."""
    build_needs_compiler: bool = False
    requires: tuple[str, ...] = ()
    """The distributions among what it brings that need something, itself not counted."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a set of distributions needs together."""

    packages: tuple[str, ...]
    unknown: tuple[str, ...]
    """Distributions in no table, and those whose packages are not known for the release."""
    refused: tuple[tuple[str, str], ...]
    """(distribution, reason)."""

    @property
    def is_complete(self) -> bool:
        return not self.unknown and not self.refused


def native_needs(name: str, extras: Iterable[str], release: str | None) -> DistributionNeeds:
    """What a distribution, installed with these extras, needs on a slim image of a Debian release."""
    own = _normalize(name)
    brought = _brought(own, extras)
    return _needs(own, brought, brought, release)


def survey(names: Iterable[str], release: str | None) -> Survey:
    """What distributions need together; a name may carry extras, as in `psycopg[binary]`."""
    wanted = [_split(name) for name in names]
    brought = {name: _brought(name, extras) for name, extras in wanted}
    for name, extras in wanted:
        brought[name] = (*brought[name], *_brought(name, extras))
    together = tuple(dict.fromkeys(each for group in brought.values() for each in group))
    packages: dict[str, None] = {}
    unknown: list[str] = []
    refused: list[tuple[str, str]] = []
    for name, group in sorted(brought.items()):
        needs = _needs(name, group, together, release)
        if needs.kind == "refuse":
            refused.append((name, needs.reason))
        elif needs.kind == "unknown" or needs.packages is None:
            unknown.append(name)
        else:
            packages.update(dict.fromkeys(needs.packages))
    return Survey(tuple(sorted(packages)), tuple(unknown), tuple(refused))


def is_kept_by_hand(name: str) -> bool:
    """Does distributions.toml know a distribution, itself or by its family?"""
    return _data().has(_normalize(name))


def standard_library_packages(modules: Iterable[str], release: str | None) -> tuple[str, ...] | None:
    """Packages for modules of the standard library whose library slim leaves out; None: not known for the release."""
    packages: dict[str, None] = {}
    for module in sorted(set(modules) & _data().standard_library.keys()):
        names = _runtime_packages(_data().standard_library[module], release)
        if names is None:
            return None
        packages.update(dict.fromkeys(names))
    return tuple(packages)


def _needs(name: str, brought: Sequence[str], installed: Sequence[str], release: str | None) -> DistributionNeeds:
    data = _data()
    packages: dict[str, None] | None = {}
    for each in brought:
        if each in data.refused:
            return DistributionNeeds(name, "refuse", None, data.refused[each])
        entry = data.libraries.get(each, _NOTHING)
        if packages is None or set(entry.unless) & set(installed):
            continue
        names = entry.packages_on(release)
        packages = None if names is None else {**packages, **dict.fromkeys(names)}
    kind = data.kind(name)
    if packages is None or packages:
        kind = "libraries"
    elif kind == "libraries":
        kind = "self-contained"
    return DistributionNeeds(
        name,
        kind,
        None if packages is None else tuple(packages),
        build_needs_compiler=any(data.is_source_only(each) for each in brought),
        requires=tuple(each for each in brought if each != name),
    )


def _brought(name: str, extras: Iterable[str]) -> tuple[str, ...]:
    """The distribution, and those of the tables that it requires, by its extras too."""
    libraries = _data().libraries
    found: dict[str, None] = {}
    pending = [name]
    chosen = {_normalize(extra) for extra in extras}
    for extra, distributions in libraries.get(name, _NOTHING).extras.items():
        if extra in chosen:
            pending.extend(distributions)
    while pending:
        each = pending.pop(0)
        if each not in found:
            found[each] = None
            pending.extend(libraries.get(each, _NOTHING).requires)
    return tuple(found)


def _runtime_packages(development: Iterable[str], release: str | None) -> tuple[str, ...] | None:
    packages: list[str] = []
    for package in development:
        names = purpose(package, "debian", release).runtime_packages
        if names is None:
            return None
        packages.extend(names)
    return tuple(packages)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the table `libraries`."""

    development: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source: bool = False

    def packages_on(self, release: str | None) -> tuple[str, ...] | None:
        if self.releases and release not in self.releases:
            return None
        names = _runtime_packages(self.development, release)
        return None if names is None else (*names, *self.packages)


_NOTHING = _Entry()


@dataclass(frozen=True, slots=True)
class _Data:
    pure: frozenset[str]
    self_contained: frozenset[str]
    source_only: frozenset[str]
    pure_prefixes: tuple[str, ...]
    self_contained_prefixes: tuple[str, ...]
    refused: Mapping[str, str]
    libraries: Mapping[str, _Entry]
    standard_library: Mapping[str, Sequence[str]]

    def kind(self, name: str) -> Kind:
        if name in self.refused:
            return "refuse"
        if name in self.libraries:
            return "libraries"
        if name in self.pure:
            return "pure"
        if name in self.self_contained:
            return "self-contained"
        if name.startswith(self.pure_prefixes):
            return "pure"
        if name.startswith(self.self_contained_prefixes):
            return "self-contained"
        return surveyed_distributions().get(name, "unknown")

    def has(self, name: str) -> bool:
        tables = (self.refused, self.libraries, self.pure, self.self_contained)
        return any(name in table for table in tables) or name.startswith(
            (*self.pure_prefixes, *self.self_contained_prefixes)
        )

    def is_source_only(self, name: str) -> bool:
        return name in self.source_only or self.libraries.get(name, _NOTHING).source


@cache
def _data() -> _Data:
    text = resources.files(__package__).joinpath("distributions.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return _Data(
        pure=frozenset(table["pure"]),
        self_contained=frozenset(table["self_contained"]),
        source_only=frozenset(table["source_only"]),
        pure_prefixes=tuple(table["pure_prefixes"]),
        self_contained_prefixes=tuple(table["self_contained_prefixes"]),
        refused=table["refused"],
        libraries={name: _entry(fields) for name, fields in table["libraries"].items()},
        standard_library=table["standard_library"],
    )


def _entry(fields: Mapping[str, Any]) -> _Entry:
    return _Entry(
        development=tuple(fields.get("development", ())),
        packages=tuple(fields.get("packages", ())),
        releases=tuple(fields.get("releases", ())),
        requires=tuple(fields.get("requires", ())),
        unless=tuple(fields.get("unless", ())),
        extras=fields.get("extras", {}),
        source=fields.get("source", False),
    )


def _split(name: str) -> tuple[str, tuple[str, ...]]:
    plain, _, extras = name.partition("[")
    return _normalize(plain), tuple(extra.strip() for extra in extras.rstrip("]").split(",") if extra.strip())


def _normalize(name: str) -> str:
    return _SEPARATORS.sub("-", name.strip()).lower()
