"""What a stage's image is after each instruction: the configuration, said by the author or supplied by the base.

What can't be known is None where a value is expected, and `base_known` is False where the base image is not in the
catalogue: then a key that no instruction set is unknown and not empty.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from dockerslim.dockerfile import Dockerfile, Instruction, Stage
from dockerslim.dockerfile.expand import Lookup, expand, expand_from
from dockerslim.images.catalogue import Catalogue, Image, User


@dataclass(frozen=True, slots=True)
class Command:
    """A CMD or ENTRYPOINT: exec form `words`, or shell form `text` that `shell` runs."""

    words: tuple[str, ...] | None
    text: str = ""
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    instruction: Instruction | None = None
    """None where the base image supplies it."""

    @property
    def is_empty(self) -> bool:
        return self.words == ()


@dataclass(frozen=True, slots=True)
class ImageState:
    """The configuration of a stage at one point.

    `env` maps to None where the value isn't known. `authored` holds the keys (`USER`, `ENV PATH`, ...) that an
    instruction of the file set, here or in a stage below.
    """

    image: Image | None
    reference: str
    base_known: bool
    env: Mapping[str, str | None] = field(default_factory=dict)
    arguments: Mapping[str, str | None] = field(default_factory=dict)
    user: str | None = ""
    workdir: str | None = "/"
    shell: tuple[str, ...] | None = None
    cmd: Command | None = None
    entrypoint: Command | None = None
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str | None] = field(default_factory=dict)
    healthcheck: str | None = None
    stop_signal: str | None = None
    onbuild: tuple[str, ...] = ()
    authored: frozenset[str] = frozenset()

    @property
    def lookup(self) -> Lookup:
        """Values as the builder sees them: ENV wins over ARG."""
        merged = {**self.arguments, **self.env}
        if self.base_known:
            return expand_from(merged)
        return lambda name: merged.get(name) if name in merged else None

    def expand(self, value: str, escape: str = "\\") -> str | None:
        return expand(value, self.lookup, escape)

    @property
    def is_root(self) -> bool | None:
        """Does a process run as root? None where that isn't known."""
        if self.user is None or (not self.base_known and "USER" not in self.authored):
            return None
        return self.user.partition(":")[0] in ("", "0", "root")

    def path(self, path: str) -> str | None:
        """An absolute path, relative ones resolved against the work folder."""
        if path.startswith("/"):
            return posixpath.normpath(path)
        return None if self.workdir is None else posixpath.normpath(posixpath.join(self.workdir, path))

    @property
    def home(self) -> str | None:
        """The folder that programs of a RUN take for HOME."""
        if "HOME" in self.env:
            return self.env["HOME"]
        if self.user is None:
            return None
        name = self.user.partition(":")[0]
        if name in ("", "0", "root"):
            return "/root"
        users = self.image.users if self.image else {}
        for known, (uid, _, home) in users.items():
            if name in (known, str(uid)):
                return home
        return None

    @property
    def uid(self) -> tuple[int, int] | None:
        """Numeric user and group, where known."""
        if self.user is None:
            return None
        name, _, group = self.user.partition(":")
        if name in ("", "root"):
            name = "0"
        users = self.image.users if self.image else {}
        known = users.get(name)
        if known is None and name.isdigit():
            known = next((entry for entry in users.values() if entry[0] == int(name)), User(int(name), 0, "/"))
        if known is None:
            return None
        return known[0], int(group) if group.isdigit() else known[1]


@dataclass(frozen=True)
class StageStates:
    """`before[i]` is the state that instruction i of the stage finds; `final` what the stage ends with."""

    stage: Stage
    before: tuple[ImageState, ...]
    final: ImageState
    base_stage: Stage | None
    """The stage of this file that it is built from."""

    @cached_property
    def _by_place(self) -> Mapping[int, ImageState]:
        pairs = zip(self.stage.instructions, self.before, strict=True)
        return {instruction.span.start: state for instruction, state in pairs}

    def at(self, instruction: Instruction) -> ImageState:
        """The state that an instruction of this stage finds."""
        return self._by_place.get(instruction.span.start, self.final)

    def holds(self, instruction: Instruction) -> bool:
        return instruction.span.start in self._by_place


def stage_states(dockerfile: Dockerfile, catalogue: Catalogue) -> tuple[StageStates, ...]:
    """The states of every stage, in order."""
    global_values: dict[str, str | None] = {}
    for argument in dockerfile.global_arguments:
        for pair in argument.assignments:
            value = None if pair.value is None else expand(pair.value, expand_from(global_values), argument.escape)
            global_values[pair.key] = value
    found: list[StageStates] = []
    for stage in dockerfile.stages:
        found.append(_walk(stage, found, global_values, catalogue))
    return tuple(found)


def base_reference(stage: Stage, global_values: Mapping[str, str | None]) -> str | None:
    """The image that FROM names, variables expanded with the defaults of the global ARGs."""
    return expand(stage.base, expand_from(global_values), stage.from_.escape)


def _walk(
    stage: Stage, earlier: list[StageStates], global_values: Mapping[str, str | None], catalogue: Catalogue
) -> StageStates:
    reference = base_reference(stage, global_values)
    below = next((s for s in reversed(earlier) if reference and s.stage.name == reference.lower()), None)
    if below is not None:
        state = replace(below.final, arguments={})
        if state.onbuild:
            state = replace(state, base_known=False, onbuild=())
    else:
        state = _base_state(reference, catalogue) if reference is not None else _computed_base(stage, catalogue)
    before: list[ImageState] = []
    for instruction in stage.instructions:
        before.append(state)
        state = _apply(state, instruction, global_values)
    state = _clear_inherited_cmd(stage, state)
    return StageStates(stage, tuple(before), state, below.stage if below else None)


def _clear_inherited_cmd(stage: Stage, state: ImageState) -> ImageState:
    """An ENTRYPOINT clears the CMD that came from below, unless the stage has a CMD of its own."""
    if stage.last("ENTRYPOINT") is not None and stage.last("CMD") is None:
        return replace(state, cmd=None)
    return state


def _computed_base(stage: Stage, catalogue: Catalogue) -> ImageState:
    """A base with a variable in it that has no value: the family may be written out, as in `python:$VERSION`."""
    name, _, tag = stage.base.partition(":")
    image = catalogue.lookup_family(name) if "$" in tag else None
    return ImageState(image, "", False, user=None, workdir=None)


def _base_state(reference: str, catalogue: Catalogue) -> ImageState:
    image = catalogue.lookup(reference) if reference else None
    if reference == "scratch":
        return ImageState(image, "scratch", True)
    if image is None or image.config is None:
        return ImageState(image, reference, False, user=None, workdir=None)
    config = image.config
    return ImageState(
        image,
        reference,
        True,
        env=dict(config.env),
        user=config.user,
        workdir=config.working_dir or "/",
        cmd=Command(config.cmd) if config.cmd is not None else None,
        entrypoint=Command(config.entrypoint) if config.entrypoint is not None else None,
        exposed=tuple(config.exposed_ports),
        stop_signal=config.stop_signal,
    )


def _apply(state: ImageState, instruction: Instruction, global_values: Mapping[str, str | None]) -> ImageState:
    step = STEPS.get(instruction.keyword)
    if instruction.keyword == "ARG":
        return _argument(state, instruction, global_values)
    return step(state, instruction) if step else state


def _argument(state: ImageState, instruction: Instruction, global_values: Mapping[str, str | None]) -> ImageState:
    values = dict(state.arguments)
    for pair in instruction.assignments:
        if pair.value is not None:
            values[pair.key] = state.expand(pair.value, instruction.escape)
        else:
            values[pair.key] = global_values.get(pair.key)
    return replace(state, arguments=values)


def _env(state: ImageState, instruction: Instruction) -> ImageState:
    values = dict(state.env)
    names = set()
    for key, value in assigned(state, instruction):
        values[key] = value
        names.add(f"ENV {key}")
    return replace(state, env=values, authored=state.authored | names)


def assigned(state: ImageState, instruction: Instruction) -> Iterator[tuple[str, str | None]]:
    """The values of an ENV or LABEL; all see the state from before it."""
    for pair in instruction.assignments:
        key = state.expand(pair.key, instruction.escape) or pair.key
        yield key, state.expand(pair.value or "", instruction.escape)


def _label(state: ImageState, instruction: Instruction) -> ImageState:
    values = {**state.labels, **dict(assigned(state, instruction))}
    names = {f"LABEL {key}" for key, _ in assigned(state, instruction)}
    return replace(state, labels=values, authored=state.authored | names)


def _user(state: ImageState, instruction: Instruction) -> ImageState:
    return replace(state, user=state.expand(instruction.value, instruction.escape), authored=state.authored | {"USER"})


def _workdir(state: ImageState, instruction: Instruction) -> ImageState:
    value = state.expand(instruction.value, instruction.escape)
    return replace(state, workdir=None if value is None else state.path(value), authored=state.authored | {"WORKDIR"})


def _command(state: ImageState, instruction: Instruction) -> Command:
    return Command(instruction.json, instruction.value, state.shell or ("/bin/sh", "-c"), instruction)


def _cmd(state: ImageState, instruction: Instruction) -> ImageState:
    return replace(state, cmd=_command(state, instruction), authored=state.authored | {"CMD"})


def _entrypoint(state: ImageState, instruction: Instruction) -> ImageState:
    return replace(state, entrypoint=_command(state, instruction), authored=state.authored | {"ENTRYPOINT"})


def _shell(state: ImageState, instruction: Instruction) -> ImageState:
    return replace(state, shell=instruction.json, authored=state.authored | {"SHELL"})


def _expose(state: ImageState, instruction: Instruction) -> ImageState:
    ports = tuple(state.expand(word.text, instruction.escape) or word.text for word in instruction.words)
    return replace(state, exposed=tuple(dict.fromkeys((*state.exposed, *ports))), authored=state.authored | {"EXPOSE"})


def _volume(state: ImageState, instruction: Instruction) -> ImageState:
    paths = tuple(state.expand(word.text, instruction.escape) or word.text for word in instruction.words)
    return replace(state, volumes=tuple(dict.fromkeys((*state.volumes, *paths))), authored=state.authored | {"VOLUME"})


def _healthcheck(state: ImageState, instruction: Instruction) -> ImageState:
    flags = " ".join(f"--{flag.name}={flag.value}" for flag in instruction.flags)
    return replace(state, healthcheck=f"{flags} {instruction.value}".strip(), authored=state.authored | {"HEALTHCHECK"})


def _stop_signal(state: ImageState, instruction: Instruction) -> ImageState:
    return replace(
        state,
        stop_signal=state.expand(instruction.value, instruction.escape),
        authored=state.authored | {"STOPSIGNAL"},
    )


def _onbuild(state: ImageState, instruction: Instruction) -> ImageState:
    return replace(state, onbuild=(*state.onbuild, instruction.value), authored=state.authored | {"ONBUILD"})


STEPS = {
    "ENV": _env,
    "LABEL": _label,
    "USER": _user,
    "WORKDIR": _workdir,
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "SHELL": _shell,
    "EXPOSE": _expose,
    "VOLUME": _volume,
    "HEALTHCHECK": _healthcheck,
    "STOPSIGNAL": _stop_signal,
    "ONBUILD": _onbuild,
}
