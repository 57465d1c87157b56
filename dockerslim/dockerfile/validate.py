"""What BuildKit's instruction parser refuses (frontend/dockerfile/instructions/parse.go, v0.34)."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from dockerslim.dockerfile.words import Flag, heredoc_marker

if TYPE_CHECKING:
    from dockerslim.dockerfile.instruction import Instruction

STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*\Z")
TEXT, BOOL, LIST = "text", "bool", "list"
FLAGS: dict[str, dict[str, str]] = {
    "FROM": {"platform": TEXT},
    "ADD": {
        "chown": TEXT,
        "chmod": TEXT,
        "link": BOOL,
        "keep-git-dir": BOOL,
        "checksum": TEXT,
        "unpack": BOOL,
        "exclude": LIST,
    },
    "COPY": {"chown": TEXT, "from": TEXT, "chmod": TEXT, "link": BOOL, "exclude": LIST, "parents": BOOL},
    "RUN": {"mount": LIST, "network": TEXT, "security": TEXT, "device": LIST},
    "HEALTHCHECK": {"interval": TEXT, "timeout": TEXT, "start-period": TEXT, "start-interval": TEXT, "retries": TEXT},
}
KEYWORDS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME"
    " WORKDIR".split()
)
UNCHECKED_FLAGS = frozenset({"ARG", "STOPSIGNAL"})
"""Instructions whose flags BuildKit never looks at."""
DURATION = re.compile(r"[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)\Z")


class InvalidInstruction(Exception):
    """BuildKit refuses the instruction; the text is close to its own message."""


def check_instruction(instruction: Instruction) -> None:
    """Raises InvalidInstruction where BuildKit would refuse."""
    keyword = instruction.keyword
    if keyword not in KEYWORDS:
        raise InvalidInstruction(f"unknown instruction: {keyword}")
    if not (keyword == "HEALTHCHECK" and instruction.value.upper() == "NONE"):
        _check_flags(instruction)
    check = CHECKS.get(keyword)
    if check is not None:
        check(instruction)


def _check_flags(instruction: Instruction) -> None:
    if instruction.keyword in UNCHECKED_FLAGS:
        return
    known = FLAGS.get(instruction.keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        if kind is None:
            raise InvalidInstruction(f"unknown flag: --{flag.name}")
        if kind != LIST and flag.name in seen:
            raise InvalidInstruction(f"duplicate flag specified: {flag.name}")
        if kind != BOOL and flag.value is None:
            raise InvalidInstruction(f"missing a value on flag: {flag.name}")
        if kind == BOOL and flag.value is not None and flag.value.lower() not in ("true", "false"):
            raise InvalidInstruction(f"expecting boolean value for flag {flag.name}, not: {flag.value}")
        if flag.name == "mount" and instruction.keyword == "RUN":
            _check_mount(flag)
        seen.add(flag.name)


def mount_options(value: str) -> dict[str, str]:
    """The options of a `--mount`, keys in lower case; a switch has the value ""."""
    fields = next(csv.reader([value]), [])
    options: dict[str, str] = {}
    for field in fields:
        key, _, text = field.partition("=")
        options[key.lower()] = text
    return options


def _check_mount(flag: Flag) -> None:
    """Only what is refused on parsing; the rest of a mount is looked at when the RUN is built."""
    try:
        fields = next(csv.reader([flag.value or ""], strict=True), [])
    except csv.Error as error:
        raise InvalidInstruction(f"failed to parse csv mounts: {error}") from error
    for field in fields:
        key, _, text = field.partition("=")
        if key.lower() == "from" and "$" in text[:-1]:
            raise InvalidInstruction("'from' doesn't support variable expansion, define alias stage instead")


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
    _check_some(instruction)
    if any(not pair.key and pair.value is not None for pair in instruction.assignments):
        raise InvalidInstruction("ARG names can not be blank")


def _check_assignment(instruction: Instruction) -> None:
    _check_some(instruction)
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
    if any(not word.text.strip() for word in instruction.words):
        raise InvalidInstruction("VOLUME specified can not be an empty string")


def _check_shell(instruction: Instruction) -> None:
    if instruction.json is None and instruction.value:
        raise InvalidInstruction("SHELL requires the arguments to be in JSON form")
    if not instruction.json:
        raise InvalidInstruction("SHELL requires at least one argument")


def _check_onbuild(instruction: Instruction) -> None:
    _check_some(instruction)
    trigger = instruction.value.split(None, 1)[0].upper()
    if trigger == "ONBUILD":
        raise InvalidInstruction("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger in ("MAINTAINER", "FROM"):
        raise InvalidInstruction(f"{trigger} isn't allowed as an ONBUILD trigger")


def _check_healthcheck(instruction: Instruction) -> None:
    _check_some(instruction)
    kind, _, rest = instruction.value.partition(" ")
    kind = kind.split("\t")[0].upper()
    if kind == "NONE":
        if rest.strip():
            raise InvalidInstruction("HEALTHCHECK NONE takes no arguments")
        return
    if kind != "CMD":
        raise InvalidInstruction(f'Unknown type "{kind}" in HEALTHCHECK (try CMD)')
    if not instruction.value[3:].strip() or instruction.json == ():
        raise InvalidInstruction("Missing command after HEALTHCHECK CMD")
    for flag in instruction.flags:
        if flag.name == "retries":
            if flag.value and not re.fullmatch(r"\+?\d+", flag.value):
                raise InvalidInstruction(f"invalid --retries: {flag.value}")
        elif flag.value and not DURATION.match(flag.value):
            raise InvalidInstruction(f'time: invalid duration "{flag.value}"')


CHECKS = {
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
