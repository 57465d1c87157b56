"""Shared libraries that a program loads itself, as `ctypes.CDLL("libmagic.so.1")`: are they in the slim image?"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from importlib import resources

from dockerslim.case import Case
from dockerslim.dockerfile import Span
from dockerslim.split.python.program import StartedPrograms, facts_of_source
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


@lru_cache(maxsize=1)
def slim_libraries() -> frozenset[str]:
    """The table, read once."""
    text = resources.files(__package__).joinpath("libraries.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["slim"])
