"""Runs one transform of the Node folder over a file whose context is in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dockerslim.case import Options
from dockerslim.context.usage import Usage
from tests.transforms.rewriting import NO_OPTIONS, rewrite_alone
from tests.transforms.rewriting import OneTransform as Rewritten

__all__ = ["Rewritten", "lock", "manifest", "rewrite"]


def rewrite(
    transform: str,
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    ignore: str | None = None,
    usage: Usage | None = None,
    options: Options | None = None,
) -> Rewritten:
    """What one of the Node transforms makes of a text."""
    return rewrite_alone(f"node/{transform}", text, files, ignore=ignore, usage=usage, options=options or NO_OPTIONS)


def manifest(
    *dependencies: str,
    dev: tuple[str, ...] = (),
    scripts: Mapping[str, str] | None = None,
    **more: object,
) -> str:
    """A package.json; each dependency is wanted in version 1.0.0."""
    return json.dumps(
        {
            "scripts": dict(scripts or {}),
            "dependencies": dict.fromkeys(dependencies, "1.0.0"),
            "devDependencies": dict.fromkeys(dev, "1.0.0"),
            **more,
        }
    )


def lock(*dependencies: str, dev: tuple[str, ...] = (), version: int = 3, scripts: tuple[str, ...] = ()) -> str:
    """A package-lock.json that agrees with `manifest` of the same dependencies; `scripts` run at install."""
    packages: dict[str, object] = {
        "": {"dependencies": dict.fromkeys(dependencies, "1.0.0"), "devDependencies": dict.fromkeys(dev, "1.0.0")}
    }
    for name in (*dependencies, *dev):
        entry: dict[str, object] = {"version": "1.0.0"}
        if name in dev:
            entry["dev"] = True
        if name in scripts:
            entry["hasInstallScript"] = True
        packages[f"node_modules/{name}"] = entry
    return json.dumps({"lockfileVersion": version, "packages": packages})
