"""Chooses what is edited in the build context to see what a rebuild costs: one source file, one manifest.

The edit is a comment at the end of the file (blanks in JSON, which has none), so the program stays what it is. The
edited manifest asks for nothing new: its figure is what it costs that the install runs again, not what a new dependency
costs to download.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction
from dockerslim.split.start import Start, start_of
from dockerslim.verify.build.copied_files import built_stages, copied_files

MARK_BITS = 48
"""Of the mark that makes an edit one that no earlier build has seen."""

_HIDDEN_FROM_BUILD = re.compile(r"^//\s*(?:go:build|\+build)\b|^// Code generated ", re.MULTILINE)
_NO_SOURCE = re.compile(
    r"""_test\.go$
    | \.(?:test|spec|stories|config|min|d)\.[cm]?[jt]sx?$
    | (?:^|/)(?:test_[^/]*|conftest|[^/]*_test|__init__|setup|noxfile)\.py$
    | (?:^|/)(?:gulpfile|Gruntfile)\.js$
    | (?:^|/)\.[^/]*$""",
    re.VERBOSE,
)
_SIDE_FOLDERS = frozenset(
    {
        "__tests__", "doc", "docs", "e2e", "example", "examples", "migrations", "public", "scripts", "spec", "static",
        "test", "testdata", "tests", "vendor",
    }
)  # fmt: skip
"""Hold what is no part of the main program, most likely."""

_NO_TEXT = re.compile(r"(?:^|/)(?:Dockerfile[^/]*|[^/]*\.Dockerfile|[^/]*lock[^/]*|LICENSE[^/]*)$|\.(?:json|lock|sum)$")


@dataclass(frozen=True, slots=True)
class ContextEdit:
    """An edit of one file of the build context.

    `path` is POSIX and relative to the context; `comment` is how a comment is written, `{}` standing for its text, and
    empty where a file has none.
    """

    path: str
    comment: str

    def applied(self, data: bytes, mark: str) -> bytes:
        """The file with `mark` (hex digits) at its end; another mark makes another file of the same size."""
        newline = b"\r\n" if data.endswith(b"\r\n") else b"\n"
        glue = b"" if not data or data.endswith(b"\n") else newline
        line = self.comment.replace("{}", f"dockerslim {mark}") if self.comment else _as_blanks(mark)
        return data + glue + line.encode() + newline


def _as_blanks(mark: str) -> str:
    bits = f"{int(mark, 16) & (2**MARK_BITS - 1):0{MARK_BITS}b}"
    return bits.replace("0", " ").replace("1", "\t")


@dataclass(frozen=True, slots=True)
class ContextChanges:
    """The edits of a measurement; where one is None its reason says why."""

    source: ContextEdit | None
    dependency: ContextEdit | None
    source_reason: str = ""
    dependency_reason: str = ""


def context_changes(case: Case, target: str | None = None) -> ContextChanges:
    """Both edits for a Dockerfile that is built up to `target` (None: to its end)."""
    source, dependency = source_change(case, target), dependency_change(case, target)
    return ContextChanges(
        source,
        dependency,
        "" if source else "the Dockerfile copies no source file of the build context",
        "" if dependency else "the Dockerfile copies no file that says what is to be installed",
    )


def source_change(case: Case, target: str | None = None) -> ContextEdit | None:
    """A comment in the file that most likely is the main program; None where no text file is copied."""
    copied = copied_files(case, target)
    for path in dict.fromkeys((*_started_files(case, copied, target), *_by_name(case, copied))):
        comment = _comment_for(path)
        if comment and path in copied and _is_editable(case, path):
            return ContextEdit(path, comment)
    for path in sorted(copied, key=lambda path: (path.count("/"), path)):
        if not _NO_TEXT.search(path) and not _is_left_out(case, path) and _is_text(case, path):
            return ContextEdit(path, _comment_for(path) or "# {}")
    return None


def dependency_change(case: Case, target: str | None = None) -> ContextEdit | None:
    """A comment in the manifest that the image's install most likely reads; None where none is copied."""
    copied = copied_files(case, target)
    languages = case.languages
    commands = " ".join(instruction.value for stage in built_stages(case, target) for instruction in stage.all("RUN"))
    best: tuple[tuple[int | bool | str, ...], ContextEdit] | None = None
    for rank, (names, language, comment) in enumerate(_tables().manifests):
        for path, instruction in copied.items():
            if not any(_is_called(path, name) for name in names) or _is_left_out(case, path):
                continue
            key = (
                path not in commands.split(),
                bool(languages) and language not in languages,
                not _is_named(path, instruction),
                path.count("/"),
                rank,
                len(path),
                path,
            )
            if (best is None or key < best[0]) and _is_text(case, path):
                best = (key, ContextEdit(path, comment))
    return best[1] if best else None


def _is_called(path: str, pattern: str) -> bool:
    depth = pattern.count("/") + 1
    return fnmatch.fnmatchcase("/".join(path.split("/")[-depth:]), pattern)


def _is_named(path: str, instruction: Instruction) -> bool:
    """Is it copied by its own name, or by a pattern like `package*.json`, as before an install?"""
    words = (posixpath.basename(word.text) for word in instruction.sources)
    return any(word not in ("", ".", "*") and fnmatch.fnmatchcase(posixpath.basename(path), word) for word in words)


# --- what the image starts ---


def _started_files(case: Case, copied: Mapping[str, Instruction], target: str | None) -> Iterator[str]:
    stage = (case.dockerfile.stage_named(target) if target else None) or case.stage
    start = start_of(case, stage)
    languages = case.languages
    if start is not None and "python" in languages:
        from dockerslim.split.python.program import started_programs

        programs = started_programs(case, stage, start)
        entries = [file for command in programs.commands for file in command.entry_files]
        # These only pass on.
        entries.sort(key=lambda path: posixpath.basename(path) in ("manage.py", "__init__.py"))
        yield from (path for path in map(programs.view.source, entries) if path is not None)
    if start is not None and "node" in languages:
        from dockerslim.split.node.start import node_start

        node = node_start(case, stage, start)
        for path in node.command.entry_files if node is not None else ():
            yield path
            yield from _source_of_output(path, copied)
    if "go" in languages:
        yield from _go_files(case, copied, start)


def _source_of_output(path: str, copied: Mapping[str, Instruction]) -> Iterator[str]:
    """What `dist/server.js` is most likely compiled from."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    for ending in ("ts", "tsx", "mts", "js", "mjs"):
        yield from (
            other for other in copied if posixpath.basename(other) == f"{stem}.{ending}" and "src" in other.split("/")
        )


def _go_files(case: Case, copied: Mapping[str, Instruction], start: Start | None) -> Iterator[str]:
    """The main file of the program that is started, else of one that is built."""
    words = [word for line in (start.commands() if start is not None else ()) for word in line]
    names = {posixpath.basename(word) for word in words}
    built = " ".join(instruction.value for stage in case.dockerfile.stages for instruction in stage.all("RUN"))
    folders: list[str] = []
    for path in copied:
        if posixpath.basename(path) == "go.mod":
            project = case.go_project(posixpath.dirname(path))
            packages = project.main_packages if project is not None else ()
            folders.extend(posixpath.normpath(posixpath.join(posixpath.dirname(path), package)) for package in packages)
    folders.sort(key=lambda folder: (posixpath.basename(folder) not in names, folder not in built, folder.count("/")))
    for folder in folders:
        files = [path for path in copied if (posixpath.dirname(path) or ".") == folder and path.endswith(".go")]
        yield from sorted(files, key=lambda path: (posixpath.basename(path) != "main.go", path))


# --- by name ---


def _by_name(case: Case, copied: Mapping[str, Instruction]) -> list[str]:
    """All source files, the likeliest main file first."""
    ranks: dict[str, tuple[int | bool | str, ...]] = {}
    for language, (endings, main) in _tables().sources.items():
        is_other = language not in case.languages
        for path in copied:
            name = posixpath.basename(path)
            if name.rpartition(".")[2] not in endings or _is_left_out(case, path) or path in ranks:
                continue
            place = main.index(name) if name in main else len(main)
            in_side_folder = not _SIDE_FOLDERS.isdisjoint(path.split("/")[:-1])
            ranks[path] = (is_other, in_side_folder, name not in main, path.count("/"), place, path)
    return sorted(ranks, key=lambda path: ranks[path])


def _is_left_out(case: Case, path: str) -> bool:
    folders = case.context.sampled if case.context is not None else ()
    return bool(_NO_SOURCE.search(path)) or any(path.startswith(folder + "/") for folder in folders)


def _is_editable(case: Case, path: str) -> bool:
    if not _is_text(case, path):
        return False
    text = case.context.read_text(path) if case.context is not None else None
    return not (path.endswith(".go") and _HIDDEN_FROM_BUILD.search(text or ""))


def _is_text(case: Case, path: str) -> bool:
    text = case.context.read_text(path) if case.context is not None else None
    return text is not None and "\ufffd" not in text


# --- tables ---


@dataclass(frozen=True, slots=True)
class _Tables:
    comments: Mapping[str, str]
    """Ending to comment."""
    sources: Mapping[str, tuple[frozenset[str], tuple[str, ...]]]
    """Language to endings and names of main files."""
    manifests: tuple[tuple[tuple[str, ...], str, str], ...]
    """Names, language, comment."""


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    text = resources.files(__package__).joinpath("context_changes.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return _Tables(
        {ending: comment for comment, endings in data["comments"].items() for ending in endings},
        {name: (frozenset(table["endings"]), tuple(table["main"])) for name, table in data["sources"].items()},
        tuple((tuple(row["names"]), row["language"], row["comment"]) for row in data["manifests"]),
    )


def _comment_for(path: str) -> str:
    return _tables().comments.get(posixpath.basename(path).rpartition(".")[2].lower(), "")
