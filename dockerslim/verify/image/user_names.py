"""Who an image's USER is: names looked up in the image's own etc/passwd and etc/group, as engines do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.verify.image.image_tree import ImageTree

PASSWD = "/etc/passwd"
GROUP = "/etc/group"
HIGHEST_ID = 2**31 - 1
"""The highest that engines take."""


@dataclass(frozen=True, slots=True)
class ProcessUser:
    """As whom a process runs. `name` is empty where the image has none for the number."""

    uid: int
    gid: int
    groups: frozenset[int] = frozenset()
    """More groups, that it is a member of by name."""
    home: str = "/"
    name: str = ""

    def is_member(self, gid: int) -> bool:
        """Whether the permissions of this group are its own."""
        return gid == self.gid or gid in self.groups

    @property
    def shown(self) -> str:
        """Its numbers, as in `1000:1000`."""
        return f"{self.uid}:{self.gid}"


@dataclass(frozen=True, slots=True)
class _Account:
    name: str
    uid: int
    gid: int
    home: str


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    gid: int
    members: tuple[str, ...]


def process_user(tree: ImageTree, text: str) -> ProcessUser | None:
    """The user that USER `text` (`node`, `1000:1000`, `app:app`, nothing) means in the image; None for an unknown name.

    A number needs no entry. Only a user without a group of its own in `text` is in more groups than one.
    """
    user, _, group = text.strip().partition(":")
    account = next((one for one in _accounts(tree) if _is_meant(user or "0", one.name, one.uid)), None)
    uid = account.uid if account is not None else _number(user or "0")
    if uid is None:
        return None
    name, home = (account.name, account.home or "/") if account is not None else ("", "/")
    if group:
        known = next((one.gid for one in _groups(tree) if _is_meant(group, one.name, one.gid)), None)
        gid = known if known is not None else _number(group)
        return ProcessUser(uid, gid, frozenset(), home, name) if gid is not None else None
    groups = frozenset(one.gid for one in _groups(tree) if name and name in one.members)
    return ProcessUser(uid, account.gid if account is not None else 0, groups, home, name)


def shown_user(tree: ImageTree | None, text: str) -> str:
    """USER `text` as a person reads it: `root`, `node (1000)`, `app:web (1000:33)`, and numbers as they are written."""
    text = text.strip()
    if text in ("", "0", "root", "0:0", "root:root", "0:root", "root:0"):
        return "root"
    user = process_user(tree, text) if tree is not None else None
    if user is None or text.partition(":")[0].isdecimal():
        return text
    return f"{text} ({user.shown if ':' in text else user.uid})"


def shown_owner(tree: ImageTree, uid: int, gid: int) -> str:
    """An owner as a person reads it: `root`, `app:staff`, `1000:1000`."""
    user = next((one.name for one in _accounts(tree) if one.uid == uid), "root" if uid == 0 else str(uid))
    group = next((one.name for one in _groups(tree) if one.gid == gid), "root" if gid == 0 else str(gid))
    return user if user == group and not user.isdecimal() else f"{user}:{group}"


def _is_meant(text: str, name: str, number: int) -> bool:
    return text == name or text == str(number)


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal()):
        return None
    number = int(text[:20])
    return number if number <= HIGHEST_ID else None


def _accounts(tree: ImageTree) -> Iterator[_Account]:
    for name, _, uid, gid, _, home, *_ in _lines(tree, PASSWD, 6):
        yield _Account(name, _number(uid) or 0, _number(gid) or 0, home)


def _groups(tree: ImageTree) -> Iterator[_Group]:
    for name, _, gid, members, *_ in _lines(tree, GROUP, 4):
        yield _Group(name, _number(gid) or 0, tuple(members.split(",")))


def _lines(tree: ImageTree, path: str, fields: int) -> Iterator[list[str]]:
    """The lines of a table; what is missing at the end of one, or no number, counts as nothing, as engines read it."""
    content = tree.content(path) or b""
    for line in content.decode("utf-8", "replace").split("\n"):
        if line.strip():
            parts = line.strip().split(":")
            yield parts + [""] * (fields - len(parts))
