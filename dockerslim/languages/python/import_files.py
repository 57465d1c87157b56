"""Find the files of a project's own modules in the build context."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from dockerslim.context.build_context import BuildContext

_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
LONGEST_NAME = 300


def join(folder: str, path: str) -> str | None:
    """A path below a folder of the context, normalized; None where it leads out of the context."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined.startswith(("/", "../")) or joined == "..":
        return None
    return "" if joined == "." else joined


def module_files(context: BuildContext, name: str, folders: Iterable[str]) -> tuple[str, ...]:
    """The files that importing a module runs: its own and its packages', from the first folder that has it.

    Empty where the context has no such module.
    """
    if len(name) > LONGEST_NAME or _MODULE.fullmatch(name) is None:
        return ()
    for folder in folders:
        found = _in_folder(context, name.split("."), folder)
        if found:
            return found
    return ()


def _in_folder(context: BuildContext, parts: Sequence[str], folder: str) -> tuple[str, ...]:
    base = join(folder, "/".join(parts))
    if base is None:
        return ()
    own = next((path for path in (f"{base}/__init__.py", f"{base}.py") if context.is_file(path)), None)
    if own is None:
        return ()
    packages = (join(folder, "/".join((*parts[:count], "__init__.py"))) for count in range(1, len(parts)))
    return (*(path for path in packages if path is not None and context.is_file(path)), own)


def main_files(context: BuildContext, name: str, folders: Sequence[str]) -> tuple[str, ...]:
    """The files that `python -m name` runs."""
    package = module_files(context, f"{name}.__main__", folders)
    return package or module_files(context, name, folders)


def package_folder(context: BuildContext, name: str, folders: Iterable[str]) -> str | None:
    """The folder of a package by its import name, with or without an `__init__.py`."""
    if len(name) > LONGEST_NAME or _MODULE.fullmatch(name) is None:
        return None
    for folder in folders:
        path = join(folder, name.replace(".", "/"))
        if path and any(file.endswith(".py") for file in context.under(path)):
            return path
    return None


def import_root(context: BuildContext, file: str) -> str:
    """The folder from which a file's package is imported: the first one upwards that is no package."""
    folder = posixpath.dirname(file)
    while folder and context.is_file(f"{folder}/__init__.py"):
        folder = posixpath.dirname(folder)
    return folder
