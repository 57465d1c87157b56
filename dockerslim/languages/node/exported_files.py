"""The file that another package of the workspace gets when it imports one."""

from __future__ import annotations

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import json_text
from dockerslim.languages.node.manifest import Manifest

_CONDITIONS = ("node", "require", "import", "default")
_DEPTH = 5


def exported_file(context: BuildContext, manifest: Manifest, subpath: str) -> str | None:
    """As written in the package.json (`./dist/index.js`), or by its default; None where `exports` doesn't say it."""
    exports = json_text.object_of(json_text.parse(context.read_text(manifest.path) or "")[0]).get("exports")
    if exports is None:
        return subpath or manifest.main or "index.js"
    key = f"./{subpath}" if subpath else "."
    table = json_text.object_of(exports)
    if not any(name.startswith(".") for name in table):
        return _target(exports) if not subpath else None
    if key in table:
        return _target(table[key])
    for pattern, value in table.items():
        prefix, star, suffix = pattern.partition("*")
        target = _target(value)
        if star and target and key.startswith(prefix) and key.endswith(suffix) and len(key) >= len(prefix + suffix):
            return target.replace("*", key[len(prefix) : len(key) - len(suffix)])
    return None


def _target(value: object) -> str | None:
    """The file of the first condition that Node takes."""
    for _ in range(_DEPTH):
        if isinstance(value, str):
            return value
        table = json_text.object_of(value)
        value = next((table[name] for name in _CONDITIONS if name in table), None)
    return None
