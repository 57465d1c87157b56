"""What BuildKit's instruction parser refuses (frontend/dockerfile/instructions/parse.go, v0.34)."""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerslim.dockerfile.duration import MILLISECOND, parse_duration
from dockerslim.dockerfile.flag_rules import InvalidInstruction, check_flags
from dockerslim.dockerfile.heredoc import heredoc_marker
from dockerslim.dockerfile.instruction import Instruction
from dockerslim.dockerfile.logical import GO_SPACE
from dockerslim.dockerfile.words import json_array, split_first

__all__ = ["InvalidInstruction", "check_instruction"]

STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*\Z")
RETRIES = re.compile(r"\+?[0-9]+|-0+")
UNCHECKED_FLAGS = frozenset({"ARG", "STOPSIGNAL", "HEALTHCHECK"})
"""Instructions whose flags BuildKit never looks at, or only after something else."""


def check_instruction(instruction: Instruction) -> None:
    """Raises InvalidInstruction where BuildKit would refuse."""
    keyword = instruction.keyword
    if keyword not in CHECKS:
        raise InvalidInstruction(f"unknown instruction: {keyword}")
    if keyword not in UNCHECKED_FLAGS:
        check_flags(instruction)
    check = CHECKS[keyword]
    if check is not None:
        check(instruction)


def _check_from(instruction: Instruction) -> None:
    words = instruction.words
    if len(words) == 3 and words[1].text.lower() == "as":
        if not STAGE_NAME.match(words[2].text.lower()):
            raise InvalidInstruction(
                f'invalid name for build stage: "{words[2].text}", name can\'t start with a number or contain symbols'
            )
    elif len(words) != 1:
        raise InvalidInstruction("FROM requires either one or three arguments")


def _check_copy(instruction: Instruction) -> None:
    if len(instruction.words) < 2:
        raise InvalidInstruction(
            f"{instruction.keyword} requires at least two arguments, but only one was provided."
            " Destination could not be determined"
        )
    if heredoc_marker(instruction.words[-1].text) is not None:
        raise InvalidInstruction(f"{instruction.keyword} cannot accept a heredoc as a destination")


def _check_argument(instruction: Instruction) -> None:
    if not instruction.assignments:
        raise InvalidInstruction("ARG requires at least one argument")
    if any(not pair.key and pair.value is not None for pair in instruction.assignments):
        raise InvalidInstruction("ARG names can not be blank")


def _check_assignment(instruction: Instruction) -> None:
    if not instruction.assignments:
        raise InvalidInstruction(f"{instruction.keyword} requires at least one argument")
    if any(not pair.key for pair in instruction.assignments):
        raise InvalidInstruction(f"{instruction.keyword} names can not be blank")


def _check_one(instruction: Instruction) -> None:
    if not instruction.value:
        raise InvalidInstruction(f"{instruction.keyword} requires exactly one argument")


def _check_some(instruction: Instruction) -> None:
    if not instruction.value:
        raise InvalidInstruction(f"{instruction.keyword} requires at least one argument")


def _check_volume(instruction: Instruction) -> None:
    if not instruction.words:
        raise InvalidInstruction("VOLUME requires at least one argument")
    if any(not word.text.strip(GO_SPACE) for word in instruction.words):
        raise InvalidInstruction("VOLUME specified can not be an empty string")


def _check_shell(instruction: Instruction) -> None:
    if instruction.json is None and instruction.value:
        raise InvalidInstruction("SHELL requires the arguments to be in JSON form")
    if not instruction.json:
        raise InvalidInstruction("SHELL requires at least one argument")


def _check_onbuild(instruction: Instruction) -> None:
    _check_some(instruction)
    if instruction.onbuild is None:
        raise InvalidInstruction("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    trigger = instruction.onbuild.keyword
    if trigger in ("MAINTAINER", "FROM"):
        raise InvalidInstruction(f"{trigger} isn't allowed as an ONBUILD trigger")


def _check_healthcheck(instruction: Instruction) -> None:
    _check_some(instruction)
    kind, command = split_first(instruction.arguments)
    if kind.upper() == "NONE":
        if command.text and json_array(command.text) != ():
            raise InvalidInstruction("HEALTHCHECK NONE takes no arguments")
        return  # its flags are never looked at
    check_flags(instruction)
    if kind.upper() != "CMD":
        raise InvalidInstruction(f'Unknown type "{kind.upper()}" in HEALTHCHECK (try CMD)')
    if not command.text or instruction.json == ():
        raise InvalidInstruction("Missing command after HEALTHCHECK CMD")
    for flag in instruction.flags:
        if flag.name == "retries" and flag.value:
            _check_retries(flag.value)
        elif flag.value:
            _check_interval(flag.name, flag.value)


def _check_retries(value: str) -> None:
    digits = value.lstrip("+-").lstrip("0")
    if not RETRIES.fullmatch(value) or len(digits) > 10 or int(digits or "0") >= 2**31:
        raise InvalidInstruction(f"invalid --retries: {value}")


def _check_interval(name: str, value: str) -> None:
    duration = parse_duration(value)
    if duration is None:
        raise InvalidInstruction(f'time: invalid duration "{value}"')
    if duration and duration < MILLISECOND:
        raise InvalidInstruction(f'Interval "{name}" cannot be less than 1ms')


CHECKS: dict[str, Callable[[Instruction], None] | None] = {
    "RUN": None,
    "CMD": None,
    "ENTRYPOINT": None,
    "FROM": _check_from,
    "ADD": _check_copy,
    "COPY": _check_copy,
    "ARG": _check_argument,
    "ENV": _check_assignment,
    "LABEL": _check_assignment,
    "WORKDIR": _check_one,
    "USER": _check_one,
    "STOPSIGNAL": _check_one,
    "MAINTAINER": _check_one,
    "EXPOSE": _check_some,
    "VOLUME": _check_volume,
    "SHELL": _check_shell,
    "ONBUILD": _check_onbuild,
    "HEALTHCHECK": _check_healthcheck,
}
