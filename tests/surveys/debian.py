"""What Debian's package index says of Python distributions: the relations of the package that each is shipped in.

Debian's packagers declare the programs and the libraries, loaded ones too, that a distribution uses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.surveys.statement import Statement, normalize

SLIM = frozenset(
    "ca-certificates coreutils debconf dpkg libacl1 libattr1 libbz2-1.0 libc-bin libc6 libcom-err2 libcrypt1 libffi8 "
    "libgcc-s1 liblz4-1 liblzma5 libncursesw6 libreadline8 libreadline8t64 libsqlite3-0 libssl3 libssl3t64 libstdc++6 "
    "libtinfo6 libuuid1 libzstd1 netbase openssl tzdata tzdata-legacy zlib1g".split()
)
"""What python:X.Y-slim has on bookworm and trixie, by name."""

SHIPPED_BY_THE_PROJECTS = re.compile(
    r"(libjs|node|fonts|sphinx-rtd-theme|javascript|python3?)-[\w.+-]+|[\w.+-]+-doc|sphinx-common|dvipng|publicsuffix"
)
"""Files that Debian shares between packages, and that each distribution brings itself on the index; `python3-…` is
judged as a requirement, not here."""

STANDARD_LIBRARY = frozenset(
    "python3 python3-minimal python3-all libpython3-stdlib python3-distutils python3-lib2to3 python3-gdbm "
    "python3-venv python3-zombie-imp python3-zombie-telnetlib python3-standard-pipes libpython3.11 "
    "libpython3.13".split()
)
NAMES = {
    "python3-cffi-backend": "cffi",
    "python3-pil": "pillow",
    "python3-pkg-resources": "setuptools",
    "python3-setuptools": "setuptools",
    "python3-tz": "pytz",
}
"""Packages that dh-python's list leaves out, or has under an older name too."""
LACKING_IN_SLIM = frozenset(["python3-tk", "idle-python3", "libpython3-dev", "python3-dev"])


@dataclass(frozen=True, slots=True)
class Package:
    """One stanza of an index; a relation is a list of alternatives."""

    name: str
    is_compiled: bool
    required: tuple[tuple[str, ...], ...]
    recommended: tuple[tuple[str, ...], ...]
    suggested: tuple[tuple[str, ...], ...]
    provides: tuple[str, ...] = ()


def packages(index: str) -> dict[str, Package]:
    """Read a `Packages` file; of two versions of a package the last counts."""
    found: dict[str, Package] = {}
    for block in index.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line[0].isspace())
        if "Package" in fields:
            depends = [*_relations(fields.get("Pre-Depends", "")), *_relations(fields.get("Depends", ""))]
            found[fields["Package"]] = Package(
                fields["Package"],
                fields.get("Architecture") != "all",
                tuple(depends),
                tuple(_relations(fields.get("Recommends", ""))),
                tuple(_relations(fields.get("Suggests", ""))),
                tuple(name for names in _relations(fields.get("Provides", "")) for name in names),
            )
    return found


def distributions(names: str) -> dict[str, frozenset[str]]:
    """Read dh-python's list of distributions and their packages: normalized name -> packages."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in names.split("\n"):
        words = line.split()
        if len(words) == 2:
            found[normalize(words[0])].add(words[1])
    return {name: frozenset(each) for name, each in found.items()}


def statements(
    source: str, index: Mapping[str, Package], names: Mapping[str, frozenset[str]], full: Collection[str]
) -> Iterator[Statement]:
    """What an index says of each distribution in it; `full`: packages that full images have and slim ones lack."""
    distribution_of: dict[str, set[str]] = defaultdict(set)
    for name, holders in names.items():
        for holder in holders:
            distribution_of[holder].add(name)
    distribution_of.update((holder, {name}) for holder, name in NAMES.items())
    for package in index.values():
        for provided in package.provides:
            distribution_of[provided].update(distribution_of.get(package.name, ()))
    for name, holders in sorted(names.items()):
        found = [index[each] for each in sorted(holders) if each.startswith("python3-") and each in index]
        if not found:
            continue
        needs = sorted({need for package in found for need in _needs(package, full)})
        requires = {name for package in found for name in _requires(package, distribution_of)} - {name}
        if needs:
            yield Statement(name, source, "needs", frozenset(requires), ", ".join(needs))
        else:
            is_compiled = any(package.is_compiled for package in found)
            yield Statement(name, source, "self-contained" if is_compiled else "pure", frozenset(requires))


def _relations(text: str) -> Iterator[tuple[str, ...]]:
    for group in text.split(","):
        names = tuple(re.split(r"[ (:\[]", each.strip(), maxsplit=1)[0] for each in group.split("|"))
        if names[0]:
            yield names


def _needs(package: Package, full: Collection[str]) -> Iterator[str]:
    """Packages that slim lacks: all it depends on or is recommended with, and what full images have of the rest."""
    for names in (*package.required, *package.recommended):
        if set(names) & LACKING_IN_SLIM or not any(_is_harmless(name) for name in names):
            yield names[0]
    for names in package.suggested:
        yield from (name for name in names if name in full and not _is_harmless(name))


def _is_harmless(name: str) -> bool:
    return name in SLIM or name in STANDARD_LIBRARY or SHIPPED_BY_THE_PROJECTS.fullmatch(name) is not None


def _requires(package: Package, distribution_of: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for names in package.required:
        python = [name for name in names if name.startswith("python3-") and not name.endswith("-doc")]
        if python and not set(names) & STANDARD_LIBRARY:
            known = [min(distribution_of[name], key=len) for name in python if distribution_of.get(name)]
            yield known[0] if known else python[0]
