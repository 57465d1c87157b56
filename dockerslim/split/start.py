"""What a stage's image starts: its ENTRYPOINT and CMD together."""

from __future__ import annotations

from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction, Span, Stage
from dockerslim.dockerfile.shell import Opaque, Script, ShellCommand, shell_script
from dockerslim.images.state import Command

SHELLS = frozenset({"sh", "bash", "ash", "dash"})


@dataclass(frozen=True)
class Start:
    """The start of an image.

    `words` are those of the process, where no shell stands before it; `script` is what a shell runs otherwise. The
    base's own entrypoint is not among the words: it runs what follows it.
    """

    words: tuple[str, ...] | None
    script: Script | None
    instruction: Instruction
    """The CMD, or the ENTRYPOINT where there is no CMD."""

    @property
    def needs_shell(self) -> bool:
        return self.script is not None

    @property
    def span(self) -> Span:
        return self.instruction.span

    def commands(self) -> tuple[tuple[str, ...], ...]:
        """The command lines that are started, as far as they are known."""
        if self.words is not None:
            return (self.words,)
        if self.script is None:
            return ()
        commands = (c for part in self.script.parts for c in (part.commands if isinstance(part, Opaque) else (part,)))
        return tuple(command.inner().known_arguments() for command in commands if command.words)

    @property
    def is_known(self) -> bool:
        """Is every command of it seen?"""
        if self.words is not None:
            return True
        return self.script is not None and self.script.problem is None and _all_seen(self.script)


def _all_seen(script: Script) -> bool:
    return all(isinstance(part, ShellCommand) or part.commands for part in script.parts)


def start_of(case: Case, stage: Stage) -> Start | None:
    """What the stage starts by the author's word; None where only the base says something."""
    state = case.states[stage.index].final
    entrypoint, cmd = state.entrypoint, state.cmd
    if entrypoint is not None and entrypoint.is_empty:
        entrypoint = None
    authored = [c for c in (cmd, entrypoint) if c is not None and c.instruction is not None and not c.is_empty]
    if not authored or authored[0].instruction is None:
        return None
    instruction = authored[0].instruction
    if entrypoint is None or entrypoint.instruction is None:
        return _start(cmd, (), instruction) if cmd is not None else None
    if entrypoint.words is None:
        return _start(entrypoint, (), instruction)  # its shell form ignores the CMD
    following = cmd.words if cmd is not None and cmd.words is not None else ()
    return _start(entrypoint, following, instruction)


def _start(command: Command, following: tuple[str, ...], instruction: Instruction) -> Start:
    if command.words is None:
        return Start(None, shell_script(command.text), instruction)
    return start_by((*command.words, *following), instruction)


def start_by(words: tuple[str, ...], instruction: Instruction) -> Start:
    """The start by a process with these words: what it runs where it is a shell that is given a script."""
    if len(words) >= 3 and words[0].rsplit("/", 1)[-1] in SHELLS and words[1] == "-c":
        return Start(None, shell_script(words[2]), instruction)
    return Start(words, None, instruction)
