"""The modules that a project installs, and the programs that it declares."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.import_files import join
from dockerslim.languages.python.own_package import table
from dockerslim.languages.python.project import read_toml
from dockerslim.languages.python.setup_script import read_setup_script

NOT_INSTALLED = frozenset({"benchmarks", "docs", "examples", "scripts", "test", "tests"})
"""Packages beside a project's own that are not installed with it."""


def package_roots(context: BuildContext, folder: str) -> tuple[str, ...]:
    """The folders below which the project's packages lie: those that pyproject.toml names, else `src`, else its own."""
    data = _manifest(context, folder)
    named = [root for path in _named_roots(data) if (root := join(folder, path)) is not None]
    source = posixpath.join(folder, "src")
    return tuple(dict.fromkeys(named)) or ((source,) if context.is_folder(source) else (folder,))


def package_modules(context: BuildContext, folder: str) -> Iterator[tuple[str, str]]:
    """Each module that installing the project out of its folder installs: its file, and its path among the packages."""
    for root in package_roots(context, folder):
        prefix = root + "/" if root else ""
        for file in context.under(root):
            path = file[len(prefix) :]
            if file.endswith(".py") and (root != folder or _is_of_package(context, prefix, path)):
                yield file, path


def declared_scripts(context: BuildContext, folder: str) -> dict[str, str]:
    """The programs of the project as `module:function`, by name."""
    found: dict[str, str] = {}
    script = posixpath.join(folder, "setup.py")
    if context.is_file(script):
        found.update(read_setup_script(context, script).console_scripts)
    data = _manifest(context, folder)
    for keys in (("tool", "poetry", "scripts"), ("project", "scripts")):
        found.update((name, target) for name, target in table(data, *keys).items() if isinstance(target, str))
    return found


def _manifest(context: BuildContext, folder: str) -> Mapping[str, Any]:
    path = posixpath.join(folder, "pyproject.toml")
    return (read_toml(context, path) if context.is_file(path) else None) or {}


def _named_roots(data: Mapping[str, Any]) -> Iterator[str]:
    """What the tables of the build backends say."""
    find = table(data, "tool", "setuptools", "packages", "find").get("where")
    for path in find if isinstance(find, list) else ():
        yield str(path)
    for root in (
        table(data, "tool", "setuptools", "package-dir").get(""),
        table(data, "tool", "uv", "build-backend").get("module-root"),
        table(data, "tool", "pdm", "build").get("package-dir"),
    ):
        if isinstance(root, str):
            yield root
    packages = table(data, "tool", "hatch", "build", "targets", "wheel").get("packages")
    for path in packages if isinstance(packages, list) else ():
        yield posixpath.dirname(str(path))
    packages = table(data, "tool", "poetry").get("packages")
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict):
            yield str(package.get("from", ""))


def _is_of_package(context: BuildContext, prefix: str, path: str) -> bool:
    """Does a file of the project's own folder lie in a package that is installed?"""
    top, slash, _ = path.partition("/")
    return bool(slash) and top not in NOT_INSTALLED and context.is_file(f"{prefix}{top}/__init__.py")
