"""Is a project itself a package, which its manager installs with the others, and what does building it leave?"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.project import Installer, PythonProject, read_toml

LOCK_LIMIT = 8_000_000
PLAIN_BACKENDS = frozenset(
    {
        "flit_core.buildapi",
        "hatchling.build",
        "pdm.backend",
        "poetry.core.masonry.api",
        "poetry.masonry.api",
        "setuptools.build_meta",
        "uv_build",
    }
)
"""Build backends that, without hooks, write nothing into the source that a program needs."""
HOOKS = (
    ("tool", "hatch", "build", "hooks"),
    ("tool", "hatch", "build", "targets", "wheel", "hooks"),
    ("tool", "pdm", "build", "custom-hook"),
    ("tool", "pdm", "version", "write_to"),
    ("tool", "poetry", "build"),
    ("tool", "poetry-dynamic-versioning"),
    ("tool", "setuptools", "ext-modules"),
    ("tool", "setuptools", "cmdclass"),
    ("tool", "setuptools_scm", "version_file"),
    ("tool", "setuptools_scm", "write_to"),
)
"""Tables by which something is made while the package is built."""


def is_package(context: BuildContext, project: PythonProject) -> bool | None:
    """Does the project's manager install the project itself? None where its manifest can't be read."""
    if project.manager == "pipenv" or project.pyproject is None:
        return False
    data = read_toml(context, project.pyproject)
    if data is None:
        return None
    if project.manager == "uv":
        wanted = table(data, "tool", "uv").get("package")
        return wanted if isinstance(wanted, bool) else "build-system" in data
    if project.manager == "poetry":
        return table(data, "tool", "poetry").get("package-mode") is not False
    if project.manager == "pdm":
        return table(data, "tool", "pdm").get("distribution") is not False
    return "build-system" in data or "project" in data


def is_plainly_built(context: BuildContext, project: PythonProject) -> bool:
    """Does building the project write nothing beside its source that a program may need?"""
    data = read_toml(context, project.pyproject) if project.pyproject else None
    if data is None or project.setup_files:
        return False
    backend = table(data, "build-system").get("build-backend", "setuptools.build_meta")
    if not isinstance(backend, str) or backend not in PLAIN_BACKENDS or table(data, "build-system").get("backend-path"):
        return False
    return not any(table(data, *keys[:-1]).get(keys[-1]) for keys in HOOKS)


def computed_metadata(context: BuildContext, project: PythonProject) -> str:
    """What of the project's metadata only building it tells; "" where its manifest says it all."""
    data = (read_toml(context, project.pyproject) if project.pyproject else None) or {}
    dynamic = table(data, "project").get("dynamic")
    if project.manager == "uv" and isinstance(dynamic, list) and dynamic and isinstance(dynamic[0], str):
        return dynamic[0]
    return "version" if "poetry-dynamic-versioning" in table(data, "tool") else ""


def local_packages(context: BuildContext, project: PythonProject) -> tuple[str, ...]:
    """Folders and archives of the context, apart from the project itself, that its manager installs packages from."""
    data = read_toml(context, project.pyproject) if project.pyproject else None
    found = dict.fromkeys(_declared(data or {}))
    if project.manager == "pipenv" and project.pipfile:
        pipfile = read_toml(context, project.pipfile) or {}
        for name in ("packages", "dev-packages"):
            found.update(dict.fromkeys(_path_values(table(pipfile, name))))
    elif project.lock_file is not None:
        lock = read_toml(context, project.lock_file, LOCK_LIMIT) or {}
        found.update(dict.fromkeys(_locked(lock.get("package"), project.manager)))
    return tuple(path for path in found if path not in ("", ".", "./"))


def workspace_members(context: BuildContext, project: PythonProject) -> tuple[str, ...] | None:
    """The folders of uv's workspace besides the project's own; None where one of them is no project of its own."""
    data = read_toml(context, project.pyproject) if project.pyproject else None
    workspace = table(data or {}, "tool", "uv", "workspace")
    members, excluded = workspace.get("members", []), workspace.get("exclude", [])
    if not isinstance(members, list) or not isinstance(excluded, list) or any("**" in str(m) for m in members):
        return None
    left_out = {path for pattern in excluded for path in _manifests(context, project.folder, pattern)}
    found = (path for pattern in members for path in _manifests(context, project.folder, pattern))
    return tuple(dict.fromkeys(posixpath.dirname(path) for path in found if path not in left_out))


def _manifests(context: BuildContext, folder: str, pattern: object) -> tuple[str, ...]:
    path = posixpath.normpath(posixpath.join(folder, str(pattern), "pyproject.toml"))
    return context.glob(path)


def workspace_of(context: BuildContext, folder: str) -> str:
    """The folder above one that is the root of its workspace; "" where it belongs to none."""
    above = posixpath.dirname(folder)
    while folder:
        data = read_toml(context, posixpath.join(above, "pyproject.toml"))
        if data is not None and table(data, "tool", "uv", "workspace"):
            return above or "."
        folder, above = above, posixpath.dirname(above)
    return ""


def _declared(data: Mapping[str, Any]) -> Iterator[str]:
    """Of pyproject.toml."""
    if table(data, "tool", "uv", "workspace"):
        yield "the workspace"
    yield from _path_values(table(data, "tool", "uv", "sources"))
    yield from _path_values(table(data, "tool", "poetry", "dependencies"))
    groups = table(data, "tool", "poetry", "group")
    for name in groups:
        yield from _path_values(table(groups, name, "dependencies"))


def _path_values(packages: Mapping[str, Any]) -> Iterator[str]:
    """`{ path = "../common" }`, also in a list of alternatives."""
    for value in packages.values():
        for each in value if isinstance(value, list) else (value,):
            path = each.get("path", each.get("file")) if isinstance(each, dict) else None
            if isinstance(path, str) and "://" not in path:
                yield path


def _locked(packages: object, manager: Installer) -> Iterator[str]:
    for package in packages if isinstance(packages, list) else ():
        if not isinstance(package, dict):
            continue
        source = table(package, "source")
        if manager == "uv":
            found = next((source[key] for key in ("editable", "virtual", "directory", "path") if key in source), None)
        elif manager == "poetry":
            found = source.get("url") if source.get("type") in ("directory", "file") else None
        else:
            found = package.get("path")
        if isinstance(found, str):
            yield found


def table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table behind keys; empty where there is none."""
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
