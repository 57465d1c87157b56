"""Programs that a full language image has and its slim twin lacks: data, in full_image.toml beside this file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class FullImagePrograms:
    """`packages` brings each program back; `builders` are those for building; `common` are words of English too."""

    packages: Mapping[str, str]
    builders: frozenset[str]
    common: frozenset[str]

    def named_in(self, text: str) -> tuple[str, ...]:
        """The programs that a shell script may run, each once, sorted."""
        lines = [line for line in text.split("\n") if not line.lstrip().startswith("#")]
        words = {_FOLDER.sub("", word) for line in lines for word in re.split(r"[\s;&|()`\"'$,\[\]]+", line)}
        found = words & (self.packages.keys() | self.builders) - self.common
        starts = {match[1] for line in lines for match in _COMMAND.finditer(line)}
        return tuple(sorted(found | (starts & self.common)))


_IN_PATH = r"(?:/(?:usr/)?(?:local/)?s?bin/)"
_FOLDER = re.compile("^" + _IN_PATH)
_COMMAND = re.compile(
    r"(?:^|[;&|(`!]|\b(?:then|do|else|if|while|until|exec)\b)\s*(?:\w+=\S*\s+)?" + _IN_PATH + r"?([\w+-]+)"
)


@lru_cache(maxsize=1)
def full_image_programs() -> FullImagePrograms:
    """The table, read once."""
    data = tomllib.loads(resources.files(__package__).joinpath("full_image.toml").read_text(encoding="utf-8"))
    return FullImagePrograms(data["packages"], frozenset(data["builders"]["names"]), frozenset(data["words"]["common"]))
