"""Which locked distributions are wheels: nothing of theirs is built, and what they link against is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.own_package import LOCK_LIMIT
from dockerslim.languages.python.project import PythonProject, read_toml

PLATFORMS = ("-none-any.whl", "manylinux")


def locked_wheels(context: BuildContext, project: PythonProject) -> frozenset[str]:
    """Normalized names for which the lock file lists a wheel that a Linux with glibc takes."""
    from packaging.utils import canonicalize_name

    if project.lock_file is None or project.manager == "pipenv":  # Pipfile.lock names no files
        return frozenset()
    packages = (read_toml(context, project.lock_file, LOCK_LIMIT) or {}).get("package")
    return frozenset(
        canonicalize_name(package["name"])
        for package in (packages if isinstance(packages, list) else ())
        if isinstance(package, dict)
        and isinstance(package.get("name"), str)
        and any(_is_wheel(f) for f in locked_files(package))
    )


def locked_files(package: Mapping[str, Any]) -> Iterator[str]:
    """The files of one entry of `package`: uv keeps addresses under `wheels`, Poetry and PDM names under `files`."""
    for key in ("wheels", "files"):
        listed = package.get(key)
        for each in listed if isinstance(listed, list) else ():
            name = (each.get("url") or each.get("file")) if isinstance(each, dict) else None
            if isinstance(name, str):
                yield name


def _is_wheel(name: str) -> bool:
    return name.endswith(".whl") and any(word in name for word in PLATFORMS)
