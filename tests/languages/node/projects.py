"""Small projects in memory."""

from __future__ import annotations

import json
from typing import Any

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.project import NodeProject, detect


def project(files: dict[str, str] | None = None, **manifest: Any) -> NodeProject:
    """A project with this package.json (`devDependencies` and the like by name) and these files beside it."""
    found = detect(BuildContext.in_memory({"package.json": json.dumps(manifest, indent=2), **(files or {})}))
    assert found is not None
    return found


def npm_lock(**root: dict[str, str]) -> str:
    """A package-lock.json of the third format that agrees with these sections."""
    packages: dict[str, Any] = {"": root}
    for section, ranges in root.items():
        for name in ranges:
            packages[f"node_modules/{name}"] = {"version": "1.0.0", "dev": section == "devDependencies"}
    return json.dumps({"lockfileVersion": 3, "packages": packages})
