"""Signs that modules are fetched with somebody's credentials."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.evidence import Evidence

_CREDENTIALS = frozenset({".netrc", "_netrc", ".git-credentials"})
_SETTINGS = frozenset(
    {"Makefile", "makefile", "GNUmakefile", "Taskfile.yml", "Justfile", "justfile", "go.env", ".gitconfig", ".env"}
)
_SETTING = re.compile(r"\b(?:GOPRIVATE|GONOSUMDB|GONOSUMCHECK|GONOPROXY)\b|\binsteadOf\b", re.IGNORECASE)
_SHOWN = 80


def find_private(context: BuildContext, folder: str) -> tuple[Evidence, ...]:
    """Credentials, and settings for private modules, in a folder of the context or at its root."""
    return tuple(dict.fromkeys(_find(context, dict.fromkeys((folder, "")))))


def _find(context: BuildContext, folders: dict[str, None]) -> Iterator[Evidence]:
    for folder in folders:
        for name in sorted(_CREDENTIALS):
            path = posixpath.join(folder, name)
            if context.is_file(path):
                yield Evidence(path)
        for path in context.under(folder):
            inner = path[len(folder) + 1 :] if folder else path
            if "/" in inner or not (
                inner in _SETTINGS or inner.endswith(".sh") or inner.startswith(("compose", "docker-compose"))
            ):
                continue
            for number, line in enumerate((context.read_text(path) or "").split("\n"), 1):
                if _SETTING.search(line):
                    # The value may be a token: only the setting's name is shown.
                    yield Evidence(path, number, _SETTING.findall(line)[0][:_SHOWN])
                    break
