"""Which distributions an install brings: those asked for, and those that a lock file adds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.project import PythonProject, read_toml
from dockerslim.languages.python.requirements import for_linux, read_requirements

LOCK_LIMIT = 8_000_000


@dataclass(frozen=True, slots=True)
class InstalledDistributions:
    """Names as `name` or `name[extra,...]`, normalized, sorted."""

    direct: tuple[str, ...]
    indirect: tuple[str, ...]
    is_complete: bool
    """True where a lock or a compiled requirements file names the indirect ones too."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({*self.direct, *self.indirect}))


def from_requirements(context: BuildContext, files: Iterable[str]) -> InstalledDistributions:
    """What `pip install -r` brings for each of these files."""
    read = [read_requirements(context, file) for file in files]
    names = {str(entry) for requirements in read for entry in requirements.entries}
    complete = bool(read) and all(
        requirements.is_compiled and not requirements.missing and not requirements.unreadable for requirements in read
    )
    return InstalledDistributions(tuple(sorted(names)), (), complete)


def installed_distributions(
    context: BuildContext, project: PythonProject, *, everything: bool = False
) -> InstalledDistributions:
    """What the project's own tool installs for production, by its lock file, else its manifest.

    With `everything`, the groups and extras of the lock file too.
    """
    direct = tuple(sorted(set(_direct(context, project))))
    locked = _locked(context, project, everything=everything)
    if locked is None:
        return InstalledDistributions(direct, (), False)
    known = {name.partition("[")[0] for name in direct}
    indirect = tuple(sorted(name for name in set(locked) if name.partition("[")[0] not in known))
    return InstalledDistributions(direct, indirect, True)


def declared_distributions(context: BuildContext, pyproject: str) -> tuple[str, ...]:
    """The dependencies that a pyproject.toml declares, without extras and groups."""
    return tuple(_pyproject(read_toml(context, pyproject) or {}))


def requirement_names(requirements: Iterable[object]) -> Iterator[str]:
    """The names in requirements such as `flask[async]>=2; python_version > "3"`, as far as they are for Linux."""
    for text in requirements:
        yield from _requirement(text)


def _direct(context: BuildContext, project: PythonProject) -> Iterator[str]:
    if project.manager == "pipenv" and project.pipfile:
        yield from _keys((read_toml(context, project.pipfile) or {}).get("packages"))
        return
    if project.pyproject:
        yield from _pyproject(read_toml(context, project.pyproject) or {})
    if project.manager == "pip" and project.requirement_files:
        for entry in read_requirements(context, project.requirement_files[0]).entries:
            yield str(entry)


def _pyproject(data: Mapping[str, Any]) -> Iterator[str]:
    declared = _table(data, "project").get("dependencies")
    if isinstance(declared, list):
        for text in declared:
            yield from _requirement(text)
    yield from _keys(_table(data, "tool", "poetry").get("dependencies"))


def _requirement(text: object) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    if not isinstance(text, str):
        return
    try:
        parsed = Parsed(text)
    except (InvalidRequirement, RecursionError):
        return
    if for_linux(parsed.marker):
        yield _name(parsed.name, parsed.extras)


def _keys(table: object) -> Iterator[str]:
    """Names that are keys: of a Pipfile's packages and Poetry's dependencies."""
    if not isinstance(table, dict):
        return
    for name, value in table.items():
        if name.lower() != "python":
            extras = value.get("extras") if isinstance(value, dict) else None
            yield _name(name, extras if isinstance(extras, list) else ())


def _locked(context: BuildContext, project: PythonProject, *, everything: bool) -> list[str] | None:
    if project.lock_file is None:
        return None
    if project.manager == "pipenv":
        return _pipfile_lock(context, project.lock_file, ("default", "develop") if everything else ("default",))
    packages = (read_toml(context, project.lock_file, LOCK_LIMIT) or {}).get("package")
    if not isinstance(packages, list):
        return None
    tables = [package for package in packages if isinstance(package, dict) and isinstance(package.get("name"), str)]
    if project.manager == "uv" and not everything:
        return _uv_closure(tables)
    own = {"virtual", "editable", "directory"}
    tables = [table for table in tables if not own & set(_table(table, "source"))]
    return [_name(table["name"], table.get("extras", ())) for table in tables if everything or _is_main(table)]


def _is_main(package: Mapping[str, Any]) -> bool:
    """Is it installed without development groups? Poetry 1 wrote a category, Poetry 2 and PDM write groups."""
    groups = package.get("groups")
    if isinstance(groups, list):
        return bool({"main", "default"} & {group for group in groups if isinstance(group, str)})
    return bool(package.get("category", "main") == "main")


def _pipfile_lock(context: BuildContext, path: str, groups: Iterable[str]) -> list[str] | None:
    text = context.read_text(path, LOCK_LIMIT)
    if text is None:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [name for group in groups for name in _keys(data.get(group))] if isinstance(data, dict) else None


def _uv_closure(packages: list[dict[str, Any]]) -> list[str]:
    """What the project's own packages lead to, without development groups.

    A lock without such a package (a script's) is taken whole.
    """
    by_name: dict[str, list[dict[str, Any]]] = {}
    for package in packages:
        by_name.setdefault(package["name"], []).append(package)
    roots = [package for package in packages if {"virtual", "editable", "directory"} & set(_table(package, "source"))]
    found: dict[tuple[str, str], None] = {}
    pending = [edge for root in roots for edge in _edges(root, "")]
    while pending:
        edge = pending.pop()
        if edge in found:
            continue
        found[edge] = None
        name, extra = edge
        pending.extend(onward for package in by_name.get(name, ()) for onward in _edges(package, extra))
    own = {root["name"] for root in roots}
    if not roots:
        return [_name(package["name"]) for package in packages]
    extras: dict[str, set[str]] = {}
    for name, extra in found:
        extras.setdefault(name, set()).update({extra} - {""})
    return [_name(name, chosen) for name, chosen in extras.items() if name not in own]


def _edges(package: Mapping[str, Any], extra: str) -> Iterator[tuple[str, str]]:
    """(name, extra) of what a locked package, or one of its extras, depends on."""
    dependencies = _table(package, "optional-dependencies").get(extra) if extra else package.get("dependencies")
    for dependency in dependencies if isinstance(dependencies, list) else ():
        if not isinstance(dependency, dict) or not isinstance(dependency.get("name"), str):
            continue
        if not _marker_may_hold(dependency.get("marker")):
            continue
        yield dependency["name"], ""
        extras = dependency.get("extra")
        for chosen in extras if isinstance(extras, list) else ():
            if isinstance(chosen, str):
                yield dependency["name"], chosen


def _marker_may_hold(text: object) -> bool:
    from packaging.markers import InvalidMarker, Marker

    if not isinstance(text, str) or "extra" in text:  # uv writes conflicting groups as extras
        return True
    try:
        return for_linux(Marker(text))
    except (InvalidMarker, RecursionError):
        return True


def _name(name: str, extras: Iterable[object] = ()) -> str:
    from packaging.utils import canonicalize_name

    chosen = tuple(sorted(canonicalize_name(extra) for extra in extras if isinstance(extra, str)))
    return f"{canonicalize_name(name)}[{','.join(chosen)}]" if chosen else canonicalize_name(name)


def _table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    table: Any = data
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}
