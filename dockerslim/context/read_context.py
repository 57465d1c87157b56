"""Reading a build context from the disk.

The folder is a stranger's: the walk follows no link to a folder, a file is read only where it lies inside the
root, and both have limits.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from dockerslim.context.build_context import READ_LIMIT, BuildContext, parent_folders
from dockerslim.context.dockerignore import IgnoreFile

DEPTH_LIMIT = 100
"""Folders below the root that are still looked into."""

GENERATED_FOLDERS = frozenset(
    {
        ".gradle",
        ".mypy_cache",
        ".next",
        ".nox",
        ".nuxt",
        ".parcel-cache",
        ".pytest_cache",
        ".ruff_cache",
        ".svelte-kit",
        ".tox",
        ".turbo",
        ".venv",
        "__pycache__",
        "bower_components",
        "node_modules",
        "venv",
    }
)
"""Names of folders that tools fill with thousands of files; that they exist is all there is to know."""

_ENVIRONMENT_MARK = "pyvenv.cfg"
"""Stands at the top of a virtual environment, whatever its name."""


def read_context(root: Path, dockerfile: Path | None, *, limit: int = 50_000) -> BuildContext:
    """The build context in the folder `root`, as `COPY` of this Dockerfile sees it.

    `dockerfile` (None for one from stdin) decides which ignore file is in force: `<its name>.dockerignore` beside it,
    else `.dockerignore` at the root. At most `limit` files are listed. A folder that can't be read counts as empty;
    the context is then not complete.
    """
    ignore_name, ignore_text = _read_ignore_file(root, dockerfile)
    walk = _Walk(root, IgnoreFile.parse(ignore_text or ""), limit)
    walk.run()
    files = tuple(sorted(walk.files))
    return BuildContext(
        root=root,
        files=files,
        reader=reader_below(root),
        hidden=tuple(sorted(walk.hidden)),
        ignore_text=ignore_text,
        ignore_name=ignore_name,
        complete=walk.complete,
        has_git=os.path.lexists(root / ".git"),
        sampled=tuple(sorted(walk.sampled)),
        empty_folders=tuple(sorted(walk.folders - parent_folders(files))),
    )


def reader_below(root: Path) -> Callable[[str, int], bytes]:
    """A function that gives at most so many bytes of a file at a POSIX path below `root`.

    It raises OSError where there is no regular file, or where a link leads out of the root.
    """

    def read(path: str, limit: int) -> bytes:
        try:
            top = root.resolve(strict=True)
            file = (top / path).resolve(strict=True)
        except (RuntimeError, ValueError) as error:  # a loop of links; a name that no system knows
            raise OSError(f"{path}: {error}") from error
        if not file.is_relative_to(top) or not stat.S_ISREG(file.stat().st_mode):
            raise OSError(f"{path}: no regular file inside the build context")
        with file.open("rb") as stream:
            return stream.read(limit)

    return read


def _read_ignore_file(root: Path, dockerfile: Path | None) -> tuple[str, str | None]:
    """Path relative to the root and text of the ignore file in force; no text where there is none."""
    if dockerfile is not None:
        own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        text = _read_text(own.parent, own.name)
        if text is not None:
            return _relative(own, root), text
    return ".dockerignore", _read_text(root, ".dockerignore")


def _read_text(folder: Path, name: str) -> str | None:
    """The text without loss: encoding it with `surrogateescape` gives the file's bytes."""
    try:
        return reader_below(folder)(name, READ_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return None


def _relative(file: Path, root: Path) -> str:
    try:
        return PurePath(os.path.relpath(file.absolute(), root.absolute())).as_posix()
    except ValueError:  # another drive
        return file.absolute().as_posix()


@dataclass(slots=True)
class _Walk:
    """One walk through the folder, and what it has found so far."""

    root: Path
    ignore: IgnoreFile
    limit: int
    files: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    sampled: list[str] = field(default_factory=list)
    complete: bool = True

    def run(self) -> None:
        waiting = deque([""])
        visited = 0
        while waiting:
            visited += 1
            if visited > self.limit:
                self.complete = False
                return
            folder = waiting.popleft()
            for entry in self._entries(folder):
                path = f"{folder}/{entry.name}" if folder else entry.name
                if _is_folder(entry):
                    if self._enters(path, entry):
                        waiting.append(path)
                elif not self._add(path):
                    return

    def _enters(self, path: str, entry: os.DirEntry[str]) -> bool:
        """Note a folder, and say whether it is to be walked; of one that is not, one file is listed."""
        is_hidden = self.ignore.hides(path)
        if not is_hidden:
            self.folders.add(path)
        elif not self.ignore.may_show_below(path):
            if entry.name != ".git":
                self._add_first_below(path)
            return False
        if entry.name == ".git":
            self.sampled.append(path)
            return False
        if os.path.lexists(f"{entry.path}/{_ENVIRONMENT_MARK}"):
            self.sampled.append(path)
            self._add(f"{path}/{_ENVIRONMENT_MARK}")
            return False
        if entry.name in GENERATED_FOLDERS:
            self.sampled.append(path)
            self._add_first_below(path)
            return False
        if path.count("/") >= DEPTH_LIMIT:
            self.complete = False
            return False
        return True

    def _add_first_below(self, folder: str) -> None:
        """List the first file of a folder or, where it holds only folders, of the first of these."""
        for _ in range(DEPTH_LIMIT):
            entries = self._entries(folder)
            file = next((entry.name for entry in entries if not _is_folder(entry)), None)
            if file is not None:
                self._add(f"{folder}/{file}")
                return
            if not entries:
                return
            folder = f"{folder}/{entries[0].name}"

    def _add(self, path: str) -> bool:
        """List a file; False where the limit is reached."""
        if len(self.files) + len(self.hidden) >= self.limit:
            self.complete = False
            return False
        (self.hidden if self.ignore.hides(path) else self.files).append(path)
        return True

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """What is in a folder, by name; no more of it than the limit allows to list."""
        try:
            with os.scandir(self.root / folder) as entries:
                found = list(_at_most(entries, self.limit + 1))
        except OSError:
            self.complete = False
            return []
        return sorted(found, key=lambda entry: entry.name)


def _at_most(entries: Iterator[os.DirEntry[str]], limit: int) -> Iterator[os.DirEntry[str]]:
    for _, entry in zip(range(limit), entries, strict=False):
        yield entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """A real one: a link to a folder is, to COPY, a file that is a link."""
    try:
        is_junction = getattr(entry, "is_junction", None)
        return entry.is_dir(follow_symlinks=False) and not (is_junction is not None and is_junction())
    except OSError:
        return False
