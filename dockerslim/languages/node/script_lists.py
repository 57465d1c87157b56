"""Tools that run several scripts: concurrently, npm-run-all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerslim.languages.node.glob_patterns import matches

_WITH_VALUE = frozenset(
    {"-n", "--names", "-c", "--prefix-colors", "-p", "--prefix", "-l", "--prefix-length", "-t", "--timestamp-format"}
    | {"-m", "--max-processes", "-s", "--success", "--restart-tries", "--restart-after", "--kill-signal"}
    | {"--name-separator", "--default-input-target"}
)


def read_concurrently(words: Sequence[str]) -> Iterator[str]:
    """The commands among the arguments of `concurrently`."""
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            yield from words[position + 1 :]
            return
        if word.startswith("-"):
            position += 2 if word in _WITH_VALUE else 1
            continue
        yield word
        position += 1


def matching_scripts(pattern: str, names: Sequence[str]) -> tuple[str, ...]:
    """The scripts that `build:*` or `build:**` names: `:` parts a name as `/` parts a path."""
    if "*" not in pattern:
        return (pattern,) if pattern in names else ()
    path = pattern.replace("/", "\0").replace(":", "/")
    return tuple(name for name in names if matches(name.replace("/", "\0").replace(":", "/"), path))
