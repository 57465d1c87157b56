"""What lock files say of the distributions in them: the kinds of their files, and what each requires."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
from packaging.version import InvalidVersion, Version

from dockerslim.languages.python.locked_wheels import locked_files
from tests.surveys.statement import Statement, normalize

ENVIRONMENTS = tuple(
    {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{version}.0",
        "python_version": version,
        "sys_platform": "linux",
        "extra": "",
    }
    for version in ("3.11", "3.12", "3.13")
)


def statements(texts: Iterable[str]) -> Iterator[Statement]:
    """Of each distribution the newest version that has a wheel for Linux; one with sources alone is left out."""
    newest: dict[str, tuple[Version, Statement]] = {}
    listed = [package for text in texts for package in _packages(text)]
    indexes = Counter(index for package in listed if (index := _index(package)))
    usual = {None, *(index for index, _ in indexes.most_common(1))}
    for package in listed:
        if _index(package) in usual:
            found = _statement(package)
            version = _version(package)
            if found is not None and version is not None:
                known = newest.get(found.name)
                if known is None or known[0] < version:
                    newest[found.name] = (version, found)
    for name in sorted(newest):
        yield newest[name][1]


def _packages(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        listed = tomllib.loads(text).get("package")
    except tomllib.TOMLDecodeError:
        return
    yield from (each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict))


def _index(package: Mapping[str, Any]) -> str | None:
    """None: Poetry's and PDM's own; empty: a repository, an address or a folder."""
    source = package.get("source")
    return str(source.get("registry", "")) if isinstance(source, dict) else None


def _statement(package: Mapping[str, Any]) -> Statement | None:
    files = list(locked_files(package))
    requires = frozenset(_requires(package.get("dependencies"))) - {normalize(str(package.get("name")))}
    if any("manylinux" in file and file.endswith(".whl") for file in files):
        return Statement(normalize(str(package.get("name"))), "locks", "self-contained", requires)
    if any(file.endswith("-none-any.whl") for file in files):
        return Statement(normalize(str(package.get("name"))), "locks", "pure", requires)
    return None


def _requires(listed: object) -> Iterator[str]:
    """uv's list, or the table of Poetry, in which a requirement of an extra is optional."""
    if isinstance(listed, dict):
        for name, value in listed.items():
            variants = value if isinstance(value, list) else [value]
            if any(_counts(each, "markers") for each in variants):
                yield normalize(name)
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str) and _counts(each, "marker"):
            yield normalize(each["name"])


def _counts(requirement: object, key: str) -> bool:
    if not isinstance(requirement, dict):
        return True
    if requirement.get("optional") is True:
        return False
    text = requirement.get(key)
    if not isinstance(text, str):
        return True
    try:
        marker = Marker(text)
        return any(marker.evaluate(environment) for environment in ENVIRONMENTS)
    except (InvalidMarker, UndefinedEnvironmentName):
        return True


def _version(package: Mapping[str, Any]) -> Version | None:
    try:
        return Version(str(package.get("version")))
    except InvalidVersion:
        return None
