"""Which commands of a RUN read the project's source, and so must come after its COPY."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import Literal

from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.paths import overlap
from dockerslim.split.packages import is_package_housekeeping, package_install
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.pip_command import PIP, PYTHON
from dockerslim.split.working_folder import placed_commands

Need = Literal["none", "touches", "unknown"]
"""`none`: reads nothing of the source; `touches`: changes modes, owners or text of files and nothing that an install
reads; `unknown`: may read anything."""


def command_need(command: ShellCommand, folder: str | None, source: Collection[str]) -> Need:
    """What a command other than an install of Python packages needs.

    `source` are the absolute folders and files that the moved COPY lays down.
    """
    table = python_commands()
    inner = command.inner()
    words = inner.known_arguments()
    if not words:
        return "none"
    if any(not _is_harmless_redirect(redirect) for redirect in inner.redirects):
        return "unknown"
    name = posixpath.basename(words[0])
    if _is_pip_setting(words):
        return "none"
    if words[0] in ("cd", ".", "source"):
        return "none" if words[0] == "cd" or words[-1].endswith("/activate") else "unknown"
    if package_install(command) is not None or is_package_housekeeping(command):
        return "none"
    if (name in table.system or words[:2] == ("git", "config")) and "/" not in words[0]:
        return "none"
    if PYTHON.fullmatch(name) and len(words) > 2 and words[1] == "-m" and words[2] in table.installed_modules:
        return "none"
    if name in table.path and "/" not in words[0]:
        paths = [word for word in words[1:] if not word.startswith("-")]
        return "touches" if any(_may_be_source(path, folder, source) for path in paths) else "none"
    return "unknown"


def _is_pip_setting(words: tuple[str, ...]) -> bool:
    """Is it pip with a verb that installs nothing?"""
    if PIP.fullmatch(posixpath.basename(words[0])):
        return words[1:2] != () and words[1] in python_commands().setting_verbs
    return words[1:3] == ("-m", "pip") and words[3:4] != () and words[3] in python_commands().setting_verbs


def _may_be_source(path: str, folder: str | None, source: Collection[str]) -> bool:
    if "://" in path:
        return False
    if path.startswith("~"):
        return False
    if not path.startswith("/"):
        if folder is None or "$" in path:
            return True
        path = posixpath.normpath(posixpath.join(folder, path))
    plain = path.rstrip("/*") or "/"
    return any(overlap(plain, place) for place in source)


def _is_harmless_redirect(redirect: str) -> bool:
    """Does it lead to nothing, to another stream, or to a file of the system?"""
    target = redirect.lstrip("0123456789&<>| ")
    return "<" not in redirect and (target.startswith("/") or not target)


def script_need(script: Script, folder: str | None, source: Collection[str], names: Collection[str]) -> Need:
    """What a whole RUN needs; one that names one of `names` (the manifests) may change what an install reads."""
    if not script.is_plain:
        return "unknown"
    found: Need = "none"
    for command, place in placed_commands(script, folder):
        need = command_need(command, place, source)
        if need == "unknown":
            return "unknown"
        if need == "touches":
            if any(name in script.text(command.start, command.end) for name in names):
                return "unknown"
            found = "touches"
    return found
