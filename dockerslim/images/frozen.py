"""The distribution release of a tag that names none.

Such a tag moves to the next Debian or Alpine as long as it is rebuilt, and keeps its last one afterwards.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from dockerslim.images.version import Version, newest, parse_version


def frozen_release(family: str, version: Version | None, variant: str) -> str | None:
    """`bookworm` for `golang`, `(1, 23)`, `full`; None where the tag is still rebuilt or is not known."""
    if version is None:
        return None
    wanted = newest(version)
    lines = [line for line in _lines(family) if version[: len(line)] == line[: len(version)]]
    if not lines:
        return None
    line = _lines(family)[max(lines)]
    if line.live is not None and wanted >= line.live:
        return None
    since = line.since.get(variant, line.since["full"] if variant == "slim" else ())
    reached = [release for first, release in since if first <= wanted]
    return reached[-1] or None if reached else None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of versions: for each variant, from which version on it is on which release ("" where not known)."""

    live: Version | None
    since: Mapping[str, tuple[tuple[Version, str], ...]]

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> _Line:
        since = {
            variant: tuple((parse_version(first) or (), release) for first, release in releases.items())
            for variant, releases in entry.items()
            if variant != "live"
        }
        return cls(parse_version(entry.get("live", "")), {"full": (), **since})


@lru_cache(maxsize=8)
def _lines(family: str) -> dict[Version, _Line]:
    file = resources.files(__package__).joinpath("frozen", f"{family}.toml")
    if not file.is_file():
        return {}
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return {version: _Line.read(entry) for name, entry in data.items() if (version := parse_version(name)) is not None}
