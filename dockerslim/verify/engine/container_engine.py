"""The one place in which an engine is asked to do something."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import Any

from python_on_whales.exceptions import DockerException

from dockerslim.verify.engine.build_failure import build_failure
from dockerslim.verify.engine.cleanup import WatchedEngine, forget_cache_mounts
from dockerslim.verify.engine.client_output import CHUNK, end_of, reading
from dockerslim.verify.engine.client_processes import time_limit
from dockerslim.verify.engine.container_options import container_options
from dockerslim.verify.engine.container_requests import BuildRequest, ContainerRequest, ContainerState, Executed
from dockerslim.verify.engine.engine_client import EngineClient
from dockerslim.verify.engine.engine_connection import connect
from dockerslim.verify.engine.engine_errors import engine_error, plain_words, recognise
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.engine.image_inspection import has_platform, image_configuration
from dockerslim.verify.engine.podman_build import PodmanBuildFailed, cache_folder, has_layer_labels, podman_build
from dockerslim.verify.engine.podman_container import PASSWD, PASSWD_BYTES, uid_in_archive, without_podmans_own
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.options import VerifyOptions

TIMED_OUT = 124
"""The exit code of a command that was not done in time, as `timeout` has it."""

_LOG_LINES = 20_000
"""Of a build, that are held to tell why it failed."""

_TAIL_LINES = 50_000
"""Of a container's log, that are asked for."""


class ContainerEngine:
    """Docker or Podman. Each thing made has the run's label; VerifyError is raised for what can't be done."""

    def __init__(self, client: EngineClient, description: str, options: VerifyOptions, run: RunIdentity) -> None:
        self.description = description
        """`Docker 28.5.2`, `Podman 5.4.0`."""
        self._client = client
        self._whales = client.whales
        self._options = options
        self._run = run
        self._cache_folder = cache_folder(run) if client.is_podman else None

    @classmethod
    def connect(cls, options: VerifyOptions, run: RunIdentity) -> ContainerEngine:
        """The engine that the options name; nothing is made in it."""
        connection = connect(options.engine, options.builder)
        return cls(connection.client, connection.description, options, run)

    @property
    def watched(self) -> WatchedEngine:
        """For the reaper."""
        return WatchedEngine(self._client.command, self._options.builder, self._cache_folder)

    # Images

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> str:
        """Build an image and load it; its id. `on_line` is given each line of the plain progress as it comes.

        Raises BuildFailed where an instruction fails, another VerifyError for anything else.
        """
        lines: deque[str] = deque(maxlen=_LOG_LINES)
        seconds = self._options.limits.build_seconds
        with time_limit(seconds, request.tag, "the build"):
            try:
                with self._start_build(request) as progress:
                    for line in progress:
                        lines.append(line)
                        on_line(line)
            except (DockerException, PodmanBuildFailed, UnicodeDecodeError) as failure:
                # The last too: python-on-whales wants what a failed client printed to be UTF-8.
                raise build_failure(lines, self._client.name) from failure
        return self.configuration(request.tag).id

    def _start_build(self, request: BuildRequest) -> AbstractContextManager[Iterator[str]]:
        if self._cache_folder is not None:
            labels = has_layer_labels(self._client)
            return podman_build(self._client, request, self._run, self._cache_folder, layer_labels=labels)
        lines: Any = self._whales.buildx.build(
            request.context,
            file=request.dockerfile,
            tags=[request.tag],
            labels=self._run.labels,
            build_args=dict(request.arguments),
            secrets=list(request.secrets),
            ssh=request.ssh,
            platforms=[request.platform] if request.platform else None,
            target=request.target,
            cache=request.cache,
            builder=self._options.builder,
            load=True,
            progress="plain",
            stream_logs=True,
            # Attestations would make an index of the image, with more sizes than one.
            provenance=False,
            sbom=False,
        )
        return closing(lines)

    def configuration(self, image: str) -> ImageConfiguration:
        """The configuration of an image that is there."""
        inspected = self._client.inspect("image", image)
        if inspected is None:
            raise VerifyError(f"the image `{image}` is not there", "something else may have removed it")
        return image_configuration(inspected, without_label=RunIdentity.LABEL)

    def ensure_image(self, reference: str, platform: str | None = None) -> None:
        """Pull an image unless it is there; VerifyError where it can't be pulled."""
        inspected = self._client.inspect("image", reference)
        if inspected is not None and (platform is None or has_platform(inspected, platform)):
            return
        try:
            with self._client.call(reference, f"pulling `{reference}`", self._options.limits.build_seconds):
                self._whales.image.pull(reference, quiet=True, platform=platform)
        except VerifyError as error:
            if reference in error.message:
                raise
            raise VerifyError(f"the image `{reference}` can't be pulled: {error.message}", error.help) from error

    def save(self, image: str) -> Iterator[bytes]:
        """The tar file of an image, in pieces; the client is ended when the iterator is closed."""
        # python-on-whales' `save` cuts the stream at each line feed and holds what was not yet taken without a limit.
        with reading([*self._client.command, "image", "save", image]) as (process, stream):
            while chunk := stream.read(CHUNK):
                yield chunk
            errors = process.stderr.read() if process.stderr else b""
            if process.wait() != 0:
                raise engine_error(errors.decode(errors="replace"), self._client.name)

    def remove_image(self, image: str) -> None:
        """Remove a tag, and the image with its last one; never raises."""
        self._quietly("image", "rm", "--force", image)

    def forget_cache_mounts(self) -> None:
        """Empty the cache mounts that builds of this run filled; never raises."""
        forget_cache_mounts(self.watched, self._run.id)

    # Networks and volumes

    def create_network(self, name: str, *, outside: bool) -> str:
        """A bridge network; without `outside` nothing beyond it can be reached from it. Its id."""
        # python-on-whales' `network.create` has no `internal`.
        internal = [] if outside else ["--internal"]
        labels = [word for key, value in self._run.labels.items() for word in ("--label", f"{key}={value}")]
        return self._client.succeed("network", "create", "--driver", "bridge", *internal, *labels, name)

    def remove_network(self, name: str) -> None:
        """Never raises."""
        self._quietly("network", "rm", name)

    def create_volume(self, name: str) -> str:
        """An empty volume; its name."""
        with self._client.call(name, f"making the volume {name}"):
            return str(self._whales.volume.create(name, labels=self._run.labels).name)

    def remove_volume(self, name: str) -> None:
        """Never raises."""
        self._quietly("volume", "rm", "--force", name)

    # Containers

    def create(self, request: ContainerRequest, name: str) -> str:
        """Create a container, which does not start; its id. No image is pulled for it."""
        options = container_options(request, self._options.limits, is_podman=self._client.is_podman)
        with self._client.call(name, f"creating the container {name}"):
            container = self._whales.container.create(
                request.image, list(request.command), name=name, labels=self._run.labels, **options
            )
            return str(container.id)

    def start(self, container: str) -> str:
        """Start it; what the engine said where its program could not be started, else nothing."""
        try:
            with self._client.call(container, f"starting the container {container[:12]}"):
                self._whales.container.start(container)
        except VerifyError as error:
            failure = error.__cause__
            if not isinstance(failure, DockerException):
                raise
            words = failure.stderr or ""
            known = recognise(words, self._client.name)
            if known and known.whole_engine:
                raise
            return plain_words(words) or error.message
        return ""

    def state(self, container: str) -> ContainerState:
        """Does it run, how did it end, is it healthy?"""
        state = self._inspect_container(container).get("State") or {}
        running = bool(state.get("Running"))
        never_ran = state.get("Status") in ("created", "initialized", "configured")
        health = (state.get("Health") or state.get("Healthcheck") or {}).get("Status") or ""
        return ContainerState(
            running=running,
            exit_code=None if running or never_ran else int(state.get("ExitCode", 0)),
            health="" if health == "none" else health,
            out_of_memory=bool(state.get("OOMKilled")),
            error=state.get("Error") or "",
        )

    def logs(self, container: str) -> str:
        """The end of what it printed on both streams."""
        # python-on-whales' `logs` holds all of it, and a program may have printed gigabytes.
        limit = self._options.limits.log_bytes
        command = [*self._client.command, "logs", "--tail", str(_TAIL_LINES), container]
        with reading(command, with_errors=True) as (_, stream):
            return end_of(stream, limit).decode(errors="replace")

    def execute(
        self, container: str, command: Sequence[str], input: bytes = b"", timeout: float | None = None
    ) -> Executed:
        """Run a command inside a running container; a failing one is a result.

        One that is not done in time has the exit code 124; it may go on until the container is removed.
        """
        # python-on-whales' `execute` takes no input and tells no exit code.
        words = [*self._client.command, "exec", *(["--interactive"] if input else []), container, *command]
        with subprocess.Popen(
            words,
            stdin=subprocess.PIPE if input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                output, errors = process.communicate(input or None, timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
                return Executed(TIMED_OUT, output, f"not done after {timeout:g} s")
            except BaseException:
                process.kill()
                raise
        return Executed(process.returncode, output, errors.decode(errors="replace"))

    def changed_paths(self, container: str) -> Mapping[str, str]:
        """Paths of its file system, volumes aside, that are added (A), changed (C) or gone (D)."""
        with self._client.call(container, f"comparing the files of the container {container[:12]}"):
            changed = dict(self._whales.container.diff(container))
        return without_podmans_own(changed) if self._client.is_podman else changed

    def volumes_of(self, container: str) -> Mapping[str, str]:
        """Where its volumes are mounted, and their names; those that the engine made for VOLUME too."""
        mounts = self._inspect_container(container).get("Mounts") or ()
        return {mount["Destination"]: mount["Name"] for mount in mounts if mount.get("Type") == "volume"}

    def uid_of_process(self, container: str) -> int | None:
        """The user id of its main process; None where it doesn't run, or ids on the host are others than inside."""
        if self._client.is_podman:
            # Podman's own columns tell the user inside, by name where the container has one.
            words = self._client.run("top", container, "user").output.decode(errors="replace").split()[1:2]
            return _number(words) if not words or words[0].isdigit() else self._uid_of(container, words[0])
        if self._client.shifts_users:
            return None
        process = str((self._inspect_container(container).get("State") or {}).get("Pid"))
        # python-on-whales has no `top`.
        rows = self._client.run("top", container, "-eo", "pid,uid").output.decode(errors="replace").splitlines()
        return next((_number(row.split()[1:2]) for row in rows if row.split()[:1] == [process]), None)

    def _uid_of(self, container: str, name: str) -> int | None:
        command = [*self._client.command, "container", "cp", f"{container}:{PASSWD}", "-"]
        with reading(command) as (_, stream):
            found = uid_in_archive(stream.read(PASSWD_BYTES), name)
        return 0 if found is None and name == "root" else found

    def copy_into(self, container: str, local: Path, path: str) -> None:
        """Copy a file or folder of this machine to a path inside."""
        with self._client.call(container, f"copying into the container {container[:12]}"):
            self._whales.container.copy(local, (container, path))

    def remove_container(self, container: str) -> None:
        """Remove it by force with its anonymous volumes; never raises."""
        self._quietly("container", "rm", "--force", "--volumes", container)

    def _inspect_container(self, container: str) -> dict[str, Any]:
        inspected = self._client.inspect("container", container)
        if inspected is None:
            raise VerifyError(f"the container {container[:12]} is not there", "something else may have removed it")
        return inspected

    def _quietly(self, *arguments: str) -> None:
        # What can't be removed now is found by its label at the end of the run.
        with suppress(VerifyError):
            self._client.run(*arguments)


def _number(words: Sequence[str]) -> int | None:
    return int(words[0]) if words and words[0].isdigit() else None
