"""The shell scripts that a Node image may start, for the reader of commands."""

from __future__ import annotations

import posixpath

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.languages.node import NodeProject
from dockerslim.languages.node.script_text import ScriptCommand
from dockerslim.languages.node.scripts.start_scripts import read_start_script
from dockerslim.languages.node.start_script import ScriptFinder, StartScript
from dockerslim.split.entry_scripts import entry_script, is_own_entrypoint

HANDS_OVER = (ScriptCommand(("exec", '"$@"')),)


def script_finder(case: Case, stage: Stage, project: NodeProject, folder: str) -> ScriptFinder:
    """Finds scripts by the words of commands; the project lies in an absolute folder of the image."""

    def find(word: str, work_folder: str, is_argument: bool) -> StartScript | None:
        if not is_argument and is_own_entrypoint(case, stage, word):
            return StartScript(word, commands=HANDS_OVER)
        place = posixpath.join(folder, posixpath.relpath(work_folder or ".", project.folder or "."))
        found = entry_script(case, stage, word, posixpath.normpath(place), is_argument=is_argument)
        if found is None:
            return None
        if found.text is None:
            return StartScript(word, found.file, problem="is changed when the image is built")
        return read_start_script(word, found.file, found.text, lambda words: relative_words(words, folder))

    return find


def relative_words(words: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """Paths below the work folder as relative ones, which is how the project's facts know them."""
    prefix = folder.rstrip("/") + "/"
    return tuple("." if word == folder else _relative(word, prefix) for word in words)


def _relative(word: str, prefix: str) -> str:
    return f"./{word[len(prefix) :]}" if word.startswith(prefix) and word != prefix else word
