"""Shell scripts of the project that a start command runs: each of their commands is followed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from dockerslim.dockerfile.shell_nested import NestedCommand, NestedScript, nested_script
from dockerslim.languages.node import tools
from dockerslim.languages.node.package_runners import RUNNERS
from dockerslim.languages.node.script_text import ScriptCommand, ScriptText
from dockerslim.languages.node.scripts.resolution import Resolution, Step
from dockerslim.languages.node.scripts.shells import follow_commands
from dockerslim.languages.node.start_script import GIVEN, StartScript

_WRITES = re.compile(r"^\d*(?:&>>?|>>?\|?)\s*(?!&|/dev/(?:null|stdout|stderr|tcp/|udp/|fd/))\S")
_READS_IN = frozenset({".", "source"})
_DECLARES = frozenset({"declare", "export", "local", "readonly", "typeset"})
_CHANGES_WORDS = frozenset({"set", "shift"})
_ASKS_FOR_OPTIONS = ("${1#-}", "${1:0:1}")
"""What stands in the condition under which a script puts its program before options that it is given."""


def read_start_script(
    name: str, file: str, text: str, as_relative: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> StartScript:
    """The script's commands; `as_relative` makes the image's paths below the work folder relative ones."""
    known = tools.known_script(name.rsplit("/", 1)[-1], text)
    if known is not None:
        return replace(_handing_over(known.programs), name=name, file=file, text=text, separator=known.separator)
    script = _with_traps(nested_script(text))
    commands: list[ScriptCommand] = []
    for item in script.commands:
        command = _command(item)
        words = command.words
        if words[:1] in (("command",), ("hash",), ("type",)) and _only_asks(words):
            continue
        if words[:1] == ("exec",) and len(words) == 1:
            continue  # it redirects what the script itself prints
        if words[:1] and words[0] in script.functions:
            continue  # its commands stand among the others
        commands.append(replace(command, words=as_relative(words)))
    problem = script.problem or next(_problems(script, text), "")
    writes = tuple(text for text in script.redirects if _WRITES.match(text))
    return StartScript(name, file, text, tuple(commands), writes, problem=problem)


def _handing_over(programs: tuple[str, ...]) -> StartScript:
    words = [*((program,) for program in programs), ("exec", '"$@"')]
    return StartScript("", commands=tuple(ScriptCommand(item, operator=";") for item in words))


def _with_traps(script: NestedScript) -> NestedScript:
    """With the commands that run at a signal; one whose commands are not known stays where it is."""
    commands: list[NestedCommand] = []
    for item in script.commands:
        words = item.command.known_arguments()
        text = words[1] if words[:1] == ("trap",) and len(words) > 2 else ""
        handler = nested_script(text.strip('"')) if text and not text.startswith("-") else None
        if handler is None or handler.problem or "$(" in text or "`" in text:
            commands.append(item)
        else:
            commands.extend(replace(inner, is_nested=True) for inner in handler.commands)
    return replace(script, commands=tuple(commands))


def _command(item: NestedCommand) -> ScriptCommand:
    words = item.command.known_arguments()
    assigned = item.command.assignments
    environment = tuple((name, word.text if word.literal is None else word.literal) for name, word in assigned)
    if words[:1] and words[0] in _DECLARES:
        words = ()
    if words[:1] == ("command",) and not _only_asks(words):
        words = words[1:]
    is_literal = all(word.literal is not None or word.text in GIVEN for word in item.command.words)
    return ScriptCommand(words, environment, ";", is_literal)


def _only_asks(words: tuple[str, ...]) -> bool:
    return words[0] in ("hash", "type") or (len(words) > 1 and words[1] in ("-v", "-V"))


def _problems(script: NestedScript, text: str) -> Iterator[str]:
    """Why the commands may not be those that run."""
    has_options = any(sign in text for sign in _ASKS_FOR_OPTIONS)
    hands_over = any(word in GIVEN for item in script.commands for word in item.command.known_arguments())
    for item in script.commands:
        words = item.command.known_arguments()
        name = words[0] if words else ""
        if name in ("eval", "coproc") or (name == "trap" and words[1:2] and words[1] not in ("-", "''", '""', "")):
            yield f"runs commands that are computed (`{name}`)"
        elif name and name not in GIVEN and item.command.words[0].literal is None:
            yield f"runs a command that is computed (`{name[:40]}`)"
        elif item.function and any(word in GIVEN for word in words):
            yield f"hands words over in its function `{item.function[:40]}`"
        elif name in _CHANGES_WORDS and hands_over and any(word == "--" or name == "shift" for word in words):
            if not (has_options and item.is_nested and _puts_before(words)):
                yield "changes the words that it is given"
        elif name == "cd" and item.is_nested:
            yield "goes to another folder in a part that may not run"


def _puts_before(words: tuple[str, ...]) -> bool:
    """`set -- node "$@"`, as the image's own entrypoint has it."""
    return words[:2] == ("set", "--") and len(words) > 3 and words[-1] in GIVEN and GIVEN.isdisjoint(words[:-1])


def follow_start_script(resolution: Resolution, step: Step, words: list[str]) -> bool:
    """Follow the script that the words start; False where they start none whose text is known."""
    found = _find(resolution, step, words)
    if found is None:
        return False
    script, given = found
    resolution.uses_shell = True
    if script.file:
        resolution.start_scripts[script] = None
    if script.problem:
        resolution.give_up(step, f"`{script.name[:60]}` {script.problem}")
        return True
    if script.separator:
        given = given[given.index(script.separator) + 1 :] if script.separator in given else ()
    commands = []
    for command in script.commands:
        if _puts_before(command.words):
            if given[:1] and (given[0].startswith("-") or not _is_program(given[0])):
                resolution.give_up(step, f"`{script.name[:60]}` changes the words that it is given")
            continue
        filled = _with_given(command.words, given)
        if filled and filled[0] in _READS_IN:
            filled = ("sh", *filled[1:])
        if filled != ("exec",):
            commands.append(replace(command, words=filled))
    if commands:
        follow_commands(resolution, ScriptText(tuple(commands)), step, ())
    return True


def _is_program(word: str) -> bool:
    """Surely one that is there, so that the script puts nothing before it."""
    return word in RUNNERS or word in ("node", "nodejs")


def _find(resolution: Resolution, step: Step, words: list[str]) -> tuple[StartScript, tuple[str, ...]] | None:
    position = 0
    if tools.is_shell(words[0].rsplit("/", 1)[-1]):
        position = next((n for n, word in enumerate(words) if n and not word.startswith(("-", "+"))), 0)
        if not position or any(word.startswith("-") and "c" in word for word in words[1:position]):
            return None
    script = resolution.find_script(words[position], step.folder, position > 0)
    return (script, tuple(words[position + 1 :])) if script is not None else None


def _with_given(words: tuple[str, ...], given: tuple[str, ...]) -> tuple[str, ...]:
    filled: list[str] = []
    for word in words:
        filled.extend(given if word in GIVEN else (word,))
    return tuple(filled)
