"""The arguments of `node` and of programs that take its place: options, what is loaded first, the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_PRELOADS = frozenset({"-r", "--require", "--import", "--preload", "--loader", "--experimental-loader"})
_OF_NODE = frozenset(
    {"-C", "--conditions", "--title", "--icu-data-dir", "--openssl-config", "--redirect-warnings", "--env-file"}
    | {"--env-file-if-exists", "--stack-trace-limit", "--inspect-port", "--dns-result-order"}
)
_OF_TRANSPILERS = frozenset(
    {"-P", "--project", "-O", "--compiler-options", "--presets", "--plugins", "--config-file", "--tsconfig"}
    | {"--extensions", "-x"}
)
_OF_BUN = frozenset(
    {"--cwd", "--config", "--port", "--define", "--drop", "--tsconfig-override", "--shell", "--filter", "-F"}
)
_WITH_VALUE = _PRELOADS | _OF_NODE | _OF_TRANSPILERS | _OF_BUN
_CODE = frozenset({"-e", "--eval", "-p", "--print", "-pe"})


@dataclass(frozen=True, slots=True)
class NodeArguments:
    """`node [options] file [arguments]`"""

    file: str | None = None
    arguments: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()
    """What `--require` and `--import` name: a package or a path."""
    env_files: tuple[str, ...] = ()
    code: str | None = None
    """The program of `--eval`."""


def read_node_arguments(words: Sequence[str], babel: bool = False) -> NodeArguments:
    """Read the words after the program. `babel`: with -x for file extensions, as babel-node has it."""
    preloads: list[str] = []
    env_files: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if not word.startswith("-") or word == "-":
            break
        name, equals, value = word.partition("=")
        following = words[position + 1] if position + 1 < len(words) else None
        if name in _CODE:
            return NodeArguments(None, (), tuple(preloads), tuple(env_files), value or following or "")
        takes_value = name in _WITH_VALUE and not equals and (name != "-x" or babel)
        if takes_value:
            position += 1
            value = following or ""
        if name in _PRELOADS and value:
            preloads.append(value)
        elif name.startswith("--env-file") and value:
            env_files.append(value)
        position += 1
    rest = tuple(words[position:])
    if not rest or rest[0] == "-":
        return NodeArguments(None, (), tuple(preloads), tuple(env_files))
    return NodeArguments(rest[0], rest[1:], tuple(preloads), tuple(env_files))


def read_bun_arguments(words: Sequence[str]) -> NodeArguments:
    """Read the words after `bun`: `[options] [run] [options] file [arguments]`. The file may be a script's name."""
    first = read_node_arguments(words)
    if first.file != "run":
        return first
    second = read_node_arguments(first.arguments)
    return NodeArguments(
        second.file,
        second.arguments,
        (*first.preloads, *second.preloads),
        (*first.env_files, *second.env_files),
        second.code,
    )
