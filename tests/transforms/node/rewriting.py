"""Runs one transform of the Node folder over a file whose context is in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from dockerslim.case import Case, Options
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.runner import run
from dockerslim.images.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text after the transform, why it refused, and what it wants ignored."""

    text: str
    reasons: tuple[str, ...]
    ignore_lines: tuple[str, ...]


def rewrite(
    transform: str,
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    ignore: str | None = None,
    usage: Usage | None = None,
    options: Options = Options(),  # noqa: B008 (frozen)
) -> Rewritten:
    """The transform's work, once it is shown to parse, to keep the contract, and to be silent on a second run."""
    context = BuildContext.in_memory(files or {}, ignore)
    case = Case(Dockerfile.of_text(text), context, usage or Usage.none(), Catalogue.load(), options)
    assert case.dockerfile.problem is None, case.dockerfile.problem
    transforms = tuple(t for t in load() if t.folder == "node" and t.id == transform)
    result = run(case, transforms)
    assert result.dropped == ()
    assert Dockerfile.of_text(result.text).problem is None
    lines = tuple(line for step in result.steps for line in step.ignore_lines)
    again = run(case.with_text(result.text).with_ignore_lines(lines), transforms)
    assert again.text == result.text, "a second run changes it again"
    return Rewritten(result.text, tuple(refusal.reason for refusal in result.refusals), lines)


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
