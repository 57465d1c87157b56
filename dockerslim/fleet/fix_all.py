"""Fixes a set of Dockerfiles: each on its own, their .dockerignore files together."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dockerslim.case import Case, Options
from dockerslim.context.build_context import BuildContext
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import Selection
from dockerslim.engine.result import Result
from dockerslim.engine.runner import run
from dockerslim.engine.transform import Transform
from dockerslim.fleet.discover import is_dockerfile_name
from dockerslim.fleet.open_case import LeftAlone, Rejected, open_case
from dockerslim.images.files import context_source
from dockerslim.output.read import InputError, read_file

MAX_MESSAGE = 100
"""Characters."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be looked at. `line` is 1-based, 0 for the file as a whole."""

    message: str
    help: str = ""
    line: int = 0
    trace: str = ""
    """Of our own fault."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after; `before` is None for a new file."""

    path: Path
    before: bytes | None
    after: bytes

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Outcome:
    """What came of one Dockerfile. Exactly one of `result`, `failure`, `left_alone` is set."""

    path: Path
    shown: str
    change: FileChange | None = None
    result: Result | None = None
    failure: Failure | None = None
    left_alone: LeftAlone | None = None
    context: BuildContext | None = None


def fix_all(
    paths: Sequence[Path],
    transforms: Selection | Sequence[Transform],
    options: Options,
    context: Path | None = None,
) -> Iterator[Outcome]:
    """One outcome a path, in the order of `paths`. One bad file never stops the others."""
    for path in paths:
        yield fix_file(path, transforms, options, context)


def fix_file(
    path: Path, transforms: Selection | Sequence[Transform], options: Options, context: Path | None
) -> Outcome:
    """What came of one file; nothing is written. Never raises for what is in it."""
    try:
        data = read_file(path)
    except InputError as error:
        return Outcome(path, shown(path), failure=Failure(error.message, error.help))
    return fix_data(data, path, transforms, options, context)


def fix_data(
    data: bytes, path: Path, transforms: Selection | Sequence[Transform], options: Options, context: Path | None
) -> Outcome:
    """What came of a file's bytes; `path` says where it lies, and need not exist. Never raises for what is in it."""
    name = shown(path)
    try:
        return _fixed(data, path, name, transforms, options, context)
    except Rejected as error:
        failure = Failure(f"not a Dockerfile that BuildKit accepts: {_short(error.message)}", "", error.line)
    except LeftAlone as reason:
        return Outcome(path, name, left_alone=reason)
    except Exception as error:  # our fault must not stop the other files
        failure = Failure(
            f"internal error: {type(error).__name__}: {error}",
            "report it with the file; --verbose shows where it happened",
            trace=traceback.format_exc(),
        )
    return Outcome(path, name, failure=failure)


def _fixed(
    data: bytes,
    path: Path,
    name: str,
    transforms: Selection | Sequence[Transform],
    options: Options,
    context: Path | None,
) -> Outcome:
    case = open_case(data, path, name, options, context)
    can_write = options.can_write_ignore and not _ignore_file_is_link(case)
    refused = _contradicted(case)
    case = replace(case, options=replace(options, refused_ignore_lines=refused, can_write_ignore=can_write))
    result = run(case, transforms.for_languages(case.languages) if isinstance(transforms, Selection) else transforms)
    after = result.text.encode("utf-8", "surrogateescape")
    return Outcome(path, name, FileChange(path, data, after), result, context=case.context)


def _ignore_file_is_link(case: Case) -> bool:
    """A link may lead out of the repository: nothing is written through it, so no fix may count on it."""
    if case.context is None or case.context.root is None:
        return False
    return (case.context.root / case.context.ignore_name).is_symlink()


def _short(text: str) -> str:
    """The words of a file that is no Dockerfile may have any length."""
    return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "..."


def shown(path: Path) -> str:
    """The path for messages and diffs: relative to the working folder where it lies below it, else as it was named."""
    if not path.is_absolute():
        return path.as_posix()
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def ignore_changes(outcomes: Sequence[Outcome]) -> tuple[FileChange, ...]:
    """The .dockerignore files to make or complete, each once, with the lines of all Dockerfiles of its context."""
    wanted: dict[Path, tuple[BuildContext, list[str]]] = {}
    for outcome in outcomes:
        if outcome.result is None or not outcome.result.ignore_lines or outcome.context is None:
            continue
        if outcome.context.root is None:
            continue
        path = outcome.context.root / outcome.context.ignore_name
        _, lines = wanted.setdefault(path, (outcome.context, []))
        lines.extend(line for line in outcome.result.ignore_lines if line not in lines)
    changes = []
    for path, (context, lines) in sorted(wanted.items()):
        before = context.ignore_text
        changes.append(FileChange(path, _bytes(before), completed_ignore(before, lines)))
    return tuple(change for change in changes if change.changed)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogateescape")


def completed_ignore(before: str | None, lines: Sequence[str]) -> bytes:
    """The bytes of an ignore file once the lines stand at its end; `before` is None where there is no file yet."""
    if before is None:
        return "".join(line + "\n" for line in lines).encode()
    newline = "\r\n" if "\r\n" in before else "\n"
    glue = "" if not before or before.endswith("\n") else newline
    return (before + glue + "".join(line + newline for line in lines)).encode("utf-8", "surrogateescape")


def _contradicted(case: Case) -> frozenset[str]:
    """Ignore lines that another Dockerfile of the same context would break on."""
    if case.context is None:
        return frozenset()
    refused = contradicted_lines(case.dockerfile)
    for name in case.context.files:
        if not is_dockerfile_name(name.rsplit("/", 1)[-1]):
            continue
        text = case.context.read_text(name)
        if text is not None:
            refused |= contradicted_lines(Dockerfile.of_text(text))
    return frozenset(refused)


def contradicted_lines(dockerfile: Dockerfile) -> set[str]:
    """The lines that would hide what this Dockerfile copies by name."""
    found: set[str] = set()
    for instruction in dockerfile.instructions:
        if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from"):
            continue
        for word in instruction.sources:
            parts = set(context_source(word.text).split("/"))
            for line in NAMED_FOLDERS:
                if line.removeprefix("**/") in parts:
                    found.add(line)
    return found


NAMED_FOLDERS = ("**/node_modules", "node_modules", ".git", "**/.venv", "**/venv", "**/__pycache__")
