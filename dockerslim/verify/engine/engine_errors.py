"""One clear message for what an engine's client prints when it can't do what it was asked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dockerslim.verify.errors import VerifyError

_TABLE = Path(__file__).with_name("engine_errors.toml")

_ASIDES = ("warning:", "emulate docker cli", "using default tag")
_LOGGED_ASIDE = re.compile(r'time="[^"]*" level=(?:warning|info|debug) ')

_LONGEST_LINE = 1000
"""Characters of a line that are looked at: a stranger's program may have printed it."""


@dataclass(frozen=True, slots=True)
class EngineError:
    """What was recognised in the client's words."""

    message: str
    help: str
    whole_engine: bool
    """Nothing else can be done with this engine either."""

    @property
    def as_exception(self) -> VerifyError:
        return VerifyError(self.message, self.help)


@dataclass(frozen=True, slots=True)
class _Entry:
    patterns: tuple[re.Pattern[str], ...]
    message: str
    help: str
    whole_engine: bool


def recognise(text: str, engine: str) -> EngineError | None:
    """What the standard error of the client `engine` means; None where no entry of the table says."""
    lines = [line[:_LONGEST_LINE] for line in text.splitlines()]
    for entry in _table():
        for pattern in entry.patterns:
            for line in lines:
                if found := pattern.search(line):
                    words = {"engine": engine, **_words(found)}
                    return EngineError(entry.message.format(**words), entry.help.format(**words), entry.whole_engine)
    return None


def engine_error(text: str, engine: str) -> VerifyError:
    """The exception for a client that failed with `text`; one that isn't in the table is told in the client's words."""
    known = recognise(text, engine)
    return known.as_exception if known else VerifyError(f"{engine}: {plain_words(text) or 'it failed without a word'}")


def plain_words(text: str) -> str:
    """The sentence that tells why, without what the client puts around it."""
    for line in text.splitlines():
        said = re.sub(r"^(?:error response from daemon:|error:|err:)\s*", "", line.strip(), flags=re.IGNORECASE)
        if said and not said.lower().startswith(_ASIDES) and not _LOGGED_ASIDE.match(said):
            return said[:_LONGEST_LINE]
    return ""


def _words(found: re.Match[str]) -> dict[str, str]:
    """The named groups, and `of_what`: the image or the host in backticks where one was named."""
    words = {key: value for key, value in found.groupdict().items() if value is not None}
    named = words.get("image") or words.get("host") or ""
    named = re.sub(r"^docker\.io/(?:library/)?", "", named.strip("\"'`:,"))
    return {**words, "of_what": f" `{named}`" if named else ""}


@cache
def _table() -> tuple[_Entry, ...]:
    return tuple(_entries())


def _entries() -> Iterator[_Entry]:
    for entry in tomllib.loads(_TABLE.read_text(encoding="utf-8"))["error"]:
        patterns = tuple(re.compile(pattern, re.IGNORECASE) for pattern in entry["patterns"])
        yield _Entry(patterns, entry["message"], entry["help"], entry.get("whole_engine", False))
