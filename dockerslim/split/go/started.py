"""All that a Go image starts: the command behind an init, and the commands of shell scripts that the context has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dockerslim.case import Case
from dockerslim.dockerfile import Span, Stage
from dockerslim.split.image_view import source_at
from dockerslim.split.init_programs import without_init
from dockerslim.split.script_commands import script_commands
from dockerslim.split.start import SHELLS, Start

DEEPEST = 4
"""How many scripts start each other."""
FUNCTION = re.compile(r"^\s*(?:function\s+)?([\w-]+)\s*\(\)", re.MULTILINE)
CASE_PATTERN = re.compile(r"^[ \t]*\(?[^()\s;&]+\)(?:[ \t]+|$)", re.MULTILINE)
"""`start)` or `-*)` of a `case`: what stands behind it is a command like any other."""
PASSED_ON = frozenset({'"$@"', "$@", '"${@}"', "$*"})
NOT_READ = re.compile(r"^\s*(?:eval|source\s+[^\s]*\$|\.\s+[^\s]*\$)|<<", re.MULTILINE)
"""What makes it unknown which commands a script runs."""


@dataclass(frozen=True, slots=True)
class Started:
    """`commands` are the command lines, `scripts` the absolute paths of shell scripts that hold some of them.

    `unknown` says of a script what can't be told of it.
    """

    start: Start
    commands: tuple[tuple[str, ...], ...] = ()
    scripts: tuple[str, ...] = ()
    init: str = ""
    functions: frozenset[str] = frozenset()
    """Names that the scripts define themselves."""
    unknown: str = ""

    @property
    def needs_shell(self) -> bool:
        return self.start.needs_shell or bool(self.scripts)

    @property
    def span(self) -> Span:
        return self.start.span


def started(case: Case, stage: Stage, start: Start) -> Started:
    """What the image starts by `start`, scripts that the build context has read as data."""
    reader = _Reader(case, stage)
    for words in start.commands():
        reader.add(words, 0)
    return Started(
        start,
        tuple(reader.commands),
        tuple(dict.fromkeys(reader.scripts)),
        reader.init,
        frozenset(reader.functions),
        reader.unknown,
    )


@dataclass(slots=True)
class _Reader:
    case: Case
    stage: Stage
    commands: list[tuple[str, ...]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    init: str = ""
    unknown: str = ""

    def add(self, words: Sequence[str], depth: int) -> None:
        init, words = without_init(words)
        self.init = self.init or init
        if not words:
            return
        script, rest = self._script(words)
        if not script:
            self.commands.append(tuple(words))
            return
        text = self._text(script)
        if text is None or depth > DEEPEST:
            self.unknown = self.unknown or words[0]
            return
        self.scripts.append(script)
        self.functions |= set(FUNCTION.findall(text))
        if NOT_READ.search(text):
            self.unknown = self.unknown or words[0]
        for inner in self._commands(text):
            if inner[0] in PASSED_ON:
                self.add(rest, depth + 1)
            elif inner[0] in (".", "source") and len(inner) > 1:
                self.add(("sh", inner[1]), depth + 1)
            else:
                self.add(inner, depth + 1)

    def _commands(self, text: str) -> Iterator[tuple[str, ...]]:
        """The script's commands; a relative program is named from the folder that the script has changed to."""
        workdir = self.case.states[self.stage.index].final.workdir or "/"
        folder = workdir
        for command in script_commands(CASE_PATTERN.sub("", text) if "esac" in text else text):
            words = command.inner().known_arguments()
            if words[:1] == ("exec",):
                words = words[1:]  # what follows is computed, as "$@" is
            if not words:
                continue
            if words[0] == "cd" and len(words) == 2:
                folder = posixpath.normpath(posixpath.join(folder, words[1]))
            elif "/" in words[0] and folder != workdir and not words[0].startswith("/"):
                words = (posixpath.normpath(posixpath.join(folder, words[0])), *words[1:])
            yield words

    def _script(self, words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """The path of the shell script that the words start, and its arguments; "" where they start none."""
        state = self.case.states[self.stage.index].final
        name = posixpath.basename(words[0])
        if name in SHELLS:
            if len(words) < 2 or words[1].startswith("-"):
                return "", ()
            return state.path(words[1]) or "", tuple(words[2:])
        for path in self._places(words[0]):
            text = self._text(path)
            if path.endswith(".sh") and (text is not None or "/" in words[0]):
                return path, tuple(words[1:])
            if text is not None and _is_shell_script(text):
                return path, tuple(words[1:])
        return "", ()

    def _places(self, word: str) -> Iterator[str]:
        state = self.case.states[self.stage.index].final
        if "/" in word:
            yield state.path(word) or word
            return
        for folder in (state.env.get("PATH") or "").split(":"):
            yield f"{folder}/{word}"

    def _text(self, path: str) -> str | None:
        source = source_at(self.case, self.stage, path)
        if source is None or self.case.context is None or not self.case.context.is_file(source):
            return None
        return self.case.context.read_text(source)


def _is_shell_script(text: str) -> bool:
    first = text.partition("\n")[0].rstrip()
    return first.startswith("#!") and first.endswith("sh")
