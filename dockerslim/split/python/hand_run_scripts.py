"""Shell scripts that a RUN makes executable and nothing starts: people run them in the container by hand."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.split.needs_root import instructions_of
from dockerslim.split.python.program import StartedPrograms, programs_of
from dockerslim.split.working_folder import placed_commands

EXECUTABLE = re.compile(r"[ugoa]*\+[rwst]*x[rwstx]*|0?[0-7]*[1357][0-7]*")


def hand_run_programs(case: Case, stage: Stage, started: StartedPrograms) -> Iterator[StartedPrograms]:
    """What each of these scripts of the stage's image runs; those that the image starts itself are left out."""
    known = {script.path for script in started.scripts}
    for path in dict.fromkeys(_made_executable(case, stage, started)):
        if path not in known and path.endswith(".sh"):
            yield programs_of(case, stage, ((path,),))


def _made_executable(case: Case, stage: Stage, started: StartedPrograms) -> Iterator[str]:
    """The project's files that `chmod` is given, in the order of the RUNs; a pattern stands for those it fits."""
    for instruction in instructions_of(case, stage):
        if instruction.keyword != "RUN":
            continue
        for command, folder in placed_commands(case.script(instruction), case.state(instruction).workdir):
            words = [word for word in command.inner().known_arguments() if not word.startswith("-")]
            if posixpath.basename(words[0] if words else "") != "chmod" or len(words) < 3:
                continue
            if not EXECUTABLE.fullmatch(words[1]):
                continue
            for word in words[2:]:
                if folder is None and not word.startswith("/"):
                    continue
                pattern = posixpath.normpath(posixpath.join(folder or "/", word))
                yield from (path for source in started.view.sources if _fits(path := "/" + source, pattern))


def _fits(path: str, pattern: str) -> bool:
    is_same_folder = posixpath.dirname(path) == posixpath.dirname(pattern)
    return is_same_folder and fnmatch.fnmatchcase(posixpath.basename(path), posixpath.basename(pattern))
