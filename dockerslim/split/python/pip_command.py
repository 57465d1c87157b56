"""A `pip` command of a RUN, or a `uv pip`, read as pip reads it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Stage
from dockerslim.dockerfile.shell import Script, ShellCommand, ShellWord
from dockerslim.split.python.commands import python_commands
from dockerslim.split.working_folder import placed_commands

PIP = re.compile(r"pip(?:\d(?:\.\d+)?)?")
PYTHON = re.compile(r"python(?:\d(?:\.\d+)?)?")
REQUIREMENT = re.compile(r"[A-Za-z0-9.][\w./-]*(?:\[[\w.,-]+\])?(?:[=!~<>]=?[\w.*+!,<>=~-]+)?")
"""A requirement that the shell hands over as it stands, though brackets and stars mean something to it."""
COMPUTED_VERSION = re.compile(r"\"?(?P<name>[A-Za-z0-9][\w.-]*(?:\[[\w.,-]+\])?)[=~<>]=\$(?:\w+|\{\w+\})\"?")
"""A requirement of which just the version is computed."""
ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2")
REMOTE = re.compile(r"(?:[a-z]+\+)?[a-z]+://|git\+|git@", re.IGNORECASE)


@dataclass(frozen=True)
class PipCommand:
    """A `pip ...` command, or a `python -m pip ...`. `folder` is the absolute folder it runs in, if known."""

    instruction: Instruction
    script: Script
    command: ShellCommand
    program: str
    """The word that starts it: `pip`, `/opt/venv/bin/pip`, `python3`."""
    verb: str
    options: tuple[tuple[str, str | None, ShellWord], ...]
    """Name, value (None where it has none, or a computed one) and the option's own word."""
    arguments: tuple[str | None, ...]
    """What is no option; None where it is computed."""
    folder: str | None
    has_computed_option: bool = False
    is_sudo: bool = False
    is_uv: bool = False
    """`uv pip ...`, which installs into the interpreter only where it is told so."""

    def values(self, *names: str) -> tuple[str | None, ...]:
        return tuple(value for name, value, _ in self.options if name in names)

    @property
    def requirement_files(self) -> tuple[str | None, ...]:
        return self.values("-r", "--requirement")

    @property
    def constraint_files(self) -> tuple[str | None, ...]:
        return self.values("-c", "--constraint", "--build-constraint")

    @property
    def editable(self) -> tuple[str | None, ...]:
        return self.values("-e", "--editable")

    @property
    def local_paths(self) -> tuple[str, ...]:
        """Projects and archives of the file system that it installs."""
        named = (*self.arguments, *self.editable, *self.values("-f", "--find-links"))
        return tuple(path for path in named if path is not None and is_local_path(path))

    @property
    def names(self) -> tuple[str, ...]:
        """The requirements that the command line itself names."""
        return tuple(name for name in self.arguments if name is not None and not is_local_path(name))

    @property
    def elsewhere(self) -> str:
        """The option that installs outside the interpreter; "" where there is none."""
        return next((name for name, _, _ in self.options if name in python_commands().elsewhere), "")

    @property
    def is_known(self) -> bool:
        """Is each word that says what is installed known?"""
        values = (*self.requirement_files, *self.constraint_files, *self.editable, *self.values("-f", "--find-links"))
        return None not in self.arguments and None not in values and not self.has_computed_option


def is_local_path(word: str) -> bool:
    """Does pip take the word for a path, as against a name or an address?"""
    if REMOTE.match(word) or "@" in word.partition("/")[0]:
        return False
    path = word.partition("[")[0]
    return path.startswith((".", "/", "~", "file:")) or "/" in path or path.lower().endswith(ARCHIVES)


def pip_commands(case: Case, stage: Stage) -> Iterator[PipCommand]:
    """The pip commands at the top level of the stage's RUNs, in order."""
    for instruction, script in case.runs(stage):
        yield from run_pip_commands(case, instruction, script)


def run_pip_commands(case: Case, instruction: Instruction, script: Script) -> Iterator[PipCommand]:
    """The pip commands at the top level of one RUN."""
    for command, folder in placed_commands(script, case.state(instruction).workdir):
        found = pip_command(instruction, script, command, folder)
        if found is not None:
            yield found


def pip_command(
    instruction: Instruction, script: Script, command: ShellCommand, folder: str | None
) -> PipCommand | None:
    """The command read as pip reads it; None where it is no pip."""
    inner = command.inner()
    is_uv = posixpath.basename(inner.name) == "uv" and len(inner.words) > 1 and inner.words[1].literal == "pip"
    words = inner.words[2:] if is_uv else _after_pip(inner)
    if words is None:
        return None
    table = python_commands()
    verb = ""
    options: list[tuple[str, str | None, ShellWord]] = []
    arguments: list[str | None] = []
    has_computed_option = False
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        text = _value(word)
        if text is None and word.text.startswith("-"):
            text = word.text
            has_computed_option = has_computed_option or "=" not in text
        if text is None or not text.startswith("-") or text == "-":
            if not verb:
                verb = text or "?"
            else:
                arguments.append(text)
            continue
        name, value, is_attached = _split_option(text)
        if is_attached:
            options.append((name, None if _value(word) is None else value, word))
        elif name in table.global_valued or (name in table.valued and verb):
            following = words[index] if index < len(words) else None
            options.append((name, _value(following) if following else None, word))
            index += 1
        else:
            options.append((name, "", word))
    if is_uv and verb == "sync":
        verb = "install"
        options.extend(("-r", argument, inner.words[2]) for argument in arguments)
        arguments = []
    return PipCommand(
        instruction,
        script,
        command,
        inner.name,
        verb,
        tuple(options),
        tuple(arguments),
        folder,
        has_computed_option,
        any(word.literal == "sudo" for word in command.words[:1]),
        is_uv,
    )


def _after_pip(command: ShellCommand) -> tuple[ShellWord, ...] | None:
    """The words after `pip` or `python -m pip`."""
    name = posixpath.basename(command.name)
    if PIP.fullmatch(name):
        return command.words[1:]
    if PYTHON.fullmatch(name):
        for index, word in enumerate(command.words[1:-1], 1):
            if word.literal == "-m":
                return command.words[index + 2 :] if command.words[index + 1].literal == "pip" else None
            if word.literal is None or not word.literal.startswith("-"):
                return None
    return None


def _value(word: ShellWord) -> str | None:
    if word.literal is not None:
        return word.literal
    match = COMPUTED_VERSION.fullmatch(word.text)
    if match is not None:
        return match["name"]
    return word.text if REQUIREMENT.fullmatch(word.text) else None


def _split_option(text: str) -> tuple[str, str | None, bool]:
    """`--requirement=x` and `-rx` as name and value; whether the value stands in the same word."""
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        return name, value, bool(equals)
    for index in range(1, len(text)):  # `-Ur file`: letters may stand together, the last with a value
        name = f"-{text[index]}"
        if name in python_commands().valued:
            rest = text[index + 1 :]
            return name, rest.removeprefix("=") if rest else None, bool(rest)
    return text, None, False


def installs(command: PipCommand) -> bool:
    """Does it download packages?"""
    return command.verb in python_commands().install_verbs
