"""Does an npm lock file hold what its own packages ask for?

`npm install --legacy-peer-deps` writes one that doesn't, and npm 11 one in which an optional peer has another version
than asked for; an older `npm ci` then says that the lock is out of date.
"""

from __future__ import annotations

from collections.abc import Mapping

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node import json_text
from dockerslim.languages.node.lock import read_lock_text
from dockerslim.languages.node.semver import satisfies


def unmet_peer(context: BuildContext, path: str) -> str | None:
    """The name of a package that another needs beside it, and that the lock file lacks or holds in a version which
    doesn't do; None where there is none, or the format doesn't tell."""
    data = json_text.object_of(json_text.parse(read_lock_text(context, path) or "")[0])
    packages = json_text.object_of(data.get("packages"))
    for folder, value in packages.items():
        entry = json_text.object_of(value)
        optional = {
            name
            for name, meta in json_text.object_of(entry.get("peerDependenciesMeta")).items()
            if json_text.object_of(meta).get("optional")
        }
        # A package that is there for another system only brings nobody along.
        if entry.get("optional") or entry.get("peer") or entry.get("extraneous"):
            continue
        for name, wanted in json_text.text_map_of(entry.get("peerDependencies")).items():
            if not _is_met(packages, folder, name, wanted, is_optional=name in optional):
                return name
    return None


def _is_met(packages: Mapping[str, object], folder: str, name: str, wanted: str, *, is_optional: bool) -> bool:
    """Node's own search: beside the package, then in each node_modules above."""
    while True:
        entry = packages.get(f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}")
        if entry is not None:
            found = json_text.object_of(entry)
            version = json_text.text_of(found.get("version"))
            return found.get("link") is True or version is None or satisfies(version, wanted) is not False
        if not folder:
            return is_optional
        folder = folder.rpartition("/node_modules/")[0] if "/node_modules/" in folder else ""
