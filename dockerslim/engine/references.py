"""Proof that names and numbers of stages still mean the same.

A stage that is put in between moves the numbers of those below it, and a stage's new name may be that of an image
which the file names elsewhere; the lines that say `--from=1` or `--from=nginx` look the same afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.dockerfile import Dockerfile, Instruction


def changed_references(before: Dockerfile, after: Dockerfile) -> Iterator[str]:
    """Each reference of both texts that means something else in the second, in one sentence."""
    for name in sorted(_references(before) & _references(after)):
        old, new = _meaning(before, name), _meaning(after, name)
        if old != new:
            yield f"`{name}` meant {old or 'an image'} and means {new or 'an image'}"


def _references(dockerfile: Dockerfile) -> frozenset[str]:
    found = {stage.base.lower() for stage in dockerfile.stages}
    for instruction in dockerfile.instructions:
        found.update(value.lower() for value in _from_values(instruction))
    return frozenset(found)


def _from_values(instruction: Instruction) -> Iterator[str]:
    for flag in instruction.flags:
        if flag.name == "from" and flag.value:
            yield flag.value
        elif flag.name == "mount" and flag.value:
            yield from (part.removeprefix("from=") for part in flag.value.split(",") if part.startswith("from="))


def _meaning(dockerfile: Dockerfile, name: str) -> str | None:
    """The stage, by what it is built from; None for an image."""
    if name.isdigit():
        number = int(name) if len(name) < 6 else len(dockerfile.stages)
        return f"the stage from {dockerfile.stages[number].base}" if number < len(dockerfile.stages) else None
    return f"stage `{name}`" if any(stage.name == name for stage in dockerfile.stages) else None
