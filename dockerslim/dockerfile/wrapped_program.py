"""The program that a list of words runs by way of others: `env`, `nice`, `timeout` and their like."""

from __future__ import annotations

from collections.abc import Sequence

from dockerslim.dockerfile.shell_command import WRAPPERS, Wrapper

BROUGHT = {
    "sudo": WRAPPERS["sudo"],
    "xvfb-run": Wrapper(
        frozenset({"-e", "--error-file", "-f", "--auth-file", "-n", "--server-num", "-p", "--xauth-protocol"})
        | {"-s", "--server-args", "-w", "--wait"}
    ),
}
"""Those that are not in every image, which are programs of their own to whoever asks what an image needs."""
OF_SHELLS = frozenset({"command", "exec", "time"})
"""What a shell alone knows."""
MOST_WRAPPERS = 10


def run_programs(words: Sequence[str | None]) -> tuple[str | None, ...]:
    """The programs that the words run, the last of them with its arguments still in its place; None for a word that is
    not known where a program is expected. Words that begin with no wrapper give their first one."""
    found: list[str | None] = []
    rest = list(words)
    for _ in range(MOST_WRAPPERS):
        first = rest[0] if rest else None
        name = first.rsplit("/", 1)[-1] if first is not None else ""
        wrapper = BROUGHT.get(name) or (WRAPPERS.get(name) if name not in OF_SHELLS else None)
        if wrapper is None:
            return (*found, first)
        if name in BROUGHT:
            found.append(first)
        behind = _behind(rest[1:], wrapper)
        if behind is None:
            return tuple(found) if found else (first,)  # it is started for itself
        rest = behind
    return (*found, None)


def _behind(words: Sequence[str | None], wrapper: Wrapper) -> list[str | None] | None:
    """The words behind those of the wrapper; None where it runs nothing. An unknown word may be any program."""
    rest = list(words)
    own = wrapper.arguments
    while rest:
        word = rest[0]
        if word is None and own:
            own -= 1
            rest.pop(0)
        elif word is None:
            return rest
        elif wrapper.not_running and word.startswith(wrapper.not_running):
            return [None]
        elif word.startswith("-"):
            del rest[: 2 if word in wrapper.value_options else 1]
        elif wrapper.takes_assignments and "=" in word:
            rest.pop(0)
        elif own:
            own -= 1
            rest.pop(0)
        else:
            return rest
    return None
