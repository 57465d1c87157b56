"""When `npm install` may be `npm ci`, which takes the lock file for what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Span
from dockerslim.images.image import Image
from dockerslim.languages.node import NodeProject
from dockerslim.languages.node.lock_peers import unmet_peer
from dockerslim.split.node.install import NodeInstall
from dockerslim.split.node.order import NodeReordering

LOCK_VERSION = re.compile(r'"lockfileVersion"\s*:\s*(\d)')
FIRST_NODE_WITH_CI = (10,)
FIRST_NODE_WITH_NPM_7 = (15,)


def frozen_verb(case: Case, found: NodeReordering) -> Iterator[Edit]:
    """The edit that makes an `npm install` of the project frozen; none where that could install something else."""
    install = found.install.install
    lock = found.project.lock_file_of("npm")
    if install.program != "npm" or install.is_frozen or not install.verb or lock is None or lock not in found.reads:
        return
    image = case.state(found.install.instruction).image
    if not can_freeze(found.project, install, image):
        return
    span = _verb_span(case, found)
    if span is not None:
        yield Edit(span, "ci")


def can_freeze(project: NodeProject, install: NodeInstall, image: Image | None) -> bool:
    """Does `npm ci` install the same? The lock must agree, be of this npm's own format, and be the only one."""
    if not install.takes_frozen_options or len(project.lock_files) != 1 or project.lock_agrees("npm") is not True:
        return False
    version = image.language_version if image is not None else None
    if version is not None and version < FIRST_NODE_WITH_CI:
        return False
    lock = project.lock_file_of("npm")
    text = (project.context.read_text(lock, 24_000_000) or "") if lock else ""
    match = LOCK_VERSION.search(text)
    if match is None:
        return False
    is_old_npm = version is not None and version < FIRST_NODE_WITH_NPM_7
    if lock is not None and not is_old_npm and not project.manifest.has_overrides:
        peer = unmet_peer(project.context, lock)
        if peer is not None:
            return False
    # npm 6 finds nothing in the third format; npm 7 and later miss the peers that the first one doesn't lock.
    return match[1] == "2" or match[1] == ("1" if is_old_npm else "3")


def _verb_span(case: Case, found: NodeReordering) -> Span | None:
    install = found.install
    if install.instruction.json is not None:
        span = install.instruction.arguments_span
        text = json.dumps(install.install.verb)
        place = span.cut(case.dockerfile.text).find(text)
        return Span(span.start + place + 1, span.start + place + len(text) - 1) if place >= 0 else None
    word = next((word for word in install.command.words if word.literal == install.install.verb), None)
    return install.script.span(word.start, word.end) if word is not None else None
