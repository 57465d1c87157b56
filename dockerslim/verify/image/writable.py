"""Whether the user of one image may write what another image's program wrote.

Told from owners and modes alone, as the kernel would: nothing is run. Where the engine puts something of its own over
the image (/dev, /proc, /sys) the image says nothing, and nothing is said.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from dockerslim.verify.image.image_tree import ImageTree, Walk
from dockerslim.verify.image.layer_content import Entry
from dockerslim.verify.image.user_names import ProcessUser, shown_owner

ENGINE_FOLDERS = ("/dev", "/proc", "/sys")
_WRITE, _SEARCH = 2, 1
_STICKY = 0o1000


@dataclass(frozen=True, slots=True)
class Unwritable:
    """`path` can't be written: one that was asked for, or a folder that keeps several of them from being written."""

    path: str
    why: str
    paths: tuple[str, ...]
    """Those that were asked for, sorted."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a path can't be written; `folder` is what would have to change for it and for others below it."""

    why: str
    folder: str
    folder_why: str


def unwritable(
    tree: ImageTree, user: ProcessUser, paths: Iterable[str], volumes: Iterable[str] = ()
) -> tuple[Unwritable, ...]:
    """Those of the absolute `paths` that `user` could neither create nor change in the image, grouped by folder.

    A folder above another of the paths is passed over: it is listed for what changed in it. `volumes` are the image's:
    one that is no folder in it is made by the engine, for root.
    """
    if user.uid == 0:
        return ()
    asked = sorted({posixpath.normpath("/" + path.lstrip("/")) for path in paths})
    above = {str(parent) for path in asked for parent in PurePosixPath(path).parents}
    mounted = tuple(posixpath.normpath("/" + volume.lstrip("/")) for volume in volumes)
    judge = _Judge(tree, user, mounted)
    by_folder: dict[str, list[tuple[str, _Refusal]]] = defaultdict(list)
    for path in asked:
        refusal = None if path in above else judge.refusal(path)
        if refusal is not None:
            by_folder[refusal.folder].append((path, refusal))
    return _grouped(by_folder)


def _grouped(by_folder: dict[str, list[tuple[str, _Refusal]]]) -> tuple[Unwritable, ...]:
    """One for each folder, those of folders inside another that refuses too with it."""
    groups: dict[str, list[tuple[str, _Refusal]]] = {}
    for folder in sorted(by_folder):
        top = next((str(one) for one in PurePosixPath(folder).parents if str(one) in groups), folder)
        groups.setdefault(folder if top == "/" else top, []).extend(by_folder[folder])
    return tuple(_one(folder, refused) for folder, refused in groups.items())


def _one(folder: str, refused: list[tuple[str, _Refusal]]) -> Unwritable:
    path, refusal = refused[0]
    if len(refused) == 1:
        return Unwritable(path, refusal.why, (path,))
    return Unwritable(folder, refusal.folder_why, tuple(sorted(path for path, _ in refused)))


@dataclass(frozen=True, slots=True)
class _Judge:
    tree: ImageTree
    user: ProcessUser
    volumes: tuple[str, ...]

    def refusal(self, path: str) -> _Refusal | None:
        """Why `path` can't be written; None where it can."""
        walk = self.tree.walk(path)
        if _is_within(walk.path, ENGINE_FOLDERS):
            return None
        for folder in (*walk.left, *walk.folders):
            if not self._may(folder, _SEARCH):
                return self._refused_by(folder)
        if walk.obstacle is not None:
            name = "/" + walk.obstacle.path
            why = f"{name} goes in circles" if walk.obstacle.kind == "link" else f"{name} is no folder"
            return _Refusal(why, name, why)
        if walk.entry is not None:
            return self._of_entry(walk.entry, walk.folders[-1])
        return self._of_missing(walk)

    def _of_entry(self, entry: Entry, folder: Entry) -> _Refusal | None:
        if entry.kind == "folder":
            return None if self._may(entry, _WRITE | _SEARCH) else self._refused_by(entry)
        if self._may(entry, _WRITE) and not self._is_protected(entry, folder):
            return None
        may_change_folder = self._may(folder, _WRITE | _SEARCH)
        return self._refused_by(entry, entry if may_change_folder else folder)

    def _of_missing(self, walk: Walk) -> _Refusal | None:
        folder = walk.folders[-1]
        for count in range(1, len(walk.missing) + 1):
            made = posixpath.join("/", folder.path, *walk.missing[:count])
            if made in self.volumes:
                why = f"the engine makes {made} for root, the process runs as {self.user.shown}"
                return _Refusal(why, made, why)
        if self._may(folder, _WRITE | _SEARCH):
            return None
        if len(walk.missing) == 1:
            return self._refused_by(folder)
        missing_folder = posixpath.join("/", folder.path, walk.missing[0])
        why = f"{missing_folder} is not in the image and {self._why(folder)}"
        return _Refusal(why, missing_folder, why)

    def _may(self, entry: Entry, wanted: int) -> bool:
        """The first of owner, group and others that fits decides, even where a later one would allow more."""
        if entry.uid == self.user.uid:
            granted = entry.mode >> 6
        elif self.user.is_member(entry.gid):
            granted = entry.mode >> 3
        else:
            granted = entry.mode
        return granted & wanted == wanted

    def _is_protected(self, entry: Entry, folder: Entry) -> bool:
        """Linux's fs.protected_regular: in a sticky folder nobody opens a third person's file to create it."""
        return bool(folder.mode & _STICKY) and entry.uid not in (self.user.uid, folder.uid)

    def _refused_by(self, entry: Entry, folder: Entry | None = None) -> _Refusal:
        group = folder if folder is not None else entry
        return _Refusal(self._why(entry), "/" + group.path, self._why(group))

    def _why(self, entry: Entry) -> str:
        owner = shown_owner(self.tree, entry.uid, entry.gid)
        return f"/{entry.path} belongs to {owner} ({entry.mode:03o}), the process runs as {self.user.shown}"


def _is_within(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)
