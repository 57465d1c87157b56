"""Which packages the arguments of `go build` and `go install` name."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dockerslim.languages.go.build_command import BuildCommand, BuildProblem

_VERSION = re.compile(r"v(?:[2-9]|[1-9][0-9]+)")


@dataclass(frozen=True, slots=True)
class Package:
    """A package to build. `folder` is relative to the module's, None for a module of others."""

    folder: str | None
    name: str
    is_main: bool


def named_packages(command: BuildCommand) -> list[Package]:
    """The packages in the order of the arguments. Raises BuildProblem where they can't be told."""
    arguments = list(command.arguments) or ["."]
    if all("@" in word for word in arguments):
        if command.verb != "install":
            raise BuildProblem("`go build` takes no version")
        return [_foreign(word) for word in arguments]
    if arguments[0].endswith(".go"):
        return [_of_files(command, arguments)]
    found: dict[str, Package] = {}
    for word in arguments:
        for package in _matching(command, word):
            found[package.folder if package.folder is not None else word] = package
    return list(found.values())


def _foreign(word: str) -> Package:
    """`x/y@version`: it is taken as a program, for `go install` accepts nothing else."""
    path = word.split("@")[0]
    if "..." in path:
        raise BuildProblem(f"what `{word}` installs is not known")
    return Package(None, _program_name(path), True)


def _of_files(command: BuildCommand, words: Sequence[str]) -> Package:
    files: list[str] = []
    start = command.start()
    for word in words:
        if not word.endswith(".go"):
            raise BuildProblem(f"`{word}` is no .go file")
        path = posixpath.normpath(posixpath.join(start, word))
        whole = posixpath.normpath(posixpath.join(command.project.folder, path))
        matches = [
            file
            for file in command.project.source.context.under(posixpath.dirname(whole))
            if "/" not in file[len(posixpath.dirname(whole)) :].lstrip("/")
            and (file == whole or fnmatch.fnmatchcase(posixpath.basename(file), posixpath.basename(whole)))
        ]
        if not matches:
            raise BuildProblem(f"`{word}` is not in the build context")
        files += [file for file in matches if not file.endswith("_test.go")]
    if len({posixpath.dirname(file) for file in files}) != 1:
        raise BuildProblem("the files are not all in one folder")
    # The first file that isn't cgo's gives the name.
    headers = [(file, command.project.source.header(file)) for file in files]
    plain = [file for file, header in headers if header is not None and not header.imports_path("C")]
    name = posixpath.basename((plain or files)[0]).removesuffix(".go")
    is_main = any(header is not None and header.package == "main" for _, header in headers)
    return Package(command.project.relative(posixpath.dirname(files[0])), name, is_main)


def _matching(command: BuildCommand, word: str) -> list[Package]:
    local = word in (".", "..") or word.startswith(("./", "../", "/"))
    if word in ("all", "std", "cmd", "work", "tool"):
        raise BuildProblem(f"what `{word}` builds is not known")
    if local:
        path = command.inside(word) if word.startswith("/") else posixpath.join(command.start(), word)
        if path is None:
            raise BuildProblem(f"`{word}` is not known to be in the module")
        whole = posixpath.normpath(posixpath.join(command.project.folder, path))
    else:
        found = command.project.source.folder_of(word.removesuffix("/..."))
        if found is None:
            if command.verb == "install" and "." in word.split("/")[0] and "..." not in word:
                return [Package(None, _program_name(word), True)]
            raise BuildProblem(f"`{word}` is no package of the module")
        whole = posixpath.join(found, "...") if word.endswith("/...") else found or "."
    if whole == ".." or whole.startswith("../"):
        raise BuildProblem(f"`{word}` is outside the build context")
    if "..." not in whole:
        return [_package(command, "" if whole == "." else whole, word)]
    base, last = posixpath.split(whole)
    if last != "..." or "..." in base:
        raise BuildProblem(f"what `{word}` builds is not known")
    folders = [folder for folder in command.project.source.package_folders(base) if _name_in(command, folder)]
    return [_package(command, folder, word) for folder in sorted(folders)]


def _name_in(command: BuildCommand, folder: str) -> str | None:
    return command.project.source.package_name(folder, frozenset(command.flags.tags))


def _package(command: BuildCommand, folder: str, word: str) -> Package:
    source = command.project.source
    name = _name_in(command, folder)
    if name is None:
        raise BuildProblem(f"`{word}` has no Go files in the build context")
    path = source.import_path_of(folder)
    if path is None:
        raise BuildProblem(f"there is no go.mod around `{folder or '.'}`")
    return Package(command.project.relative(folder), _program_name(path), name == "main")


def _program_name(path: str) -> str:
    parts = path.split("/")
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    return parts[-1]
