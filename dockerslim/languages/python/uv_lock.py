"""Does uv.lock say what pyproject.toml asks for?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.own_package import LOCK_LIMIT, table
from dockerslim.languages.python.project import read_toml

_Requirement = tuple[str, tuple[str, ...], str]
"""Normalized name, extras, specifier."""


def is_fresh(context: BuildContext, manifest: str, lock: str) -> bool:
    """False also where that can't be told."""
    data = read_toml(context, manifest)
    locked = read_toml(context, lock, LOCK_LIMIT)
    packages = (locked or {}).get("package")
    if data is None or not isinstance(packages, list):
        return False
    own = [p for p in packages if isinstance(p, dict) and {"virtual", "editable"} & set(table(p, "source"))]
    if len(own) != 1:
        return False
    metadata = table(own[0], "metadata")
    groups = {name: _declared(values) for name, values in table(data, "dependency-groups").items()}
    wanted = [_declared(table(data, "project").get("dependencies", ()))]
    wanted.extend(_declared(values) for values in table(data, "project", "optional-dependencies").values())
    return _together(wanted) == _locked(metadata.get("requires-dist", ())) and groups == {
        name: _locked(values) for name, values in table(metadata, "requires-dev").items()
    }


def _together(found: Iterable[set[_Requirement] | None]) -> set[_Requirement] | None:
    together: set[_Requirement] = set()
    for each in found:
        if each is None:
            return None
        together |= each
    return together


def _declared(values: object) -> set[_Requirement] | None:
    """None where one of them is no plain requirement."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    found: set[_Requirement] = set()
    for text in values if isinstance(values, list) else ():
        try:
            parsed = Requirement(text)
        except (InvalidRequirement, TypeError, RecursionError):
            return None
        found.add((canonicalize_name(parsed.name), tuple(sorted(parsed.extras)), str(parsed.specifier)))
    return found


def _locked(values: object) -> set[_Requirement]:
    return set(_locked_requirements(values))


def _locked_requirements(values: object) -> Iterator[_Requirement]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    for each in values if isinstance(values, list) else ():
        if not isinstance(each, dict):
            continue
        entry: dict[str, Any] = each
        extras = entry.get("extras")
        try:
            specifier = str(SpecifierSet(str(entry.get("specifier", ""))))
        except InvalidSpecifier:
            specifier = "?"
        yield str(entry.get("name")), tuple(sorted(extras)) if isinstance(extras, list) else (), specifier
