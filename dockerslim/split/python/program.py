"""The Python programs that an image starts: behind entrypoint scripts, servers and `python -m`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.images.state import ImageState
from dockerslim.split.image_view import ImageView, image_view
from dockerslim.split.python.own_modules import OwnModules, own_modules
from dockerslim.split.python.pip_command import PYTHON
from dockerslim.split.script_commands import script_commands
from dockerslim.split.start import SHELLS, Start

if TYPE_CHECKING:
    from dockerslim.languages.python.command import Command
    from dockerslim.languages.python.source import ProgramFacts

INLINE = re.compile(r"-[a-z]*c")
"""The option by which a shell is given the script itself."""
SHIFTS = re.compile(r"^[ \t]*shift\b", re.MULTILINE)
HANDS_OVER = re.compile(r"^[ \t]*exec[ \t]+\"?\$[@*]\"?[ \t]*$", re.MULTILINE)
ALL_WORDS = ("$@", "$*", "[@]}")
"""What stands for the words that a script was given; the last for a list of its own, as a rule of those."""
PACKAGES = "/site-packages/"
DEEPEST = 5
"""Scripts that start each other."""


@dataclass(frozen=True, slots=True)
class StartScript:
    """A shell script of the project that the image starts. `text` is None where the context has none."""

    word: str
    path: str
    text: str | None
    is_given_nothing: bool = False
    """Does it end in running the command that it is given, where the image gives it none?"""


@dataclass(frozen=True)
class StartedPrograms:
    """What an image starts: command lines, what is known of each, and the scripts that they were found in."""

    view: ImageView
    lines: tuple[tuple[str, ...], ...]
    commands: tuple[Command, ...]
    scripts: tuple[StartScript, ...]
    is_traced: bool = True
    """Is it known of each program that a service starts which of the project's files it begins with?"""


def started_programs(case: Case, stage: Stage, start: Start) -> StartedPrograms:
    """Follow the start of an image to its Python programs."""
    interpreter = _base_interpreter(case.states[stage.index].final)
    return programs_of(case, stage, ((*interpreter, *words) for words in start.commands()))


def programs_of(case: Case, stage: Stage, command_lines: Iterable[tuple[str, ...]]) -> StartedPrograms:
    """Follow command lines in a stage's image to its Python programs."""
    from dockerslim.languages.python.commands import resolve_command

    own = _own_modules(case, stage)
    view = image_view(case, stage, lambda other: own[other.index].files)
    scripts: list[StartScript] = []
    state = case.states[stage.index].final
    lines = tuple(line for words in command_lines for line in _lines(case, stage, view, words, scripts, 0))
    workdir = state.workdir or "/"
    environment = {name: value for name, value in state.env.items() if value is not None}
    installed = tuple(dict.fromkeys(path.lstrip("/") for found in own.values() for path in found.folders))
    declared = {name: target for found in own.values() for name, target in found.scripts.items()}
    commands = tuple(
        resolve_command(view.context, workdir.lstrip("/"), words, environment, workdir, installed, declared)
        for words in lines
    )
    return StartedPrograms(view, lines, commands, tuple(scripts))


def _own_modules(case: Case, stage: Stage) -> dict[int, OwnModules]:
    """What each stage up to this one installs of the project itself, by its index."""
    return {each.index: own_modules(case, each) for each in case.dockerfile.stages[: stage.index + 1]}


def _base_interpreter(state: ImageState) -> tuple[str, ...]:
    """The interpreter, where the base image's own entrypoint is one: what the author gives are its arguments."""
    entrypoint = state.entrypoint
    words = entrypoint.words if entrypoint is not None and entrypoint.instruction is None else None
    return words if words and PYTHON.fullmatch(posixpath.basename(words[0])) else ()


def _lines(
    case: Case, stage: Stage, view: ImageView, words: tuple[str, ...], scripts: list[StartScript], depth: int
) -> Iterator[tuple[str, ...]]:
    """The command lines behind one: those of a script, and what the script hands over to."""
    if len(words) > 2 and posixpath.basename(words[0]) in SHELLS and INLINE.fullmatch(words[1]) and depth <= DEEPEST:
        for command in script_commands(words[2]):
            yield from _lines(case, stage, view, command.inner().known_arguments(), scripts, depth + 1)
        return
    script, following = _script(case, stage, view, words)
    if script is None or depth > DEEPEST:
        if words:
            yield words
        return
    if script.text is None:
        scripts.append(script)
        return
    scripts.append(replace(script, is_given_nothing=not following and HANDS_OVER.search(script.text) is not None))
    if "--" in following and SHIFTS.search(script.text):
        following = following[following.index("--") + 1 :]  # `wait-for-it.sh db:5432 -- python app.py`
    for command in script_commands(script.text):
        inner = command.inner().known_arguments()
        if not inner:
            continue
        given = next((n for n, word in enumerate(inner) if any(a in word for a in ALL_WORDS)), None)
        if given is not None:
            # `exec "$@"` hands over, `python manage.py "$@"` gives its own words to another program.
            inner = (*(word for word in inner[:given] if word != "exec"), *following)
        if inner:
            yield from _lines(case, stage, view, inner, scripts, depth + 1)


def _script(
    case: Case, stage: Stage, view: ImageView, words: tuple[str, ...]
) -> tuple[StartScript | None, tuple[str, ...]]:
    """The shell script that a command line starts, and the words that it is given."""
    if not words:
        return None, ()
    index = 1 if posixpath.basename(words[0]) in SHELLS else 0
    while index < len(words) and index and words[index].startswith("-"):
        index += 1
    if index >= len(words):
        return None, ()
    word = words[index]
    paths = list(_candidates(case, stage, word, is_argument=index > 0))
    path = next((path for path in paths if view.source(path) is not None), None)
    text = view.read_text(path) if path is not None else None
    if path is not None and (index or word.endswith(".sh") or _is_shell(text)):
        return StartScript(word, path, text), words[index + 1 :]
    if index or word.endswith(".sh"):
        return StartScript(word, paths[0] if paths else word, None), words[index + 1 :]
    return None, ()


def _candidates(case: Case, stage: Stage, word: str, *, is_argument: bool) -> Iterable[str]:
    state = case.states[stage.index].final
    if "/" in word or is_argument:
        path = state.path(word)
        return [path] if path is not None else []
    return [posixpath.join(folder, word) for folder in (state.env.get("PATH") or "").split(":") if folder]


def _is_shell(text: str | None) -> bool:
    if text is None or not text.startswith("#!"):
        return False
    words = text.split("\n", 1)[0][2:].replace("/usr/bin/env", "").split()
    return bool(words) and posixpath.basename(words[0]) in SHELLS


TEST_FOLDERS = frozenset({"tests", "test", "docs", "examples"})


def facts_of(case: Case, programs: StartedPrograms) -> ProgramFacts | None:
    """What the started programs do; None where none of them is a program of the project."""
    from dockerslim.languages.python.source import program_facts

    entries = tuple(dict.fromkeys(file for command in programs.commands for file in command.entry_files))
    if not entries:
        return None
    folders = tuple(dict.fromkeys(folder for command in programs.commands for folder in command.search_folders))
    settings = tuple(dict.fromkeys(file for command in programs.commands for file in command.settings_files))
    key = ("python program", repr((entries, folders, settings, _mark(programs.view))))
    if key not in case.projects:
        case.projects[key] = program_facts(programs.view.context, entries, folders, settings)
    return case.projects[key]  # type: ignore[return-value]


def facts_of_source(case: Case, programs: StartedPrograms) -> ProgramFacts:
    """The same; of all of the project's modules where it isn't known where the program begins or goes on."""
    from dockerslim.languages.python.source import program_facts

    facts = facts_of(case, programs)
    if facts is not None and facts.complete and programs.is_traced:
        return facts
    view = programs.view
    key = ("python source", repr(_mark(view)))
    if key not in case.projects:
        # What is installed of the source lies there a second time.
        found = sorted(view.sources.items(), key=lambda item: PACKAGES not in item[0])
        files = {source: path for path, source in found}
        entries = [path for path in sorted(files.values()) if path.endswith(".py") and not _is_for_tests(path)]
        case.projects[key] = program_facts(view.context, entries, (posixpath.dirname(path) for path in entries))
    return case.projects[key]  # type: ignore[return-value]


def _mark(view: ImageView) -> int:
    return hash(tuple(sorted(view.sources.items())))


def _is_for_tests(path: str) -> bool:
    name = posixpath.basename(path)
    is_test = name.startswith(("test_", "conftest", "setup.py", "noxfile", "fabfile"))
    return is_test or bool(TEST_FOLDERS & set(path.split("/")[:-1]))
