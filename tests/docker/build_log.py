"""Which RUN a build has executed, read from what `docker build --progress=plain` prints."""

from __future__ import annotations

import re

STEP = re.compile(r"^#(?P<number>\d+) \[[^]]*\d+/\d+\] RUN (?P<command>.*)$", re.MULTILINE)
CACHED = re.compile(r"^#(?P<number>\d+) CACHED$", re.MULTILINE)


def executed_runs(log: str) -> tuple[str, ...]:
    """The RUN instructions, options included, whose result was not in the build cache; in the order of the log."""
    cached = {match["number"] for match in CACHED.finditer(log)}
    executed = {match["number"]: match["command"] for match in STEP.finditer(log) if match["number"] not in cached}
    return tuple(executed.values())


def cached_runs(log: str) -> tuple[str, ...]:
    """The RUN instructions whose result was taken from the build cache."""
    cached = {match["number"] for match in CACHED.finditer(log)}
    found = {match["number"]: match["command"] for match in STEP.finditer(log) if match["number"] in cached}
    return tuple(found.values())
