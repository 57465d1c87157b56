"""Find out which tool installs a Python project, and from which files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Literal

from dockerslim.context.build_context import BuildContext

Installer = Literal["pip", "poetry", "uv", "pipenv", "pdm", "conda"]

_REQUIREMENTS_NAME = re.compile(r"(?:[\w.-]*[-_.])?requirements?(?:[-_.][\w.-]*)?\.(?:txt|in|pip)")
_REQUIREMENTS_FOLDERS = ("requirements", "requirement", "deps")
_LOCK_FILES: tuple[tuple[str, Installer], ...] = (
    ("uv.lock", "uv"),
    ("poetry.lock", "poetry"),
    ("pdm.lock", "pdm"),
    ("Pipfile.lock", "pipenv"),
)
_ENVIRONMENT_FILES = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml")
_VERSION = re.compile(r"(\d+\.\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class PythonProject:
    """A folder that Python code is installed from; every path is relative to the context's root."""

    folder: str
    manager: Installer
    """The tool whose files are there; a lock file says more than a manifest."""
    requirement_files: tuple[str, ...]
    lock_file: str | None
    pyproject: str | None
    pipfile: str | None
    setup_files: tuple[str, ...]
    """setup.py and setup.cfg."""
    environment_file: str | None
    """Of conda."""
    python_version: str | None
    """`X.Y` as .python-version or runtime.txt has it."""


def detect(context: BuildContext, folder: str = "") -> PythonProject | None:
    """The Python project in a folder of the context; None where nothing says there is one."""
    folder = "" if folder in (".", "/") else folder.strip("/")
    pyproject = _file(context, folder, "pyproject.toml")
    pipfile = _file(context, folder, "Pipfile")
    environment = next((path for name in _ENVIRONMENT_FILES if (path := _file(context, folder, name))), None)
    setup_files = tuple(path for name in ("setup.py", "setup.cfg") if (path := _file(context, folder, name)))
    requirement_files = _requirement_files(context, folder)
    lock_file, locked_by = _lock(context, folder)
    manager: Installer
    if locked_by is not None:
        manager = locked_by
    elif pipfile:
        manager = "pipenv"
    elif pyproject and (declared := _declared_installer(context, pyproject)):
        manager = declared
    elif requirement_files or pyproject or setup_files:
        manager = "pip"
    elif environment:
        manager = "conda"
    elif _has_source(context, folder):
        manager = "pip"
    else:
        return None
    return PythonProject(
        folder=folder,
        manager=manager,
        requirement_files=requirement_files,
        lock_file=lock_file,
        pyproject=pyproject,
        pipfile=pipfile,
        setup_files=setup_files,
        environment_file=environment,
        python_version=_python_version(context, folder),
    )


def read_toml(context: BuildContext, path: str, limit: int = 8_000_000) -> dict[str, Any] | None:
    """The tables of a TOML file of the context; None where it can't be read or is none."""
    text = context.read_text(path, limit)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _file(context: BuildContext, folder: str, name: str) -> str | None:
    path = f"{folder}/{name}" if folder else name
    return path if context.is_file(path) else None


def _requirement_files(context: BuildContext, folder: str) -> tuple[str, ...]:
    prefix = f"{folder}/" if folder else ""
    found = [path for path in context.under(folder) if _is_requirements(path[len(prefix) :])]
    return tuple(sorted(found, key=lambda path: (path != f"{prefix}requirements.txt", path)))


def _is_requirements(path: str) -> bool:
    parent, _, name = path.rpartition("/")
    if parent in _REQUIREMENTS_FOLDERS:
        return name.endswith((".txt", ".in", ".pip"))
    return not parent and _REQUIREMENTS_NAME.fullmatch(name) is not None


def _lock(context: BuildContext, folder: str) -> tuple[str | None, Installer | None]:
    for name, installer in _LOCK_FILES:
        path = _file(context, folder, name)
        if path:
            return path, installer
    return None, None


def _declared_installer(context: BuildContext, pyproject: str) -> Installer | None:
    tool = (read_toml(context, pyproject) or {}).get("tool")
    if not isinstance(tool, dict):
        return None
    installers: tuple[Installer, ...] = ("poetry", "uv", "pdm")
    return next((installer for installer in installers if installer in tool), None)


def _has_source(context: BuildContext, folder: str) -> bool:
    prefix = f"{folder}/" if folder else ""
    return any(path.endswith(".py") and "/" not in path[len(prefix) :] for path in context.under(folder))


def _python_version(context: BuildContext, folder: str) -> str | None:
    for name in (".python-version", "runtime.txt"):
        path = _file(context, folder, name)
        text = context.read_text(path) if path else None
        version = _VERSION.search(text[:200]) if text else None
        if version is not None:
            return version[1]
    return None
