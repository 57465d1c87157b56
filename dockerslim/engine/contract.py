"""The runtime contract: what a stage's image promises to whoever runs it.

It has two halves: what the author's lines set, and what the base supplied. A key of the first may change only where an
applied transform names it in `changes`; of the second a smaller base may lose the values that only describe the
toolchain (data of the catalogue) and must carry the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerslim.case import Case
from dockerslim.dockerfile import Stage
from dockerslim.engine.references import changed_references
from dockerslim.engine.users import lost_users
from dockerslim.images.state import Command, ImageState, StageStates
from dockerslim.images.toolchain import toolchain_environment


def violations(before: Case, after: Case, allowed: frozenset[str]) -> tuple[str, ...]:
    """Each broken promise in one sentence; `allowed` are the keys that applied transforms name."""
    found: list[str] = []
    old_final, new_final = before.dockerfile.final_stage, after.dockerfile.final_stage
    if old_final.name is not None and new_final.name != old_final.name:
        found.append(f"the final stage lost its name `{old_final.name}`")
    found.extend(changed_references(before.dockerfile, after.dockerfile))
    found.extend(lost_users(before, after))
    for old, new, where in _promised_stages(before, after):
        if new is None:
            found.append(f"{where} is gone")
        else:
            differences = _differences(_View(before, old), _View(after, new), allowed)
            found.extend(f"{text} in {where}" for text in differences)
    return tuple(found)


def _promised_stages(before: Case, after: Case) -> Iterator[tuple[Stage, Stage | None, str]]:
    """The final stage, and each that can be named as a target or is named by its number."""
    stages = before.dockerfile.stages
    yield stages[-1], after.dockerfile.final_stage, "the final stage"
    numbers = {target for target in before.usage.targets if target.isdigit()}
    for stage in stages[:-1]:
        if stage.name is not None:
            yield stage, after.dockerfile.stage_named(stage.name), f"stage `{stage.name}`"
        elif str(stage.index) in numbers:
            yield stage, after.dockerfile.stage_named(str(stage.index)), f"stage {stage.index}"


class _View:
    """A stage's final state, and what stands in the file where the state doesn't know a value."""

    def __init__(self, case: Case, stage: Stage) -> None:
        self.state: ImageState = case.states[stage.index].final
        self.runtime_said = case.options.runtime
        self._chain = tuple(_chain(case, case.states[stage.index]))

    @property
    def base(self) -> str:
        """The image that the stage is built from, as written where its name isn't known."""
        return self.state.reference or self._chain[-1].stage.base

    @property
    def base_is_said(self) -> bool:
        """Did the person running the tool name this image? Then what it supplies is theirs to know."""
        return self.state.reference == self.runtime_said

    def written(self, keyword: str, name: str = "") -> str | None:
        """The last value of a key as the author wrote it."""
        for states in self._chain:
            for instruction in reversed(states.stage.all(keyword)):
                if not name:
                    return instruction.value
                for pair in reversed(instruction.assignments):
                    if pair.key == name:
                        return pair.value
        return None


def _chain(case: Case, states: StageStates) -> Iterator[StageStates]:
    """The stage, and the stages of this file that it is built from."""
    yield states
    while states.base_stage is not None:
        states = case.states[states.base_stage.index]
        yield states


def _differences(before: _View, after: _View, allowed: frozenset[str]) -> Iterator[str]:
    old, new = before.state, after.state
    if not (old.base_known and new.base_known) and before.base != after.base and not after.base_is_said:
        yield f"the base image changed from {before.base!r} to {after.base!r}, and what it supplies is not known"
        return
    yield from _mapping("ENV", before, after, old.env, new.env, allowed)
    yield from _mapping("LABEL", before, after, old.labels, new.labels, allowed)
    for key, is_value, should_be in (
        ("USER", _user(after), _user(before)),
        ("WORKDIR", _known(after, "WORKDIR", new.workdir), _known(before, "WORKDIR", old.workdir)),
        ("CMD", _command(new.cmd), _command(old.cmd)),
        ("ENTRYPOINT", _command(new.entrypoint), _command(old.entrypoint)),
        ("EXPOSE", sorted(new.exposed), sorted(old.exposed)),
        ("VOLUME", sorted(new.volumes), sorted(old.volumes)),
        ("HEALTHCHECK", new.healthcheck, old.healthcheck),
        ("STOPSIGNAL", new.stop_signal, old.stop_signal),
        ("ONBUILD", new.onbuild, old.onbuild),
        ("SHELL", new.shell, old.shell),
    ):
        if is_value == should_be or key in allowed:
            continue
        if key == "CMD" and "ENTRYPOINT" in allowed and "CMD" not in old.authored | new.authored:
            continue  # an ENTRYPOINT clears the CMD of its base
        if after.base_is_said and key not in old.authored and key not in new.authored:
            continue
        yield f"{key} changed from {should_be!r} to {is_value!r}"


def _user(view: _View) -> str:
    value = _known(view, "USER", view.state.user)
    return "0" if value in ("root", "0", "root:root", "0:0", "") else value


def _known(view: _View, key: str, value: str | None) -> str:
    """The value; where it isn't known, whatever it can be recognised by."""
    if key not in view.state.authored and not view.state.base_known:
        return f"of {view.base}"
    return value if value is not None else f"as written: {view.written(key)}"


def _mapping(
    keyword: str,
    before: _View,
    after: _View,
    old: Mapping[str, str | None],
    new: Mapping[str, str | None],
    allowed: frozenset[str],
) -> Iterator[str]:
    """ENV and LABEL, key by key."""
    if keyword in allowed:
        return
    lost_with_base = toolchain_environment(before.state.image) if keyword == "ENV" else frozenset[str]()
    for name in sorted({*old, *new}):
        key = f"{keyword} {name}"
        if key in allowed or _is_same(keyword, name, before, after, old, new):
            continue
        is_base_only = key not in before.state.authored and key not in after.state.authored
        # PATH is each base's own; a split looks for the programs in use itself.
        if is_base_only and (name in lost_with_base or name == "PATH" or after.base_is_said):
            continue
        if name not in old:
            if not is_base_only:
                yield f"{key} is new"
        elif name not in new:
            yield f"{key} is gone"
        else:
            yield f"{key} changed from {_shown(keyword, name, before, old)} to {_shown(keyword, name, after, new)}"


def _is_same(
    keyword: str,
    name: str,
    before: _View,
    after: _View,
    old: Mapping[str, str | None],
    new: Mapping[str, str | None],
) -> bool:
    if (name in old) != (name in new) or old.get(name) != new.get(name):
        return False
    if old.get(name) is not None:
        return True
    return before.written(keyword, name) == after.written(keyword, name)


def _shown(keyword: str, name: str, view: _View, values: Mapping[str, str | None]) -> str:
    value = values[name]
    return repr(value) if value is not None else repr(view.written(keyword, name))


def _command(command: Command | None) -> object:
    if command is None:
        return None
    if command.words is not None:
        return command.words
    return (command.text, command.shell)
