"""Strings that are paths by their looks, whatever is done with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerslim.languages.evidence import Evidence

SYSTEM_PATH = re.compile(r"/(?:etc|usr|var|lib|bin|sbin)/[\w.+@/-]+")
"""A file of the system, or one beside them."""
_LOG_OR_DATABASE = re.compile(r"(?:file:)?[\w.~@%$/\\-]*[\w%]\.(?:log|db|db3|ldb|nedb|sqlite|sqlite3|pid|sock)")
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]{1,20}://")
_IN_QUOTES = re.compile(r"""["']([^"'\s]{1,200})["']""")
_MOST_FOUND = 20
_NO_PATHS = ("console.", "http:", "https:", "Math.")


def is_system_path(text: str) -> bool:
    """Is it the path of a file in a folder of the system?"""
    return SYSTEM_PATH.fullmatch(text) is not None


def is_log_or_database(text: str) -> bool:
    """Is it the name of a file that is there to be written: a log, a database, a socket?"""
    return not text.startswith(_NO_PATHS) and _LOG_OR_DATABASE.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Is it the URL of something else than a file?"""
    return _ADDRESS.match(text) is not None and not text.startswith("file:")


def logs_in_settings(path: str, text: str) -> Iterator[Evidence]:
    """The logs and databases that a file of settings (JSON, YAML in quotes) names."""
    found = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for match in _IN_QUOTES.finditer(line[:2_000]):
            if is_log_or_database(match[1]) and found < _MOST_FOUND:
                found += 1
                yield Evidence(path, number, match[1])
