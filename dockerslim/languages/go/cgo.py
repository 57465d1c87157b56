"""Does a module need cgo, and what does its C code need at run time?

Some packages build without cgo and fail when they are first used, so a build that succeeds proves nothing: the
modules that are known to need it are a table.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dockerslim.languages.evidence import Evidence
from dockerslim.languages.go.header import is_below
from dockerslim.languages.go.module import GoModule


@dataclass(frozen=True, slots=True)
class CgoModule:
    """A row of the table; cgo.toml says what each column means."""

    path: str
    packages: tuple[str, ...]
    static: bool
    cxx: bool
    silent: bool
    debian: Mapping[str, tuple[str, ...]]
    alpine: tuple[str, ...] | None
    pulled_in_by: tuple[str, ...]
    source: str
    named_by: tuple[str, ...]

    def needs_cgo(self, import_path: str) -> bool:
        """Is this package one of those that need cgo?"""
        if not is_below(import_path, self.path):
            return False
        inner = import_path[len(self.path) + 1 :].split("/")
        return not self.packages or bool(set(inner[:2]) & set(self.packages))


@dataclass(frozen=True, slots=True)
class Cgo:
    """`needed`: cgo must stay on. `unknown`: it may be needed, so it must not be turned off either.

    `own`: the project itself has C code, so what that needs at run time is not in the table.
    """

    needed: bool
    unknown: bool
    evidence: tuple[Evidence, ...]
    modules: tuple[CgoModule, ...] = ()
    own: bool = False
    own_cxx: bool = False
    """The project's own C code is C++, in part."""

    @property
    def needs_only_libc(self) -> bool:
        """Is libc all that the C code needs at run time, as far as the table knows?"""
        return not self.unknown and not self.own and all(module.static and not module.cxx for module in self.modules)

    @property
    def needs_cxx(self) -> bool:
        """Is libstdc++ needed at run time?"""
        return self.own_cxx or any(module.cxx for module in self.modules)

    def debian_packages(self, release: str) -> tuple[str, ...] | None:
        """The packages to install on a Debian release; None where they aren't known."""
        return _packages([module.debian.get(release, () if module.static else None) for module in self.modules], self)

    def alpine_packages(self) -> tuple[str, ...] | None:
        """The packages to install on Alpine; None where they aren't known."""
        given = [() if module.alpine is None and module.static else module.alpine for module in self.modules]
        return _packages(given, self)


def _packages(given: list[tuple[str, ...] | None], cgo: Cgo) -> tuple[str, ...] | None:
    if cgo.own or cgo.unknown or any(packages is None for packages in given):
        return None
    return tuple(sorted({package for packages in given for package in packages or ()}))


@cache
def cgo_modules() -> tuple[CgoModule, ...]:
    """The table, read once, the longest paths first."""
    data = tomllib.loads(files(__package__).joinpath("cgo.toml").read_text(encoding="utf-8"))
    return tuple(sorted((_module(row) for row in data["module"]), key=lambda module: -len(module.path)))


def find_cgo(
    module: GoModule,
    imports: Mapping[str, Evidence],
    vendored: tuple[str, ...] | None = None,
) -> Cgo:
    """What the go.mod and the imports of the project's own source say.

    `imports` are all import paths of its files that aren't tests, "C" among them; `vendored` are the packages that
    vendor/modules.txt lists, which are all that a build uses.
    """
    evidence: list[Evidence] = []
    used: list[CgoModule] = []
    unknown: list[Evidence] = []
    if "C" in imports:
        evidence.append(imports["C"])
    for known in cgo_modules():
        reason, doubt = _reason(known, module, imports, vendored)
        if reason is not None:
            used.append(known)
            evidence.append(reason)
        elif doubt is not None:
            unknown.append(doubt)
    return Cgo(bool(evidence), bool(unknown), tuple(evidence + unknown), tuple(used), "C" in imports)


def _reason(
    known: CgoModule,
    module: GoModule,
    imports: Mapping[str, Evidence],
    vendored: tuple[str, ...] | None,
) -> tuple[Evidence | None, Evidence | None]:
    """Why the module is needed, or why it may be."""
    for path, evidence in imports.items():
        if known.needs_cgo(path) or any(is_below(path, puller) for puller in known.pulled_in_by):
            return evidence, None
    if vendored is not None:
        package = next((path for path in vendored if known.needs_cgo(path)), None)
        return (Evidence("vendor/modules.txt", 0, package), None) if package is not None else (None, None)
    requires = {require.path: require for require in module.requires}
    doubt: Evidence | None = None
    for path, require in requires.items():
        evidence = Evidence(module.file, require.line, f"{require.path} {require.version}")
        if is_below(path, known.path):
            if known.packages:
                # Most of the module is pure Go, and its own source doesn't import the rest; a dependency may.
                return None, evidence if require.indirect else None
            if not require.indirect:
                return evidence, None
            if any(is_below(other, name) for other in requires for name in known.named_by):
                continue
            if not known.pulled_in_by and not known.named_by:
                return evidence, None
            doubt = evidence
        elif any(is_below(path, puller) for puller in known.pulled_in_by):
            if not require.indirect:
                return evidence, None
            doubt = evidence
    return None, doubt


def _module(row: Mapping[str, Any]) -> CgoModule:
    return CgoModule(
        row["path"],
        tuple(row.get("packages", ())),
        row.get("static", False),
        row.get("cxx", False),
        row.get("silent", False),
        {release: tuple(packages) for release, packages in row.get("debian", {}).items()},
        tuple(row["alpine"]) if "alpine" in row else None,
        tuple(row.get("pulled_in_by", ())),
        row["source"],
        tuple(row.get("named_by", ())),
    )
