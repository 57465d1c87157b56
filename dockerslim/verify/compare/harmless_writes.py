"""Which of the paths that a program wrote as one user another user must be able to write."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources


def meaningful_writes(
    written: Mapping[str, str], old_home: str, new_home: str | None, *, working_folder: str = ""
) -> tuple[str, ...]:
    """The paths that matter of those that an image's run changed, sorted.

    `written` has `A`, `C` or `D` by absolute path. Folders that only hold what changed are left out, and of a tree that
    was added its topmost folder stands for all of it. What lies below the old user's home is told as the same path
    below the new one (None: the home isn't known, and nothing is moved), unless the program runs in a folder there: its
    own files don't move with the user.
    """
    inner = {parent for path in written for parent in _parents(path)}
    result = set[str]()
    for path in written:
        if path in inner or is_harmless(path, old_home):
            continue
        added = [parent for parent in _parents(path) if written.get(parent) == "A"]
        result.add(_moved(min(added, key=len, default=path), old_home, new_home, working_folder))
    return tuple(sorted(result))


def is_harmless(path: str, home: str = "") -> bool:
    """Does it not matter whether this path can be written? Without a home, any folder may be the home."""
    absolute, of_home, of_any_home = _patterns()
    if absolute.fullmatch(path):
        return True
    if not home:
        return of_any_home.fullmatch(path) is not None
    below = _below(path, home)
    return below is not None and of_home.fullmatch(below) is not None


def _parents(path: str) -> list[str]:
    """The folders above an absolute path, without the root."""
    return [path[: match.start()] for match in re.finditer("/", path) if match.start()]


def _below(path: str, folder: str) -> str | None:
    """The path as seen from a folder above it, with a slash in front."""
    rest = path.removeprefix(folder.rstrip("/"))
    return rest if rest.startswith("/") and (rest != path or folder == "/") else None


def _moved(path: str, old_home: str, new_home: str | None, working_folder: str) -> str:
    # The home of a user that the image doesn't know is the root, below which everything lies.
    if new_home is None or old_home.rstrip("/") == "" or (rest := _below(path, old_home)) is None:
        return path
    is_own_folder = working_folder and _below(f"{working_folder.rstrip('/')}/", old_home) is not None
    if is_own_folder and _below(f"{path}/", working_folder) is not None:
        return path
    return new_home.rstrip("/") + rest


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Of absolute paths, of paths below a home, and of these in any folder."""
    data = tomllib.loads(resources.files(__package__).joinpath("harmless_writes.toml").read_text(encoding="utf-8"))
    paths = [path for entry in data["write"] for path in entry["paths"]]
    absolute = "|".join(_expression(path) for path in paths if not path.startswith("~"))
    of_home = "|".join(_expression(path.removeprefix("~")) for path in paths if path.startswith("~"))
    return re.compile(absolute, re.DOTALL), re.compile(of_home, re.DOTALL), re.compile(f".*(?:{of_home})", re.DOTALL)


def _expression(glob: str) -> str:
    pieces = {"**/": "(?:.*/)?", "/**": "/.+", "*": "[^/]*"}
    return "".join(pieces.get(part, re.escape(part)) for part in re.split(r"(\*\*/|/\*\*$|\*)", glob))
