"""Proof that users and groups that a file names are still made by it, or are in the base image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerslim.case import Case
from dockerslim.dockerfile import Instruction
from dockerslim.images.state import StageStates

MAKES_USERS = re.compile(r"\b(?:useradd|adduser|usermod|groupadd|addgroup|groupmod|newusers)\b|/etc/(?:passwd|group)\b")


def lost_users(before: Case, after: Case) -> Iterator[str]:
    """Each user or group that was surely there for whoever names it, and is not any more, in one sentence."""
    known = {name for name, _, is_there in _named(before) if is_there}
    if not known:
        return
    unsure = {name for name, _, is_there in _named(before) if not is_there}
    for name, instruction, is_there in _named(after):
        if name in known - unsure and not is_there:
            yield f"nothing makes the user or group `{name}` that {instruction.keyword} names"


def _named(case: Case) -> Iterator[tuple[str, Instruction, bool]]:
    """Each name in a USER or `--chown`, who names it, and whether it is surely there by then."""
    for states in case.states:
        for instruction in states.stage.instructions:
            value = instruction.value if instruction.keyword == "USER" else instruction.flag_value("chown")
            if not value:
                continue
            expanded = states.at(instruction).expand(value, instruction.escape) or ""
            for name in dict.fromkeys(expanded.split(":")[:2]):
                if name and not name.isdigit() and name != "root":
                    yield name, instruction, _is_there(case, states, instruction, name)


def _is_there(case: Case, states: StageStates, instruction: Instruction, name: str) -> bool:
    image = states.at(instruction).image
    if image is not None and name in image.users:
        return True
    return any(_makes(case, other, name) for other in _earlier(case, states, instruction))


def _earlier(case: Case, states: StageStates, instruction: Instruction) -> Iterator[Instruction]:
    """The instructions above in the stage, and all of those it is built from."""
    yield from (other for other in states.stage.instructions if other.span.start < instruction.span.start)
    while states.base_stage is not None:
        states = case.states[states.base_stage.index]
        yield from states.stage.instructions


def _makes(case: Case, instruction: Instruction, name: str) -> bool:
    if instruction.keyword in ("COPY", "ADD"):
        return any(word.text.rstrip("/").endswith("/etc/passwd") for word in instruction.words)
    if instruction.keyword != "RUN":
        return False
    text = case.script(instruction).source.text
    return bool(MAKES_USERS.search(text) and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))
