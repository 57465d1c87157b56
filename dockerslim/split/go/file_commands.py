"""What `cp`, `mv`, `mkdir`, `rm` and redirections do to the files that the run time may need."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.languages.go.build import SYSTEM_FOLDERS

if TYPE_CHECKING:
    from dockerslim.split.go.run_reader import RunReader

COMPUTED = re.compile(r"[*?\[$`]")
SOURCE_SUFFIXES = (".go", ".mod", ".sum", ".work", ".proto", ".dockerignore", ".gitignore", ".gitattributes")
REDIRECT = re.compile(r"1?>{1,2}\s*['\"]?(~?[\w./-]+)['\"]?")
TRANSFER_FLAGS = re.compile(r"-[rRafpvTu]+|--(?:recursive|archive|force|preserve|verbose)")


FETCHING = re.compile(r"/(?:\.netrc|\.ssh|\.gitconfig|\.git-credentials|\.npmrc|\.aws|etc/gitconfig|etc/ssh)(?:/|$)")


def is_for_fetching(path: str) -> bool:
    """Is it a file with which modules are fetched, such as credentials? It must not leave the build stage."""
    return FETCHING.search(path) is not None


def removed_paths(command: ShellCommand, folder: str | None) -> list[str] | None:
    """The absolute paths that an `rm` removes; None where one is computed."""
    paths = [word for word in command.known_arguments()[1:] if not word.startswith("-")]
    if any(COMPUTED.search(path) for path in paths):
        return None
    return _absolute(paths, folder)


def made_folders(command: ShellCommand, folder: str | None) -> list[str] | None:
    """The absolute paths that a `mkdir` makes; None where one is computed."""
    if command.arguments is None:
        return None
    return _absolute([word for word in command.arguments[1:] if not word.startswith("-")], folder)


def written_file(redirect: str, folder: str | None) -> str | None:
    """The absolute path that `> file` writes; None where it is computed."""
    match = REDIRECT.fullmatch(redirect.strip())
    paths = _absolute([match[1].replace("~", "/root", 1)], folder) if match is not None else None
    return paths[0] if paths else None


def read_transfer(reader: RunReader, command: ShellCommand, folder: str | None) -> str:
    """Notes what `cp` or `mv` does to built programs and to files of the context; else why that isn't known."""
    words = command.arguments
    if words is None or any(COMPUTED.search(word) for word in words):
        return "what it copies is computed"
    flags = [word for word in words[1:] if word.startswith("-")]
    paths = _absolute([word for word in words[1:] if not word.startswith("-")], folder)
    if paths is None or len(paths) < 2 or not all(TRANSFER_FLAGS.fullmatch(flag) for flag in flags):
        return "what it copies is not known"
    *sources, target = paths
    is_into = words[-1].endswith("/") or len(sources) > 1 or _is_folder(reader, target)
    for source in sources:
        place = posixpath.join(target, posixpath.basename(source)) if is_into else target
        if not _transfer(reader, source, place, is_move=words[0].endswith("mv")):
            return f"what `{source}` holds is not known"
    return ""


def _transfer(reader: RunReader, source: str, place: str, *, is_move: bool) -> bool:
    found = reader.found
    programs = [built for built in found.built if built.path == source]
    if programs:
        built = replace(programs[-1], path=place, origin=programs[-1].origin or source)
        if is_move:
            found.built = [other for other in found.built if other.path != source]
        found.built.append(built)
        return True
    context = reader.case.context
    path = reader.case.files(reader.stage).context_path(source, reader.instruction)
    if path is None or context is None or not context.has(path):
        return False
    if place.startswith(("/usr/lib", "/lib", "/etc/ld.so")):
        return False
    if is_for_fetching(place):
        return True
    if context.is_folder(path):
        if any(file.endswith(".go") for file in context.under(path)):
            return False
        found.files.append((place, True))
    elif not path.endswith(SOURCE_SUFFIXES):
        found.files.append((place, False))
    if is_move:
        found.removed.append(source)
    return True


def _is_folder(reader: RunReader, path: str) -> bool:
    if path in SYSTEM_FOLDERS or any(path == made for _, made in reader.found.folders):
        return True
    if path == reader.case.state(reader.instruction).workdir:
        return True
    context = reader.case.context
    source = reader.case.files(reader.stage).context_path(path, reader.instruction)
    return source is not None and context is not None and context.is_folder(source)


def _absolute(paths: list[str], folder: str | None) -> list[str] | None:
    if folder is None and any(not path.startswith("/") for path in paths):
        return None
    return [posixpath.normpath(posixpath.join(folder or "/", path)) for path in paths]
