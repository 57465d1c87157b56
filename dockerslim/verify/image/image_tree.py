"""The files of an image as a container sees them: its layers laid over each other, and paths looked up through links.

No look-up leaves the image: `..` stops at its root and an absolute link starts there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from dockerslim.verify.image.layer_content import Entry, LayerContent

LINKS_LIMIT = 40
"""As many as Linux follows in one path."""
ROOT = Entry("", "folder", 0, 0o755, 0, 0)


@dataclass(frozen=True, slots=True)
class Walk:
    """A path followed from the root as far as it goes, links resolved.

    `folders` are those that lead to its end, the root first; `entry` is what the path names. It is None where names are
    `missing` (below the last of the folders), or where something on the way is no folder (`obstacle`).
    """

    folders: tuple[Entry, ...]
    entry: Entry | None = None
    missing: tuple[str, ...] = ()
    obstacle: Entry | None = None
    """A file where a folder would have to be, or a link that leads nowhere for going in circles."""
    left: tuple[Entry, ...] = ()
    """Folders that it also went through, and left by a link or `..`."""

    @property
    def path(self) -> str:
        """The absolute path that it came to, links resolved."""
        if self.entry is not None:
            return "/" + self.entry.path
        return posixpath.join("/", self.folders[-1].path, *self.missing)


@dataclass(frozen=True, slots=True)
class ImageTree:
    """All paths of an image, relative to its root; a hard link is an entry of the kind of what it links to."""

    entries: Mapping[str, Entry] = field(default_factory=lambda: {"": ROOT})
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Of the few files that were kept."""

    @property
    def files(self) -> int:
        """How many files and links there are: all but folders and devices."""
        return sum(entry.kind in ("file", "link") for entry in self.entries.values())

    def walk(self, path: str, *, follow: bool = True) -> Walk:
        """Follows `path`; with `follow` False a link at its very end is what it names."""
        folders = [self.entries.get("", ROOT)]
        left: list[Entry] = []
        pending = _names(path)
        links = 0
        while pending:
            name = pending.pop()
            if name == "..":
                if len(folders) > 1:
                    left.append(folders.pop())
                continue
            entry = self.entries.get(posixpath.join(folders[-1].path, name))
            if entry is None:
                return Walk(tuple(folders), missing=(name, *reversed(pending)), left=tuple(left))
            if entry.kind == "folder":
                folders.append(entry)
            elif entry.kind == "link" and (pending or follow):
                links += 1
                if links > LINKS_LIMIT:
                    return Walk(tuple(folders), obstacle=entry, left=tuple(left))
                if entry.target.startswith("/"):
                    left += folders[1:]
                    del folders[1:]
                pending += _names(entry.target)
            elif pending:
                return Walk(tuple(folders), obstacle=entry, left=tuple(left))
            else:
                return Walk(tuple(folders), entry, left=tuple(left))
        return Walk(tuple(folders[:-1]) or (folders[0],), folders[-1], left=tuple(left))

    def entry(self, path: str) -> Entry | None:
        """What is at `path`, all links followed."""
        return self.walk(path).entry

    def content(self, path: str) -> bytes | None:
        """The content of a file that was kept, all links followed."""
        entry = self.entry(path)
        return None if entry is None else self.contents.get(entry.path)

    def is_executable(self, path: str) -> bool:
        """Whether there is a file that somebody may run."""
        entry = self.entry(path)
        return entry is not None and entry.kind == "file" and entry.mode & 0o111 != 0

    def below(self, folder: str) -> Iterator[Entry]:
        """All entries under `folder`, a path without links, however deep."""
        prefix = folder.strip("/") + "/"
        return (entry for path, entry in self.entries.items() if path.startswith(prefix))


def flatten(layers: Iterable[LayerContent]) -> ImageTree | None:
    """The tree of an image from its layers, the lowest first; None where a layer is not known."""
    entries: dict[str, Entry] = {"": ROOT}
    contents: dict[str, bytes] = {}
    for layer in layers:
        if layer.entries is None:
            return None
        _take_away(layer, entries, contents)
        for entry in layer.entries:
            contents.pop(entry.path, None)
            if entry.path in layer.kept:
                contents[entry.path] = layer.kept[entry.path]
            if entry.kind == "hard link":
                original = entries.get(entry.target)
                if original is None:
                    continue
                if entry.target in contents:
                    contents[entry.path] = contents[entry.target]
                entry = replace(original, path=entry.path)
            _add_parents(entry.path, entries)
            entries[entry.path] = entry
    return ImageTree(entries, contents)


def _take_away(layer: LayerContent, entries: dict[str, Entry], contents: dict[str, bytes]) -> None:
    """What the layer hides of lower ones: removed paths, what emptied folders had, folders that became files."""
    gone = set(layer.removed)
    for entry in layer.entries or ():
        if entry.kind != "folder":
            lower = entries.get(entry.path)
            if lower is not None and lower.kind == "folder":
                gone.add(entry.path)
    emptied = layer.emptied
    if not gone and not emptied:
        return
    hidden = [
        path
        for path in entries
        if path in gone or any(parent in gone or parent in emptied for parent in _parents(path))
    ]
    for path in hidden:
        if path:
            del entries[path]
            contents.pop(path, None)


def _add_parents(path: str, entries: dict[str, Entry]) -> None:
    """An archive need not name the folders that its files are in; engines make them for root."""
    for parent in _parents(path):
        if parent in entries:
            return
        entries[parent] = replace(ROOT, path=parent)


def _parents(path: str) -> Iterator[str]:
    """The folders that `path` is in, the nearest first, the root last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _names(path: str) -> list[str]:
    """The names that `path` is made of, the last first."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
