"""The package manager that corepack brings, where the container's command is one of its own."""

from __future__ import annotations

import re

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.node.purpose import NodeStage
from dockerslim.split.node.start import NodeStart

HOME = "COREPACK_HOME"
SHARED_HOME = "/usr/local/share/corepack"
"""Every user can read it; the default lies below the home of the one who installs."""
_RELEASE = re.compile(r"(pnpm|yarn)@(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-[\w.]{1,30})?)")


def corepack_release(case: Case, stage: Stage, found: NodeStage, node: NodeStart, manager: str) -> str | None:
    """`pnpm@10.34.9`, by `packageManager` or by the author's `corepack prepare`; None where it isn't said exactly."""
    image = case.states[stage.index].final.image
    if not found.uses_corepack or image is None or "corepack" not in image.programs:
        return None
    said = [node.project.manifest.package_manager or ""]
    for _, script in case.runs(stage):
        for command in script.commands:
            words = command.inner().known_arguments()
            said.extend(words[2:] if words[:2] == ("corepack", "prepare") else ())
    for text in said:
        match = _RELEASE.match(text)
        if match is not None and match[1] == manager:
            return match[0]
    return None


def has_shared_home(case: Case, stage: Stage) -> bool:
    """Does corepack look in a folder that isn't the home of one user?"""
    home = case.states[stage.index].final.env.get(HOME)
    return home is not None and home.startswith("/") and not home.startswith(("/root", "/home"))
