"""What the configuration of the rewritten image says otherwise than that of the original."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from shlex import join

from dockerslim.output.terminal_text import visible
from dockerslim.verify.compare.effective_command import effective_command
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.verification import Difference

_VALUE_WIDTH = 100

_SIGNALS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG"
    " XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split()
"""By their numbers in Linux, from 1: those of the machine that this runs on may be others."""

_STOP_SECONDS = 10
"""What an engine waits where the image doesn't say."""

_Found = Iterator[Difference | str]


def configuration_differences(
    before: ImageConfiguration, after: ImageConfiguration, *, lost_with_base: frozenset[str], changes: frozenset[str]
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The differences, and notes of what differs and does no harm.

    `lost_with_base` are names of variables by which the original's base image describes its toolchain; `changes` what
    the applied transforms may change, as in `ENV PATH`, `CMD`. Another user is what a rewrite is for: only one that
    became root is a difference.
    """
    found = [
        *_environment(before.environment, after.environment, lost_with_base, changes),
        *_declared("port", _ports(before.ports), _ports(after.ports)),
        *_declared("volume", _paths(before.volumes), _paths(after.volumes)),
        *_labels(before.labels, after.labels),
        *_value("stop signal", stop_signal(before.stop_signal), stop_signal(after.stop_signal)),
        *_value("stop time", _seconds(before.stop_seconds), _seconds(after.stop_seconds)),
        *_value("health check", _health_check(before.healthcheck), _health_check(after.healthcheck)),
        *_value("working folder", _path(before.working_folder), _path(after.working_folder)),
        *_commands(before, after, changes),
        *_user(before.user, after.user, changes),
    ]
    return tuple(f for f in found if isinstance(f, Difference)), tuple(f for f in found if isinstance(f, str))


def is_root(user: str) -> bool:
    """Is this, of an image's configuration (`node`, `1000:1000`, empty), root?"""
    return user.partition(":")[0].strip() in ("", "root", "0")


def stop_signal(text: str) -> str:
    """The signal by its full name; SIGTERM where none is said."""
    name = text.strip().upper().removeprefix("SIG") or "TERM"
    if name.isdecimal() and 1 <= int(name) <= len(_SIGNALS):
        name = _SIGNALS[int(name) - 1]
    return f"SIG{name}"


def _environment(
    before: Mapping[str, str], after: Mapping[str, str], lost_with_base: frozenset[str], changes: frozenset[str]
) -> _Found:
    for name, value in before.items():
        if after.get(name) == value:
            continue
        if name == "PATH" and name in after:
            # The folders of a toolchain go with it.
            is_toolchain_gone = not lost_with_base.isdisjoint(before.keys() - after.keys())
            yield from _search_path(value, after[name], tells_lost=not is_toolchain_gone)
        elif name not in lost_with_base and f"ENV {name}" not in changes:
            yield Difference(f"ENV {name}", _shown(value), _shown(after[name]) if name in after else "not set")
        elif name in after:
            yield f"ENV {name}: {_shown(value)} before, {_shown(after[name])} after"
    if gone := sorted(n for n in before if n not in after and (n in lost_with_base or f"ENV {n}" in changes)):
        yield f"no longer set: {', '.join(gone)}"
    if added := sorted(set(after) - set(before)):
        yield f"newly set: {', '.join(f'{name}={_shown(after[name])}' for name in added)}"


def _search_path(before: str, after: str, *, tells_lost: bool) -> Iterator[str]:
    old, new = before.split(":"), after.split(":")
    if tells_lost and (lost := [entry for entry in old if entry not in new]):
        yield f"ENV PATH has lost {', '.join(map(_shown, lost))}"
    if [entry for entry in old if entry in new] != [entry for entry in new if entry in old]:
        yield f"ENV PATH is in another order: {_shown(after)}"


def _declared(what: str, before: frozenset[str], after: frozenset[str]) -> Iterator[Difference]:
    yield from (Difference(f"{what} {_shown(name)}", "declared", "not declared") for name in sorted(before - after))
    yield from (Difference(f"{what} {_shown(name)}", "not declared", "declared") for name in sorted(after - before))


def _labels(before: Mapping[str, str], after: Mapping[str, str]) -> _Found:
    for name, value in before.items():
        if after.get(name) != value:
            yield Difference(f"label {name}", _shown(value), _shown(after[name]) if name in after else "not set")
    if added := sorted(set(after) - set(before)):
        yield f"new labels: {', '.join(map(_shown, added))}"


def _value(what: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(what, _shown(before), _shown(after))


def _commands(before: ImageConfiguration, after: ImageConfiguration, changes: frozenset[str]) -> _Found:
    old = effective_command(before.entrypoint, before.command)
    new = effective_command(after.entrypoint, after.command)
    if old != new:
        shown_before, shown_after = _shown(join(old) or "none"), _shown(join(new) or "none")
        if changes.isdisjoint(("CMD", "ENTRYPOINT")):
            yield Difference("command", shown_before, shown_after)
        else:
            yield f"the command: {shown_before} before, {shown_after} after"
    elif len(before.entrypoint) != len(after.entrypoint) and not _takes_off_shell(before, after):
        yield "arguments given to `docker run` replace another part of the command: ENTRYPOINT and CMD are split anew"


def _takes_off_shell(before: ImageConfiguration, after: ImageConfiguration) -> bool:
    """Is the ENTRYPOINT the same program once the shell is off?"""
    return bool(before.entrypoint) == bool(after.entrypoint) and effective_command(
        before.entrypoint, ()
    ) == effective_command(after.entrypoint, ())


def _user(before: str, after: str, changes: frozenset[str]) -> _Found:
    if is_root(after) and not is_root(before):
        yield Difference("user", _shown(before), _shown(after or "root"))
    elif before != after and "USER" not in changes and not (is_root(before) and is_root(after)):
        yield f"the user: {_shown(before or 'root')} before, {_shown(after or 'root')} after"


def _ports(ports: frozenset[str]) -> frozenset[str]:
    return frozenset(port.lower() if "/" in port else f"{port}/tcp" for port in ports)


def _paths(paths: frozenset[str]) -> frozenset[str]:
    return frozenset(map(_path, paths))


def _path(path: str) -> str:
    return "/" + posixpath.normpath(path or "/").lstrip("/")


def _seconds(seconds: int | None) -> str:
    return f"{_STOP_SECONDS if seconds is None else seconds} seconds"


def _health_check(words: tuple[str, ...]) -> str:
    """A check that is switched off is none."""
    return "none" if words[:1] in ((), ("NONE",)) else join(words)


def _shown(value: str) -> str:
    text = visible(value)
    return text if len(text) <= _VALUE_WIDTH else f"{text[: _VALUE_WIDTH - 1]}…"
