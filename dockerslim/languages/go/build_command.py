"""A `go build` or `go install`, with all that decides what it builds and where it writes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dockerslim.languages.go.build_flags import BuildFlags
from dockerslim.languages.go.project import GoProject
from dockerslim.paths import is_within

NOT_LITERAL = re.compile(r"[$`]")


class BuildProblem(Exception):
    """Why it isn't known what is written, or why the command fails."""


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """`given` are the flags; `cwd` is relative to the module's folder, which lies at `root` in the image."""

    verb: str
    given: Mapping[str, str]
    arguments: Sequence[str]
    cwd: str
    project: GoProject
    env: Mapping[str, str]
    root: str | None
    folders: frozenset[str]
    flags: BuildFlags

    def start(self) -> str:
        """The folder that the command works in, relative to the module's."""
        changed = self.given.get("C", "")
        if changed.startswith("/"):
            inner = self.inside(changed)
            if inner is None:
                raise BuildProblem(f"`{changed}` is not known to be in the module")
            return inner
        start = posixpath.normpath(posixpath.join(self.cwd, changed))
        return "" if start == "." else start

    def inside(self, path: str) -> str | None:
        """An absolute path, relative to the module's folder."""
        if self.root is None:
            return None
        root, path = posixpath.normpath(self.root), posixpath.normpath(path)
        if not is_within(path, root):
            return None
        return path[len(root) :].strip("/")
