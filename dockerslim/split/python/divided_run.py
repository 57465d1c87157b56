"""Divides a RUN that installs packages and does something for the image that runs: each stage gets its own commands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from dockerslim.case import Case
from dockerslim.dockerfile import Edit, Instruction, Span
from dockerslim.dockerfile.edit import apply_edits
from dockerslim.dockerfile.layout import continuation_indent, remove_commands
from dockerslim.dockerfile.shell import Script, ShellCommand
from dockerslim.split.cache_mounts import mount_options
from dockerslim.split.python.commands import python_commands
from dockerslim.split.python.purpose import Kind, PurposedRun

SETTINGS = frozenset({"export", "set", "umask", "unset"})
"""Commands that change how those after them work."""
INTERPRETERS_FOLDERS = ("/", "/usr", "/usr/local", "/usr/local/")


@dataclass(frozen=True, slots=True)
class DividedRun:
    """The two parts of a RUN."""

    edits: tuple[Edit, ...]
    """Leave the build stage those of its commands that it needs."""
    runtime: str
    """The RUN of the runtime stage, as whole lines."""
    runs_first: bool
    """Do its commands prepare for an install of system packages that stands behind them?"""


def can_divide(instruction: Instruction, script: Script, kinds: Sequence[Kind], *, prepares: bool = True) -> bool:
    """Is each command known to belong to one of the stages, whatever the others do? `kinds` is empty where all do.

    `prepares`: may some of the image that runs prepare for an install below them?
    """
    if not kinds:
        return True
    if instruction.json is not None or instruction.heredocs or not script.is_plain:
        return False
    if not all(flag.name == "mount" and _is_cache(flag.value or "") for flag in instruction.flags):
        return False
    if any(command.inner().name in ("cd", "pushd") for command in script.commands):
        return False
    if any(_is_for_what_is_installed(c) for c, kind in _commands(script, kinds) if kind == "runtime"):
        return False
    preparing = [n for n, (c, kind) in enumerate(_commands(script, kinds)) if kind == "runtime" and not _is_apart(c)]
    installing = [n for n, kind in enumerate(kinds) if kind in ("install", "system")]
    if preparing and not prepares and min(preparing) < max(installing):
        return False
    system = [n for n, kind in enumerate(kinds) if kind == "system"]
    # The runtime stage installs its packages in one RUN, with this one's part above or below it.
    return not (system and preparing and min(preparing) < min(installing) and max(preparing) > min(system))


def divide(case: Case, run: PurposedRun, *, is_above: bool, keeps_all: bool) -> DividedRun | None:
    """None where the RUN has one purpose only, or its commands can't be told apart in the text.

    `is_above`: does an install of another RUN follow? `keeps_all`: does the build stage need the other commands, too?
    """
    script = case.script(run.instruction)
    commands = list(_commands(script, run.kinds))
    at_runtime = [n for n, (_, kind) in enumerate(commands) if kind == "runtime"]
    if not at_runtime or len(commands) != len(script.parts):
        return None
    installing = [n for n, (_, kind) in enumerate(commands) if kind in ("install", "system")]
    preparing = [n for n in at_runtime if not _is_apart(commands[n][0]) and (is_above or n < max(installing))]
    last_kept = max(at_runtime if keeps_all else preparing, default=-1)
    leaving = [commands[n][0] for n in at_runtime if n > last_kept]
    build = _removals(case, run.instruction, script, leaving) if leaving else []
    staying = [commands[n][0] for n in at_runtime]
    others = [
        command
        for n, (command, kind) in enumerate(commands)
        if n > max(at_runtime) or (kind != "runtime" and not _is_setting_for(command, staying, script))
    ]
    runtime = _without(case, run.instruction, script, others)
    if build is None or runtime is None:
        return None
    runs_first = "system" in run.kinds and bool(preparing) and min(preparing) < min(installing)
    return DividedRun(tuple(build), runtime, runs_first)


def runtime_text(case: Case, run: PurposedRun) -> str:
    """The commands of a RUN that are for the image that runs."""
    script = case.script(run.instruction)
    if not run.kinds:
        return script.source.text if run.purpose == "runtime" else ""
    return "\n".join(script.text(c.start, c.end) for c, kind in _commands(script, run.kinds) if kind == "runtime")


def _commands(script: Script, kinds: Sequence[Kind]) -> Iterator[tuple[ShellCommand, Kind]]:
    return zip(script.commands, kinds, strict=True)


def _without(case: Case, instruction: Instruction, script: Script, unwanted: Collection[ShellCommand]) -> str | None:
    """The RUN without some of its commands and its flags, as whole lines; None where they can't be taken out."""
    edits = _removals(case, instruction, script, unwanted, keeps_flags=False)
    if edits is None:
        return None
    text = case.dockerfile.text
    changed, _ = apply_edits(text, edits)
    end = instruction.arguments_span.end + len(changed) - len(text)
    return changed[instruction.keyword_span.start : end].rstrip().replace("\r\n", "\n") + "\n"


def _removals(
    case: Case,
    instruction: Instruction,
    script: Script,
    commands: Collection[ShellCommand],
    *,
    keeps_flags: bool = True,
) -> list[Edit] | None:
    """Edits that take commands out, with the comments that are theirs."""
    gone = [any(part is command for command in commands) for part in script.parts]
    if all(gone):
        return None
    kept = gone.index(False)
    edits = remove_commands(script, [c for c in script.commands[kept:] if any(c is command for command in commands)])
    if edits is None:
        return None
    flags_end = instruction.flags[-1].span.end if instruction.flags else instruction.keyword_span.end
    if kept or (instruction.flags and not keeps_flags):
        start = flags_end if keeps_flags else instruction.keyword_span.end
        edits.append(_head(case, script, Span(start, flags_end), kept))
    return edits


def _head(case: Case, script: Script, flags: Span, kept: int) -> Edit:
    """Takes flags out, and the commands before the first that is kept, whose own comments stay above it."""
    text = case.dockerfile.text
    lines = case.dockerfile.lines
    first, command = script.parts[0], script.parts[kept]
    place = script.span(command.start, command.end).start
    above = script.span(0, script.parts[kept - 1].end).end if kept else flags.end
    comments = [comment.cut(text) for comment in script.comments if above <= comment.start < place]
    has_own_line = "\n" in text[flags.end : script.span(first.start, first.end).start]
    if not comments and (flags.start < flags.end or not has_own_line):
        return Edit(Span(flags.start, place), " ")
    line = text[lines.line_start(place) : place]
    indent = line[: len(line) - len(line.lstrip(" \t"))] or continuation_indent(case.dockerfile)
    joint = f"\n{indent}"
    return Edit(Span(flags.start, place), f" {case.dockerfile.escape}{''.join(joint + c for c in comments)}{joint}")


def _is_cache(mount: str) -> bool:
    return mount_options(mount).get("type") == "cache"


def _is_setting_for(command: ShellCommand, others: Collection[ShellCommand], script: Script) -> bool:
    """Does a command change how the others work? An assignment alone does, where they look at variables."""
    inner = command.inner()
    if inner.words and inner.name not in ("export", "unset"):
        return inner.name in SETTINGS
    return not all(_is_apart(other) and "$" not in script.text(other.start, other.end) for other in others)


def _is_apart(command: ShellCommand) -> bool:
    inner = command.inner()
    return inner.name in python_commands().apart_from_installs and not inner.redirects


def _is_for_what_is_installed(command: ShellCommand) -> bool:
    """Does it work on the interpreter's own folder, where the packages would not be?"""
    words = command.inner().known_arguments()
    return any(word in INTERPRETERS_FOLDERS or word.startswith("/usr/local/lib") for word in words[1:])
