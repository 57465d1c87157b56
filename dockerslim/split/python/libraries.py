"""Shared libraries that a program loads itself, as `ctypes.CDLL("libmagic.so.1")`: are they in the slim image?"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache
from importlib import resources

from dockerslim.case import Case
from dockerslim.dockerfile import Span
from dockerslim.split.python.program import StartedPrograms, facts_of_source
from dockerslim.split.python.purpose import PythonStage
from dockerslim.split.refused import Refused, refuse_unknown

NAME = re.compile(r"(?:lib)?(?P<name>.+?)(?:\.so[.\d]*)?")
OTHER_SYSTEMS = (".dll", ".dylib", "kernel32", "user32", "msvcrt", "shell32")
HELP = "install its package in a RUN of this file, and start from the slim image"


def check_libraries(case: Case, programs: StartedPrograms, packages: Collection[str], span: Span) -> None:
    """Raises Refused for a library that the slim image lacks; `packages` are those that the runtime stage installs."""
    facts = facts_of_source(case, programs)
    view = programs.view
    brought = {posixpath.basename(path) for path in view.sources}
    for library in facts.libraries:
        name = posixpath.basename(library)
        if library.lower().endswith(OTHER_SYSTEMS) or name in brought or _is_the_projects(library):
            continue
        if not _is_in_slim(name) and not _is_brought(name, packages):
            raise Refused(span, f"the program loads `{library}`, which the slim image does not have", HELP)
    if facts.unknown_libraries:
        evidence = facts.unknown_libraries[0]
        evidence = replace(evidence, file=view.source(evidence.file) or evidence.file)
        reason = f"the program loads a shared library that is computed ({evidence})"
        refuse_unknown(case.options, Refused(span, reason, HELP))


def _plain(name: str) -> str:
    match = NAME.fullmatch(name)
    return match["name"] if match is not None else name


def _is_in_slim(name: str) -> bool:
    """A file's name without a version is that of a link, which is in the packages for building only."""
    return not name.endswith(".so") and (_plain(name) in slim_libraries() or _plain(name).startswith("python3"))


def _is_the_projects(library: str) -> bool:
    """Is it a path that no package of the system has laid a file at?"""
    return "/" in library and not library.startswith(("/lib/", "/usr/lib/", "/lib64/", "/usr/lib64/"))


def _is_brought(name: str, packages: Collection[str]) -> bool:
    """Is a package installed that is named as its library, as `libmagic1` and `libgdal-dev` are?"""
    start = "lib" + _plain(name).lower().replace("_", "-")
    end = "-dev" if name.endswith(".so") else ""
    return any(package.startswith(start) and package.endswith(end) for package in packages)


def check_found_libraries(case: Case, read: PythonStage, programs: StartedPrograms, dropped: Iterable[str]) -> None:
    """Raises Refused where a library of Alpine is looked for by way of a compiler that is among the `dropped` packages.

    `ctypes.util.find_library` has no list of libraries there, as ldconfig keeps it elsewhere.
    """
    compiler = next((name for name in dropped if name in COMPILERS), None)
    if compiler is None:
        return
    installed = {name.partition("[")[0] for name in read.distributions}
    found = next(iter(sorted(installed & _table("found"))), "")
    if "django" in installed and {package.name for package in read.packages} & _table("found_by_django"):
        found = found or "django"
    loaded = (name for name in facts_of_source(case, programs).libraries if "/" not in name and ".so" not in name)
    name = found or next((name for name in loaded if not name.lower().endswith(OTHER_SYSTEMS)), "")
    if name:
        span = next(package.span for package in read.packages if package.name == compiler)
        reason = f"`{name}` finds its library on Alpine by asking `{compiler}`"
        raise Refused(span, reason, "tell it the library's path, or start from a Debian image")


COMPILERS = frozenset({"alpine-sdk", "binutils", "build-base", "clang", "g++", "gcc"})


def slim_libraries() -> frozenset[str]:
    """The libraries of the slim image."""
    return _table("slim")


@lru_cache(maxsize=4)
def _table(name: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath("libraries.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)[name])
