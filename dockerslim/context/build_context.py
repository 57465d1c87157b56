"""The files that a COPY can see, and their texts.

A context is data from a stranger: nothing in it is run, no link leads out of it, and a file is read only
up to a limit.
"""

from __future__ import annotations

import fnmatch
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dockerslim.context.dockerignore import IgnoreFile

READ_LIMIT = 1_000_000
"""Bytes; a source file above this is generated, or is no source."""


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What `COPY` sees.

    `files` are POSIX paths relative to the root, sorted, without what .dockerignore hides; `hidden` are the
    files that are there and hidden (one of each folder that is hidden as a whole). `reader` takes such a path and
    gives the file's bytes (at most so many).
    """

    root: Path | None
    files: tuple[str, ...]
    reader: Callable[[str, int], bytes]
    hidden: tuple[str, ...] = ()
    ignore_text: str | None = None
    """The text of the .dockerignore in force; None where there is none."""
    ignore_name: str = ".dockerignore"
    """Path of the ignore file in force, or of the one to make, relative to the root."""
    complete: bool = True
    """False where the walk stopped at its limit: what `files` lacks may still be there."""
    has_git: bool = False
    """Is there a `.git` at the root? What is in it is never listed."""
    sampled: tuple[str, ...] = ()
    """Folders of which at most one file is listed: installed packages, caches, `.git`."""
    empty_folders: tuple[str, ...] = ()
    """Folders that COPY sees and of which no file is in `files`; sorted."""
    _texts: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def in_memory(cls, files: Mapping[str, str | bytes], ignore_text: str | None = None) -> BuildContext:
        """A context that exists in memory only, for examples and tests; `ignore_text` hides what it says."""
        data = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
        visible, hidden = _divided(data, ignore_text)
        return cls(None, visible, lambda path, limit: data[path][:limit], hidden, ignore_text)

    def with_ignore_lines(self, lines: Sequence[str]) -> BuildContext:
        """The context as it is once these lines stand at the end of its ignore file."""
        if not lines:
            return self
        before = self.ignore_text or ""
        newline = "\r\n" if "\r\n" in before else "\n"
        glue = newline if before and not before.endswith("\n") else ""
        text = before + glue + "".join(line + newline for line in lines)
        visible, hidden = _divided((*self.files, *self.hidden), text)
        folders = parent_folders(self.files).union(self.empty_folders)
        ignore = IgnoreFile.parse(text)
        shown_folders = {folder for folder in folders if not ignore.hides(folder)}
        return replace(
            self,
            files=visible,
            hidden=hidden,
            ignore_text=text,
            # A folder that was hidden as a whole has not been walked.
            complete=self.complete and not any(line.lstrip().startswith("!") for line in lines),
            empty_folders=tuple(sorted(shown_folders - parent_folders(visible))),
            _texts={},
        )

    def has(self, path: str) -> bool:
        """Is there a file or a folder of this name?"""
        return self.is_file(path) or self.is_folder(path)

    def is_file(self, path: str) -> bool:
        index = bisect_left(self.files, path)
        return index < len(self.files) and self.files[index] == path

    def is_folder(self, path: str) -> bool:
        return path in ("", ".") or path in self.empty_folders or bool(self.under(path))

    def lacks(self, path: str) -> bool:
        """Is it sure that COPY sees no file or folder of this name?

        Not the opposite of `has`: a walk that stopped early, or a folder that was only sampled, leaves it open.
        """
        if self.has(path) or not self.complete:
            return False
        return not any(path.startswith(folder + "/") for folder in self.sampled)

    def under(self, folder: str) -> tuple[str, ...]:
        """The files below a folder, "" or "." being the root."""
        if folder in ("", "."):
            return self.files
        prefix = folder.rstrip("/") + "/"
        first = bisect_left(self.files, prefix)
        last = bisect_left(self.files, prefix[:-1] + chr(ord("/") + 1))
        return self.files[first:last]

    def glob(self, pattern: str) -> tuple[str, ...]:
        """The files that a pattern names; `*` does not cross `/`."""
        depth = pattern.count("/")
        return tuple(
            path
            for path in self.files
            if path.count("/") == depth
            and all(fnmatch.fnmatchcase(a, b) for a, b in zip(path.split("/"), pattern.split("/"), strict=True))
        )

    def read_text(self, path: str, limit: int = READ_LIMIT) -> str | None:
        """A file's text, or None where it isn't there, is too large, can't be read or is not text."""
        if path not in self._texts:
            self._texts[path] = self._load(path, limit)
        return self._texts[path]

    def _load(self, path: str, limit: int) -> str | None:
        if not self.is_file(path):
            return None
        try:
            data = self.reader(path, limit + 1)
        except OSError:
            return None
        if len(data) > limit or b"\0" in data:
            return None
        return data.decode("utf-8-sig", "replace")


def parent_folders(files: Iterable[str]) -> set[str]:
    """The folders that these files lie in, and those above, without the root."""
    folders: set[str] = set()
    for path in files:
        end = path.rfind("/")
        while end > 0 and path[:end] not in folders:
            folders.add(path[:end])
            end = path.rfind("/", 0, end)
    return folders


def _divided(files: Iterable[str], ignore_text: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files that COPY sees, and those that it does not."""
    ignore = IgnoreFile.parse(ignore_text or "")
    visible: list[str] = []
    hidden: list[str] = []
    for path in sorted(files):
        (hidden if ignore.hides(path) else visible).append(path)
    return tuple(visible), tuple(hidden)
