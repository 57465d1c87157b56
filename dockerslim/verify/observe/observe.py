"""Run an image, ask it, and say what was seen.

Everything that is made here (a network, the helper, the program's containers with their anonymous volumes) is removed
here, whatever happens.
"""

from __future__ import annotations

import posixpath
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dockerslim.verify.engine.container_requests import ContainerRequest, VolumeMount
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.observe.asking import Normalise, Questioner
from dockerslim.verify.observe.network_helper import HOSTNAME, NetworkHelper, started_helper
from dockerslim.verify.observe.observation import Answer, CommandRun, Observation
from dockerslim.verify.observe.probe_plan import ProbePlan, exposed_ports, probe_plan
from dockerslim.verify.observe.readiness import Expectation, Readiness, Watch, wait_until_ended, wait_until_ready
from dockerslim.verify.observe.volume_files import files_written
from dockerslim.verify.options import HttpProbe, VerifyOptions

if TYPE_CHECKING:
    from dockerslim.verify.engine.container_engine import ContainerEngine
    from dockerslim.verify.engine.run_identity import RunIdentity

HEALTH_INTERVAL = 1.0
"""Seconds: the usual half minute between two health checks is too long to wait for."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """How an image is run, options and compose files taken together, and what they have asked of it."""

    environment: Mapping[str, str] = field(default_factory=dict)
    environment_files: tuple[Path, ...] = ()
    mounts: tuple[VolumeMount, ...] = ()
    files: tuple[tuple[Path, str], ...] = ()
    """Files that are copied into the container before it starts, each with its path there."""
    command: tuple[str, ...] = ()
    """Follows the image; empty: the image's own."""
    entrypoint: str | None = None
    user: str | None = None
    working_folder: str | None = None
    probes: tuple[HttpProbe, ...] = ()
    """Of health checks in compose files and Kubernetes manifests: `probe_plan.usage_probes`."""


def observe(
    engine: ContainerEngine,
    run: RunIdentity,
    image: str,
    configuration: ImageConfiguration,
    plan: RunPlan,
    options: VerifyOptions,
    say: Callable[[str], None],
    *,
    normalise: Normalise = bytes,
    earlier: Observation | None = None,
) -> Observation:
    """Run `image` as `plan` says and ask it; then run each of the options' `probe_runs` in a container of its own.

    `earlier` is the observation that this one will be compared with: the same ports are waited for, for as long as the
    options allow, and the same requests are made. `say` is told what is being done. `normalise` takes out of a body
    what differs from run to run. Raises VerifyError where the engine or the helper fails; a program that does not
    start is an observation.
    """
    probes = probe_plan(configuration, plan.probes, options.probes)
    named = probes.named_ports | exposed_ports(configuration) | (earlier.ports if earlier else frozenset())
    with started_helper(engine, run, options, named) as helper:
        subject = _Subject(engine, run, image, configuration, plan, options, helper, say)
        seen = subject.run_itself(probes, normalise, earlier)
        runs = tuple(subject.run_command(command) for command in options.probe_runs)
    return Observation(
        configuration,
        state="not started" if seen.ready is None else seen.ready.state,
        own_run=seen.own_run,
        ports=seen.ready.ports if seen.ready else frozenset(),
        inner_ports=seen.ready.ports & seen.inner_ports if seen.ready else frozenset(),
        answers=seen.answers,
        health=seen.health,
        runs=runs,
        written=seen.written,
        uid=seen.uid,
        stopped_by_itself=seen.stopped_by_itself,
        out_of_memory=seen.out_of_memory,
        start_seconds=seen.ready.seconds if seen.ready else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a run of the image's own command showed; `ready` is None where it could not be started."""

    own_run: CommandRun
    ready: Readiness | None = None
    inner_ports: frozenset[int] = frozenset()
    answers: tuple[Answer, ...] = ()
    health: str = ""
    written: Mapping[str, str] = field(default_factory=dict)
    uid: int | None = None
    stopped_by_itself: bool = False
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True)
class _Subject:
    """An image beside a running helper."""

    engine: ContainerEngine
    run: RunIdentity
    image: str
    configuration: ImageConfiguration
    plan: RunPlan
    options: VerifyOptions
    helper: NetworkHelper
    say: Callable[[str], None]

    def run_itself(self, probes: ProbePlan, normalise: Normalise, earlier: Observation | None) -> _Seen:
        """The image with its own command, or the one that the plan names."""
        engine = self.engine
        with self._container(self.plan.command, is_checked=True) as container:
            since = self.helper.now() if self.configuration.volumes or self.plan.mounts else 0
            failure = engine.start(container)
            if failure:
                return _Seen(CommandRun(self.plan.command, None, engine.logs(container), failure))
            uid = engine.uid_of_process(container)
            self.say("waiting until it is up")
            ready = wait_until_ready(
                self._watch(container), self._expectation(probes, earlier), self.options.limits.start_seconds
            )
            if ready.state != "exited":
                # An entrypoint script may have handed over to another user since the start.
                later = engine.uid_of_process(container)
                uid = uid if later is None else later
            answers: tuple[Answer, ...] = ()
            if ready.state == "serving":
                questioner = Questioner(self.helper.ask, normalise, self.say)
                if earlier is not None and earlier.answers:
                    answers = questioner.ask_same(earlier.answers)
                else:
                    answers = questioner.ask_plan(probes, ready.ports)
            self.say("looking at what it wrote")
            state = engine.state(container)
            copied = {path for _, path in self.plan.files}
            changed = _without_parents(engine.changed_paths(container))
            written = {path: kind for path, kind in changed.items() if path not in copied}
            written |= files_written(engine, self.run, self.options.probe_image, engine.volumes_of(container), since)
            own_run = CommandRun(
                self.plan.command, None if state.running else state.exit_code, engine.logs(container), state.error
            )
            return _Seen(
                own_run,
                ready,
                self.helper.listening_inside(),
                answers,
                # What a program's check said last before it ended is a matter of chance.
                state.health if state.running else "",
                written,
                uid,
                stopped_by_itself=ready.state != "exited" and not state.running,
                out_of_memory=state.out_of_memory,
            )

    def run_command(self, command: tuple[str, ...]) -> CommandRun:
        """Another command of the image, to its end."""
        self.say(f"running {' '.join(command)}")
        with self._container(command, is_checked=False) as container:
            failure = self.engine.start(container)
            if failure:
                return CommandRun(command, None, self.engine.logs(container), failure)
            state = wait_until_ended(self._watch(container), self.options.limits.start_seconds)
            exit_code = None if state.running else state.exit_code
            return CommandRun(command, exit_code, self.engine.logs(container), state.error)

    @contextmanager
    def _container(self, command: tuple[str, ...], *, is_checked: bool) -> Iterator[str]:
        """A container in the helper's network namespace, not yet started; removed at the end."""
        is_checked = is_checked and bool(self.configuration.healthcheck)
        request = ContainerRequest(
            self.image,
            command=command,
            entrypoint=self.plan.entrypoint,
            environment=self.plan.environment,
            environment_files=self.plan.environment_files,
            network=f"container:{self.helper.id}",
            hostname=HOSTNAME,
            mounts=self.plan.mounts,
            user=self.plan.user,
            working_folder=self.plan.working_folder,
            health_interval=HEALTH_INTERVAL if is_checked else None,
            has_health_check=is_checked,
            platform=self.options.platform,
        )
        container = self.engine.create(request, self.run.name(f"app-{secrets.token_hex(3)}"))
        try:
            for local, path in self.plan.files:
                self.engine.copy_into(container, local, path)
            yield container
        finally:
            self.engine.remove_container(container)

    def _watch(self, container: str) -> Watch:
        return Watch(
            state=lambda: self.engine.state(container),
            ports=self.helper.listening,
            output=lambda: self.engine.logs(container),
        )

    def _expectation(self, probes: ProbePlan, earlier: Observation | None) -> Expectation:
        given = frozenset(probe.port for probe in probes.given if probe.port is not None)
        said = exposed_ports(self.configuration) | given
        if earlier is None:
            return Expectation(said)
        return Expectation(said, earlier.ports, earlier.state, earlier.start_seconds)


def _without_parents(changed: Mapping[str, str]) -> dict[str, str]:
    """The changed paths without folders that are listed only because something in them changed."""
    parents = {parent for path in changed for parent in _parents(path)}
    return {path: kind for path, kind in changed.items() if kind != "C" or path not in parents}


def _parents(path: str) -> Iterator[str]:
    while path not in ("/", ""):
        path = posixpath.dirname(path)
        yield path
