"""A shell script that a start command runs: its commands, read as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from dockerslim.languages.node.script_text import ScriptCommand


@dataclass(frozen=True, slots=True)
class StartScript:
    """`commands` are all that it may run, in the order of the text, those of conditions and loops too.

    A word that stands for the words which the script is given is one of `GIVEN`.
    """

    name: str
    """As the command names it."""
    file: str = ""
    """Relative to the context; "" where it belongs to the image."""
    text: str = ""
    commands: tuple[ScriptCommand, ...] = ()
    writes: tuple[str, ...] = ()
    """Redirections into files."""
    separator: str = ""
    """Only the words after this one are handed over."""
    problem: str = ""
    """Why `commands` may not be all, or not those that run."""


GIVEN = frozenset({'"$@"', "$@", '"${@}"', "${@}", "$*", '"$*"'})

ScriptFinder: TypeAlias = Callable[[str, str, bool], "StartScript | None"]
"""The script that a word means in a work folder, which is relative to the context; the third says whether a shell is
given the word as its file. None where that is no script whose text is known."""


def no_scripts(word: str, folder: str, is_argument: bool) -> StartScript | None:
    """For commands of which no image is known."""
    return None
