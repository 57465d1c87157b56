"""What the runtime stage copies from the build stage: programs, the files that they read, folders that were made."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.paths import is_below, is_within, overlap
from dockerslim.split.go.file_commands import SOURCE_SUFFIXES
from dockerslim.split.go.image import needed_tools
from dockerslim.split.go.purpose import Built, GoStage
from dockerslim.split.go.start import facts_of, is_removed, program_path
from dockerslim.split.go.started import Started
from dockerslim.split.order import UNQUOTED
from dockerslim.split.refused import Refused

REPOSITORY_FILES = ("dockerfile", "readme", "license", "licence", "changelog", "contributing", "code_of_conduct")
"""Beginnings of names that are about the repository, in lower case."""
SOURCE_NAMES = frozenset(
    "Makefile makefile Taskfile.yml LICENSE LICENCE .git .github .gitlab .gitlab-ci.yml .travis.yml .golangci.yml "
    ".golangci.yaml .editorconfig .air.toml .vscode .idea vendor docker-compose.yml docker-compose.yaml compose.yml "
    "compose.yaml skaffold.yaml cloudbuild.yaml Jenkinsfile .circleci".split()
)

PLAIN_PATH = frozenset({"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"})
"""What every image has on its PATH."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A line `COPY --from`."""

    source: str
    destination: str


def copies(
    case: Case, stage: Stage, start: Started, found: GoStage, programs: list[Built], workdir: str
) -> tuple[Copy, ...]:
    # path -> is it a folder? None: that isn't known, and it is copied by its whole name.
    paths: dict[str, bool | None] = {}
    for built in programs:
        paths[built.path] = False
    for tool in needed_tools(case, start, found):
        paths[tool.path] = False
    for script in start.scripts:
        paths[script] = False
    for path, is_folder in _assets(case, stage, programs, workdir):
        paths.setdefault(path, is_folder)
    for argument in _arguments(case, start):
        for path, is_folder in _asset(case, stage, argument, workdir):
            if path not in paths and not _is_source(case, stage, path):
                paths[path] = is_folder
    for _, folder in found.folders:
        if not any(is_below(path, folder) for path in paths):
            paths.setdefault(folder, True)
    for path, kind in _from_other_stages(case, stage, programs, workdir):
        paths.setdefault(path, kind)
    for path, is_folder in found.files:
        paths.setdefault(path, is_folder)
    paths = {path: is_folder for path, is_folder in paths.items() if not is_removed(path, found)}
    odd = next((path for path in paths if not set(path.removesuffix(".env*")) <= UNQUOTED), None)
    if odd is not None:
        raise Refused(stage.from_.span, f"the program reads `{odd}`, a name that COPY reads otherwise", "rename it")
    folders = [path for path, is_folder in paths.items() if is_folder is not False]
    kept = [p for p in paths if not any(o != p and is_below(p, o) for o in folders)]
    return _joined(Copy(path, _destination(path, paths[path], workdir)) for path in kept)


def _from_other_stages(
    case: Case, stage: Stage, programs: list[Built], workdir: str
) -> Iterator[tuple[str, bool | None]]:
    """What is copied here from other stages, but for what is only compiled in. Whether it is a folder can't be seen."""
    for placement in case.files(stage).placements:
        if placement.stage is None or _is_only_embedded(case, stage, programs, placement.target, workdir):
            continue
        into = case.state(placement.instruction).path(placement.instruction.destination)
        if placement.instruction.destination.endswith("/") and into not in (None, workdir):
            yield into or "", True
        else:
            yield placement.target, None


def _is_only_embedded(case: Case, stage: Stage, programs: list[Built], path: str, workdir: str) -> bool:
    """Is the folder named by a `//go:embed`, and by nothing that is read at run time?"""
    source = case.files(stage).context_path(path)
    if source is None or not programs:
        return False
    embedded = False
    for built in programs:
        facts = facts_of(built)
        if facts.unknown_reads or facts.uses_caller_paths or not facts.complete:
            return False
        if any(overlap(posixpath.normpath(posixpath.join(workdir, use.path)), path) for use in facts.reads):
            return False
        for use in facts.embeds:
            pattern = re.split(r"[*?\[]", use.path.removeprefix("all:"))[0].rstrip("/")
            place = posixpath.normpath(posixpath.join(posixpath.dirname(use.evidence.file), pattern))
            embedded = embedded or overlap(place, source)
    return embedded


def _arguments(case: Case, start: Started) -> Iterator[str]:
    """Words of the commands that may be paths: those of CMD, and those that compose gives."""
    texts = [word for words in start.commands for word in words[1:]]
    for service in case.usage.services:
        for command in (service.command, service.entrypoint):
            texts.extend(command.split() if isinstance(command, str) else (command or ()))
    for text in texts:
        value = text.rpartition("=")[2]
        if value and not value.startswith("-"):
            yield value


def _is_source(case: Case, stage: Stage, path: str) -> bool:
    source = case.files(stage).context_path(path)
    return source is not None and (source.endswith(SOURCE_SUFFIXES) or _holds_source(case, source))


def _joined(copies: Iterable[Copy]) -> tuple[Copy, ...]:
    """Files that go to the same folder are copied by one line."""
    found: dict[str, list[str]] = {}
    for copy in copies:
        is_file = copy.destination.endswith("/") and posixpath.basename(copy.source) != posixpath.basename(
            copy.destination.rstrip("/")
        )
        key = copy.destination if is_file else f"{copy.destination}\0{copy.source}"
        found.setdefault(key, []).append(copy.source)
    return tuple(Copy(" ".join(sources), key.partition("\0")[0]) for key, sources in found.items())


def extra_path(case: Case, start: Started, found: GoStage, image: str) -> str:
    """The folder that a bare command name was found in, where the runtime image's PATH lacks it."""
    own = " ".join(pair.value or "" for i in case.stage.all("ENV") for pair in i.assignments if pair.key == "PATH")
    for words in start.commands:
        if not words or "/" in words[0]:
            continue
        folder = posixpath.dirname(program_path(case, words[0], found))
        if folder and folder not in PLAIN_PATH and folder not in own.strip("\"'").split(":"):
            return folder
    return ""


def _destination(path: str, is_folder: bool | None, workdir: str) -> str:
    folder = posixpath.dirname(path)
    if is_folder is None:
        return "./" + posixpath.relpath(path, workdir) if is_below(path, workdir) else path
    if not is_folder:
        if folder == workdir:
            return "./"
        if is_below(folder, workdir):
            return "./" + posixpath.relpath(folder, workdir) + "/"
        return folder.rstrip("/") + "/"
    if path == workdir:
        return "./"
    if is_below(path, workdir):
        return "./" + posixpath.relpath(path, workdir) + "/"
    return path


def _assets(case: Case, stage: Stage, programs: list[Built], workdir: str) -> Iterator[tuple[str, bool]]:
    """Image paths that the programs read at run time and that are there after the build."""
    unknown = False
    for built in programs:
        facts = facts_of(built)
        unknown = unknown or bool(facts.unknown_reads or facts.uses_caller_paths or not facts.complete)
        # What is looked for in the work folder itself may be anything in it.
        unknown = unknown or any(posixpath.normpath(posixpath.join(workdir, u.path)) == workdir for u in facts.reads)
        for use in (*facts.reads, *facts.writes):
            yield from _asset(case, stage, use.path, workdir)
            if posixpath.basename(use.path) == ".env" and _may_be_there(case, stage, use.path, workdir):
                # A pattern that matches nothing is fine for BuildKit: the file is rarely committed.
                yield posixpath.normpath(posixpath.join(workdir, use.path)) + "*", False
    if unknown:
        yield from _everything_but_source(case, stage, workdir)
        for placement in case.files(stage).placements:
            if is_within(placement.target, workdir) or is_within(workdir, placement.target):
                continue
            if placement.is_folder and _holds_source(case, placement.source):
                yield from _everything_but_source(case, stage, placement.target)
            elif not placement.target.endswith(SOURCE_SUFFIXES):
                yield placement.target, placement.is_folder


def _asset(case: Case, stage: Stage, path: str, workdir: str) -> Iterator[tuple[str, bool]]:
    context = case.context
    if context is None:
        return
    fixed = path
    if any(char in path for char in "*?["):
        parts = path.split("/")
        index = next(n for n, part in enumerate(parts) if any(char in part for char in "*?["))
        fixed = "/".join(parts[:index]) or "."
    absolute = posixpath.normpath(posixpath.join(workdir, fixed))
    if any(p.stage is not None and is_within(absolute, p.target) for p in case.files(stage).placements):
        return  # it travels with what another stage brings
    source = case.files(stage).context_path(absolute)
    if source is None:
        return
    if absolute == workdir:
        if fixed != path:
            for name in context.glob(posixpath.normpath(posixpath.join(source, path))):
                yield posixpath.join(workdir, posixpath.basename(name)), False
        return
    if context.is_file(source):
        parent, parent_source = posixpath.dirname(absolute), posixpath.dirname(source)
        if parent != workdir and parent_source and not _holds_source(case, parent_source):
            yield parent, True
        else:
            yield absolute, False
    elif context.is_folder(source):
        yield absolute, True
    else:
        parent, parent_source = posixpath.dirname(absolute), posixpath.dirname(source)
        if parent != workdir and parent_source and context.is_folder(parent_source):
            yield parent, True  # a file that is made at run time, in a folder that must be there


def _may_be_there(case: Case, stage: Stage, path: str, workdir: str) -> bool:
    """Would a file that the context lacks now be copied once somebody makes it?"""
    source = case.files(stage).context_path(posixpath.normpath(posixpath.join(workdir, path)))
    if source is None or case.context is None or case.context.is_file(source) or source in case.context.hidden:
        return False
    return any(p.is_folder and p.stage is None for p in case.files(stage).placements)


def _holds_source(case: Case, folder: str) -> bool:
    return case.context is not None and any(path.endswith(".go") for path in case.context.under(folder))


def _everything_but_source(case: Case, stage: Stage, workdir: str) -> Iterator[tuple[str, bool]]:
    """Where the program computes what it reads: all that is no source of Go, nor about the repository."""
    source = case.files(stage).context_path(workdir)
    context = case.context
    if source is None or context is None:
        return
    prefix = source + "/" if source else ""
    names = sorted({path[len(prefix) :].split("/")[0] for path in context.under(source)})
    for name in names:
        path = prefix + name
        if name in SOURCE_NAMES or name.lower().startswith(REPOSITORY_FILES) or name.lower().endswith(".dockerfile"):
            continue
        if context.is_file(path):
            if not name.endswith(SOURCE_SUFFIXES):
                yield posixpath.join(workdir, name), False
        elif any(not file.endswith(SOURCE_SUFFIXES) and not _is_test_data(file) for file in context.under(path)):
            yield posixpath.join(workdir, name), True


def _is_test_data(path: str) -> bool:
    return "/testdata/" in path or path.endswith("_test.go")
