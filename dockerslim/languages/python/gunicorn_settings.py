"""What gunicorn's own file of settings says of the application: its name, and where its modules are looked for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from dockerslim.languages.python.command import Place

_ASSIGNMENT = re.compile(r"^(?P<name>chdir|pythonpath|wsgi_app)[ \t]*=[ \t]*(?P<value>[^\n]*)", re.MULTILINE)
_TEXT = re.compile(r"(?P<quote>[\"'])(?P<text>[^\"'\\\n]*)(?P=quote)[ \t]*(?:#.*)?")


def application_settings(place: Place, files: Iterable[str]) -> Mapping[str, str | None]:
    """`chdir`, `pythonpath` and `wsgi_app`, each where it is assigned; None where its value is computed."""
    found: dict[str, str | None] = {}
    for file in files:
        for match in _ASSIGNMENT.finditer(place.context.read_text(file) or ""):
            text = _TEXT.fullmatch(match["value"].strip())
            found[match["name"]] = text["text"] if text is not None else None
    return found


def module_folders(working_folder: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The folders of `--pythonpath a,b` and `--chdir c`, relative to where the server is started."""
    each = [part.strip() for path in paths for part in path.split(",") if part.strip()]
    joined = [posixpath.normpath(posixpath.join(working_folder, path)) for path in each]
    return (*joined, *([working_folder] if working_folder else []))
