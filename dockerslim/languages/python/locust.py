"""Command lines of Locust, which runs a file of the project.

Source: https://docs.locust.io/en/stable/configuration.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from dockerslim.languages.python.command import Command, Place, option_value

DEFAULT = "locustfile.py"
SETTINGS = ("locust.conf", "pyproject.toml")
"""Files beside it in which the same may be said."""


def locust_command(place: Place, arguments: Sequence[str]) -> Command:
    """What a `locust` runs and writes."""
    file = place.file(
        option_value(arguments, "-f", "--locustfile") or place.environment.get("LOCUST_LOCUSTFILE", DEFAULT)
    )
    if file is None:
        return Command("unknown", reason="the file that `locust` runs is not found")
    settings = next((name for name in SETTINGS if "locust" in _text(place, name)), None)
    variable = next((name for name in place.environment if name.startswith("LOCUST_") and _may_write(name)), None)
    said = settings or variable or ("--config" if option_value(arguments, "--config") else None)
    if said is not None:
        return Command("unknown", (file,), reason=f"`{said}` may name files that it writes")
    reports = (option_value(arguments, name) for name in ("--html", "--json-file", "--logfile"))
    prefix = option_value(arguments, "--csv")
    folder = (posixpath.join(posixpath.dirname(prefix), "") or "./",) if prefix else ()
    writes = (*(path for path in reports if path), *folder)
    return Command("server", (file,), place.script_folders(file), writes=writes)


def _may_write(variable: str) -> bool:
    return variable in ("LOCUST_CSV", "LOCUST_HTML", "LOCUST_JSON_FILE", "LOCUST_LOGFILE")


def _text(place: Place, name: str) -> str:
    file = place.file(name)
    return (place.context.read_text(file) if file is not None else None) or ""
