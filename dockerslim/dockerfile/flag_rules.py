"""Which builder flags an instruction takes, and with which values (BuildKit's instructions/bflag.go, v0.34)."""

from __future__ import annotations

import re

from dockerslim.dockerfile.flags import Flag
from dockerslim.dockerfile.instruction import Instruction

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
COMMA_FIELD = re.compile(r'(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^",]*))(?P<comma>,|\Z)')
GO_BOOLS = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})


class InvalidInstruction(Exception):
    """BuildKit refuses the instruction; the text is close to its own message."""


def check_flags(instruction: Instruction) -> None:
    """Raises InvalidInstruction for a flag that the instruction doesn't know, or whose value is none."""
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
        seen.add(flag.name)
    if instruction.keyword == "RUN":
        for flag in instruction.flags:
            if flag.name in RUN_FLAG_CHECKS:
                RUN_FLAG_CHECKS[flag.name](flag)


def _check_mount(flag: Flag) -> None:
    """Only what is refused on parsing; the rest of a mount is looked at when the RUN is built."""
    for field in _comma_fields(flag):
        key, _, text = field.partition("=")
        if key.lower() == "from" and "$" in text[:-1]:
            raise InvalidInstruction("'from' doesn't support variable expansion, define alias stage instead")


def _check_device(flag: Flag) -> None:
    name = ""
    for field in _comma_fields(flag):
        key, equals, text = field.partition("=")
        key = key.lower()
        if key == "required":
            is_wrong = bool(equals) and text not in GO_BOOLS
        else:
            is_wrong = bool(name)
            name = text if key == "name" and equals else field
        if is_wrong:
            raise InvalidInstruction(f"invalid field '{field}' of a device")


def _check_network(flag: Flag) -> None:
    if flag.value not in ("default", "none", "host"):
        raise InvalidInstruction(f'invalid network mode "{flag.value}"')


def _check_security(flag: Flag) -> None:
    if flag.value not in ("insecure", "sandbox"):
        raise InvalidInstruction(f'security "{flag.value}" is not valid')


RUN_FLAG_CHECKS = {
    "mount": _check_mount,
    "device": _check_device,
    "network": _check_network,
    "security": _check_security,
}


def _comma_fields(flag: Flag) -> list[str]:
    """A line of CSV as Go reads it: quotes stand around a whole field or nowhere."""
    value = flag.value or ""
    fields: list[str] = []
    position = 0
    while (match := COMMA_FIELD.match(value, position)) and value:
        fields.append(match["plain"] if match["quoted"] is None else match["quoted"].replace('""', '"'))
        position = match.end()
        if not match["comma"]:
            return fields
    raise InvalidInstruction(f"failed to parse csv {flag.name}s: {value}")
