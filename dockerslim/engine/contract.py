"""The runtime contract: what a stage's image promises to whoever runs it.

It has two halves: what the author's lines set, and what the base supplied. A key of the first may change only where an
applied transform names it in `changes`; of the second a smaller base may lose the values that only describe the
toolchain (data of the catalogue) and must carry the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.dockerfile import Stage
from dockerslim.case import Case
from dockerslim.images.state import Command, ImageState
from dockerslim.images.toolchain import toolchain_environment


def violations(before: Case, after: Case, allowed: frozenset[str]) -> tuple[str, ...]:
    """Each broken promise in one sentence; `allowed` are the keys that applied transforms name."""
    found: list[str] = []
    pairs: list[tuple[Stage | None, Stage | None, str]] = [
        (before.dockerfile.final_stage, after.dockerfile.final_stage, "the final stage")
    ]
    for stage in before.dockerfile.stages:
        if stage.name is not None and stage.index != len(before.dockerfile.stages) - 1:
            pairs.append((stage, after.dockerfile.stage_named(stage.name), f"stage `{stage.name}`"))
    final_name = before.dockerfile.final_stage.name
    if final_name is not None and after.dockerfile.final_stage.name != final_name:
        found.append(f"the final stage lost its name `{final_name}`")
    for old, new, where in pairs:
        if old is None:
            continue
        if new is None:
            found.append(f"{where} is gone")
            continue
        old_state, new_state = before.states[old.index].final, after.states[new.index].final
        found.extend(f"{text} in {where}" for text in _differences(old_state, new_state, allowed))
    return tuple(found)


def _differences(old: ImageState, new: ImageState, allowed: frozenset[str]) -> Iterator[str]:
    yield from _environment(old, new, allowed)
    for key, before, after in (
        ("USER", _known(old, "USER", old.user or "0"), _known(new, "USER", new.user or "0")),
        ("WORKDIR", old.workdir, new.workdir),
        ("CMD", _command(old.cmd), _command(new.cmd)),
        ("ENTRYPOINT", _command(old.entrypoint), _command(new.entrypoint)),
        ("EXPOSE", sorted(old.exposed), sorted(new.exposed)),
        ("VOLUME", sorted(old.volumes), sorted(new.volumes)),
        ("LABEL", dict(old.labels), dict(new.labels)),
        ("HEALTHCHECK", old.healthcheck, new.healthcheck),
        ("STOPSIGNAL", old.stop_signal, new.stop_signal),
        ("ONBUILD", old.onbuild, new.onbuild),
        ("SHELL", old.shell, new.shell),
    ):
        if before == after or key in allowed:
            continue
        if key == "CMD" and old.cmd is not None and old.cmd.instruction is None and new.entrypoint is not None:
            continue  # a base's own default (a shell, an interpreter) under an ENTRYPOINT that clears it
        yield f"{key} changed from {before!r} to {after!r}"


def _known(state: ImageState, key: str, value: str | None) -> str | None:
    if not state.base_known and key not in state.authored:
        return f"of {state.reference}"
    return "0" if value in ("root", "0", "root:root", "0:0", "") else value


def _environment(old: ImageState, new: ImageState, allowed: frozenset[str]) -> Iterator[str]:
    if "ENV" in allowed:
        return
    lost_with_base = toolchain_environment(old.image)
    for name in sorted({*old.env, *new.env}):
        key = f"ENV {name}"
        if key in allowed or old.env.get(name) == new.env.get(name) and (name in old.env) == (name in new.env):
            continue
        if key not in old.authored and name in lost_with_base and key not in new.authored:
            continue
        if key not in old.authored and key not in new.authored and name == "PATH":
            continue  # each base's own; the programs in use are looked for by the split
        if name not in old.env:
            if key in new.authored:
                yield f"{key} is new"
            continue
        if name not in new.env:
            yield f"{key} is gone"
        else:
            yield f"{key} changed from {old.env[name]!r} to {new.env[name]!r}"


def _command(command: Command | None) -> object:
    if command is None:
        return None
    if command.words is not None:
        return command.words
    return (command.text, command.shell)
