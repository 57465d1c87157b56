"""RUNs that make users and folders and set owners and modes: in which stage they are needed."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction
from dockerslim.dockerfile.shell import ShellCommand
from dockerslim.images.state import ImageState
from dockerslim.paths import is_below
from dockerslim.split.refused import Refused

USER_PROGRAMS = frozenset({"adduser", "addgroup", "useradd", "groupadd", "usermod", "groupmod", "deluser", "userdel"})
OWNERSHIP = frozenset({"chown", "chmod", "chgrp", "mkdir"})


def sets_owners(command: ShellCommand) -> bool:
    """Is the command one of those, so that a RUN of nothing else can be made in another stage too?"""
    name = posixpath.basename(command.inner().name)
    return name in (USER_PROGRAMS | OWNERSHIP | {"true", "set", "echo"}) and not command.redirects


def needs_both_stages(case: Case, instruction: Instruction, root: str) -> bool:
    """Is such a RUN, which stands above work of the build stage, needed in the runtime stage as well?

    Owners and modes of files below `root` come along with the files. Raises Refused where it does both.
    """
    state = case.state(instruction)
    inside = outside = False
    script = case.script(instruction)
    for command in script.commands:
        inner = command.inner()
        words = inner.known_arguments()
        name = posixpath.basename(words[0]) if words else ""
        if name in USER_PROGRAMS:
            outside = True
        if name not in OWNERSHIP:
            continue
        paths = [word for word in words[1:] if not word.startswith("-")]
        for path in paths if name == "mkdir" else paths[1:]:
            place = _place(state, path)
            if place is None and name != "mkdir":
                raise Refused(
                    instruction.span,
                    f"whether `{path}` is a file of the application is not known",
                    "write the path out",
                )
            if place is not None and place != root and is_below(place, root):
                inside = inside or name != "mkdir"
            else:
                outside = True
    if inside and outside:
        raise Refused(
            instruction.span,
            "owners of the application's files are set together with other things",
            "set them in a RUN of their own, below the last COPY",
        )
    return outside


def _place(state: ImageState, path: str) -> str | None:
    """The absolute path of a shell's word; None where the shell computes it."""
    if "$" in path:
        path = state.expand(path.replace('"', "")) or ""
    if not path or any(sign in path for sign in "$`") or path.startswith("~"):
        return None
    return posixpath.normpath(posixpath.join(state.workdir or "/", path))
