"""Development containers: does an editor work inside this Dockerfile's image?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dockerslim.context.text_file import Stamp, read_stamped, stamp

_FOLDERS_LIMIT = 50
# The file is JSON with comments and trailing commas; a key is found without reading the rest.
_KEY = re.compile(
    r"\"(dockerfile|dockerComposeFile|service|target)\"\s*:\s*(\[[^\]]{0,2000}\]|\"[^\"\n]{0,2000}\")", re.IGNORECASE
)
_TEXT = re.compile(r"\"([^\"]*)\"")
_COMMENT_LINE = re.compile(r"^[ \t]*//.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Devcontainer:
    """What a devcontainer.json names, paths relative to its folder."""

    dockerfile: str | None = None
    compose_files: tuple[str, ...] = ()
    service: str | None = None
    target: str | None = None
    line: int = 0
    """Of the Dockerfile, or of the service."""


def devcontainer_files(folder: Path, within: Path) -> Iterator[Stamp]:
    """The devcontainer.json files of a folder; no link is followed out of `within`."""
    home = folder / ".devcontainer"
    candidates = [folder / ".devcontainer.json", home / "devcontainer.json"]
    try:
        names = sorted(os.listdir(home))[:_FOLDERS_LIMIT]  # noqa: PTH208 (names are all that is needed)
    except OSError:
        names = []
    candidates.extend(home / name / "devcontainer.json" for name in names if not name.endswith(".json"))
    for candidate in candidates:
        state = stamp(candidate, within)
        if state is not None:
            yield state


@lru_cache(maxsize=256)
def read_devcontainer(state: Stamp) -> Devcontainer:
    """The file at a path, read once for as long as it stays the same."""
    return parse_devcontainer(read_stamped(state) or "")


def parse_devcontainer(text: str) -> Devcontainer:
    """What a devcontainer.json's text names."""
    text = _COMMENT_LINE.sub("", text)
    found: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    for match in _KEY.finditer(text):
        key = match[1].lower()
        if key not in found:
            found[key] = tuple(_TEXT.findall(match[2]))
            lines[key] = text.count("\n", 0, match.start()) + 1

    def first(key: str) -> str | None:
        return next(iter(found.get(key, ())), None)

    return Devcontainer(
        dockerfile=first("dockerfile"),
        compose_files=found.get("dockercomposefile", ()),
        service=first("service"),
        target=first("target"),
        line=lines.get("dockerfile", lines.get("service", 0)),
    )
