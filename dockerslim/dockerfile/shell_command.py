"""A command of a shell script: its words, and the command behind a wrapper such as `env` or `sudo`."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ShellWord:
    """A word of a command. `literal` is its value where the shell would only split and unquote, else None."""

    text: str
    literal: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A simple command at the top level of a script.

    `operator` joins it to the one before ("" for the first; a newline counts as ";"). Offsets are offsets in the
    script; `Script.span` maps them to the file.
    """

    words: tuple[ShellWord, ...]
    assignments: tuple[tuple[str, ShellWord], ...]
    redirects: tuple[str, ...]
    operator: str
    operator_start: int
    start: int
    end: int

    @property
    def arguments(self) -> tuple[str, ...] | None:
        """All words as plain values, or None where one of them is not literal."""
        values = tuple(word.literal for word in self.words)
        return None if None in values else tuple(value for value in values if value is not None)

    @property
    def is_literal(self) -> bool:
        return self.arguments is not None and not self.redirects

    @property
    def name(self) -> str:
        """The program's name as written, "" where it is computed."""
        return (self.words[0].literal or "") if self.words else ""

    def known_arguments(self) -> tuple[str, ...]:
        """The words, the computed ones as their source text."""
        return tuple(word.text if word.literal is None else word.literal for word in self.words)

    def inner(self) -> ShellCommand:
        """The command behind `env A=1`, `exec`, `time`, `nice`, `sudo`, `timeout 10`."""
        command = self
        for _ in range(5):
            stripped = _without_wrapper(command)
            if stripped is None:
                return command
            command = stripped
        return command


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something at the top level that is no simple command: `if`, a subshell, a function."""

    kind: str
    operator: str
    start: int
    end: int
    commands: tuple[ShellCommand, ...] = ()
    """Those of a pipeline, where all of them are simple commands."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A program that runs another one: its options that take a value, and how many arguments of its own it takes."""

    value_options: frozenset[str] = frozenset()
    arguments: int = 0
    takes_assignments: bool = False
    not_running: tuple[str, ...] = ()
    """Options with which it does something else."""


WRAPPERS = {
    "command": Wrapper(not_running=("-v", "-V")),
    "eatmydata": Wrapper(),
    "env": Wrapper(
        frozenset({"-u", "--unset", "-C", "--chdir"}),
        takes_assignments=True,
        not_running=("-S", "--split-string"),
    ),
    "exec": Wrapper(frozenset({"-a"})),
    "nice": Wrapper(frozenset({"-n", "--adjustment"})),
    "nohup": Wrapper(),
    "sudo": Wrapper(frozenset({"-u", "--user", "-g", "--group"}), takes_assignments=True),
    "time": Wrapper(frozenset({"-o", "--output", "-f", "--format"})),
    "timeout": Wrapper(frozenset({"-k", "--kill-after", "-s", "--signal"}), arguments=1),
}


def _without_wrapper(command: ShellCommand) -> ShellCommand | None:
    wrapper = WRAPPERS.get(command.name.rsplit("/", 1)[-1])
    if wrapper is None:
        return None
    words = command.words
    position = 1
    own = wrapper.arguments
    assignments = list(command.assignments)
    while position < len(words):
        text = words[position].literal
        if text is None:
            return None
        if text.startswith(wrapper.not_running):
            return None
        if text.startswith("-"):
            position += 2 if text in wrapper.value_options else 1
        elif wrapper.takes_assignments and "=" in text:
            key, _, value = text.partition("=")
            assignments.append((key, ShellWord(value, value, words[position].start, words[position].end)))
            position += 1
        elif own:
            own -= 1
            position += 1
        else:
            return replace(command, words=words[position:], assignments=tuple(assignments))
    return None
