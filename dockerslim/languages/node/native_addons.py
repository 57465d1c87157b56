"""Packages that are more than JavaScript, and what they need of an image."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.node.locked_packages import NATIVE_BUILD_TOOLS, Lock, LockedPackage
from dockerslim.languages.node.manifest import Manifest

Kind = Literal["self-contained", "script", "libraries", "browser", "engine", "program", "unknown"]


@dataclass(frozen=True, slots=True)
class NativeAddon:
    """One such package of the project, whether it is a direct dependency or not."""

    name: str
    version: str | None
    kind: Kind
    evidence: Evidence
    development: bool = False
    """Only development dependencies lead to it."""
    slim_packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """What a slim image must install, by Debian release."""
    programs: tuple[str, ...] = ()
    """System programs that it starts."""

    @property
    def self_contained(self) -> bool:
        """Runs on a slim image of the same release as it is."""
        return self.kind in ("self-contained", "script")

    @property
    def browser(self) -> bool:
        return self.kind == "browser"

    @property
    def engine(self) -> bool:
        """Carries an engine built for the libc and OpenSSL of the stage that installed it."""
        return self.kind == "engine"

    @property
    def unknown(self) -> bool:
        """It has a native part or an install script, and no table says what that needs."""
        return self.kind == "unknown"


def find_native_addons(manifest: Manifest, lock: Lock | None) -> tuple[NativeAddon, ...]:
    """The packages of the lock file, or where there is none the direct dependencies and what these are known to bring
    along, that a table or an install script marks; sorted by name."""
    found: dict[tuple[str, str | None], NativeAddon] = {}
    for package in _packages(manifest, lock):
        addon = _addon(package, lock.path if lock is not None else manifest.path)
        if addon is None:
            continue
        known = found.get((addon.name, addon.version))
        if known is None or (known.development and not addon.development):
            found[addon.name, addon.version] = addon
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or "")))


def _packages(manifest: Manifest, lock: Lock | None) -> tuple[LockedPackage, ...]:
    if lock is not None:
        return lock.packages
    development = manifest.development_only
    direct = manifest.installed_dependencies
    named = [LockedPackage(name, _lowest(spec), development=name in development) for name, spec in direct.items()]
    brought = [
        LockedPackage(other, None, development=name in development)
        for name in direct
        for other in _brings().get(name, ())
        if other not in direct
    ]
    return (*named, *brought)


def _lowest(spec: str) -> str | None:
    """The version in a simple range: `^1.2.3` may install 1.2.3."""
    plain = spec.lstrip("^~>=v ")
    return plain if plain[:1].isdigit() else None


def _addon(package: LockedPackage, file: str) -> NativeAddon | None:
    entry = _table().get(package.name)
    if entry is None and (not package.has_install_script or package.name in NATIVE_BUILD_TOOLS):
        return None  # a tool that finds or builds native parts of others is JavaScript itself
    if entry is not None and "before" in entry and package.version and not _is_older(package.version, entry["before"]):
        return None
    evidence = Evidence(file, 0, f"{package.name}@{package.version}" if package.version else package.name)
    if entry is None or _is_older(package.version, entry.get("minimum")):
        return NativeAddon(package.name, package.version, "unknown", evidence, package.development)
    libraries: dict[str, tuple[str, ...]] = {
        release: tuple(entry[release]) for release in ("bookworm", "trixie") if release in entry
    }
    return NativeAddon(
        package.name,
        package.version,
        entry["kind"],
        evidence,
        package.development,
        libraries,
        tuple(entry.get("programs", ())),
    )


def _is_older(version: str | None, minimum: str | None) -> bool:
    if version is None or minimum is None:
        return False
    return _numbers(version) < _numbers(minimum)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-", 1)[0].split(".")[:3] if part.isdecimal() and len(part) < 10)


@functools.cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("native_addons.toml").read_text("utf-8"))


def _brings() -> Mapping[str, list[str]]:
    brings: Mapping[str, list[str]] = _data()["brings"]
    return brings


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    data = _data()
    table: dict[str, dict[str, Any]] = {}
    for entry in data["addon"]:
        for name in entry["names"]:
            table[name] = entry
    for kind in ("self-contained", "script"):
        for name in data[kind]["names"]:
            table[name] = {"kind": kind}
    for name, minimum in data["minimum"].items():
        table[name] = {**table[name], "minimum": minimum}
    return table
