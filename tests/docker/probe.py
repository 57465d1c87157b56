"""Build an image, run it, ask it what a case wants asked: by the docker command and nothing else.

Nothing is executed inside a container, so that images without a shell are asked in the same way as all others.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

START_LIMIT = 30.0
"""Seconds until a port must answer, and until a program without one must have ended."""

BUILD_LIMIT = 1200.0
"""Seconds; a cold build downloads its packages."""

COMMAND_LIMIT = 120.0
"""Seconds for any other docker command; removing an image of a gigabyte takes some."""

SILENCE = 0.3
"""Seconds for which a connection must stay open and silent to count as a server that waits for a request."""


class DockerError(Exception):
    """A docker command that a probe can't go on without has failed; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, and what the answer must be."""

    method: str
    path: str
    status: int
    contains: str = ""
    body: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """Another command of the image, run to its end in a container of its own."""

    arguments: tuple[str, ...]
    """What follows the image name in `docker run`."""
    output_contains: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """How to run an image and what to ask of it: the `[probe]` table of a case.toml."""

    port: int | None = None
    """The port inside the container; None for a program that runs to its end."""
    environment: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()
    """What follows the image name in `docker run`."""
    requests: tuple[Request, ...] = ()
    commands: tuple[Command, ...] = ()
    output_contains: str = ""
    needed_copies: tuple[str, ...] = ()
    """Run-time paths, relative to the work folder or absolute, without which the probe must fail."""
    writes: tuple[str, ...] = ()
    """Absolute paths in the container that the program writes."""

    @classmethod
    def from_toml(cls, table: Mapping[str, Any]) -> Probe:
        """The probe that a table describes; raises TypeError for a key that no probe has."""
        rest = dict(table)
        environment = rest.pop("environment", {})
        requests = rest.pop("requests", [])
        commands = rest.pop("commands", [])
        return cls(
            environment=tuple((str(key), str(value)) for key, value in environment.items()),
            arguments=tuple(rest.pop("arguments", ())),
            requests=tuple(Request(**request) for request in requests),
            commands=tuple(
                Command(tuple(command["arguments"]), command.get("output_contains", "")) for command in commands
            ),
            needed_copies=tuple(rest.pop("needed_copies", ())),
            writes=tuple(rest.pop("writes", ())),
            **rest,
        )


@dataclass(frozen=True, slots=True)
class BuildResult:
    """How a build went; `log` is all that it printed."""

    ok: bool
    seconds: float
    log: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request; status 0 where the connection broke, the body then says how."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Printed:
    """What came of one command; `exit_code` is None where it did not come to its end in time."""

    exit_code: int | None
    output: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that one run of a container showed."""

    started: bool
    """The port answered in time; without a port, the program came to its end in time."""
    responses: tuple[Answer, ...]
    commands: tuple[Printed, ...]
    uid: int | None
    """Of the main process; None where it can't be told."""
    user: str
    """The user in the image's configuration, as it is written there."""
    exit_code: int | None
    """None while it runs."""
    output: str
    """What it printed, standard output before standard error."""
    written: tuple[str, ...]
    """Those of the probe's `writes` whose content is there and is not what it was before the start."""


@lru_cache(maxsize=32)
def has_image(name: str) -> bool:
    """Is the image here, or can it be fetched?"""
    return _docker("image", "inspect", name).returncode == 0 or _docker("pull", "--quiet", name).returncode == 0


def engine_available() -> str | None:
    """Why images can't be built and run here; None where they can."""
    if shutil.which("docker") is None:
        return "no docker command"
    try:
        version = _docker("version", "--format", "{{.Server.Os}}", limit=20)
    except subprocess.TimeoutExpired:
        return "the Docker Engine does not answer"
    if version.returncode != 0:
        lines = version.stderr.strip().splitlines()
        return lines[-1] if lines else "no Docker Engine"
    if version.stdout.strip() != "linux":
        return f"the Docker Engine runs {version.stdout.strip()} containers"
    if _docker("buildx", "version").returncode != 0:
        return "no buildx"
    return None


def build(dockerfile: Path, context: Path, tag: str, options: Sequence[str] = ()) -> BuildResult:
    """Build an image and call it `tag`; a failed build is a result, not an exception.

    `options` are those of `docker build`. A base image is taken as it is here, and fetched only where there is none.
    """
    arguments = ["build", "--progress=plain", "--pull=false", "--file", str(dockerfile), "--tag", tag, *options]
    start = time.monotonic()
    try:
        done = _docker(*arguments, str(context), limit=BUILD_LIMIT)
    except subprocess.TimeoutExpired:
        return BuildResult(False, time.monotonic() - start, f"not done after {BUILD_LIMIT:.0f} s")
    return BuildResult(done.returncode == 0, time.monotonic() - start, done.stdout + done.stderr)


def image_size(tag: str) -> int:
    """The size in bytes as the engine tells it."""
    return int(_succeed("image", "inspect", "--format", "{{.Size}}", tag))


def remove(tag: str) -> None:
    """Remove the image if it is there; the build cache stays."""
    _docker("image", "rm", "--force", tag)


def run(tag: str, probe: Probe) -> Answers:
    """Start a container, ask it all that the probe asks, and remove it whatever happens.

    A program that is not there or does not come up is an answer; DockerError is for an image that is not there.
    """
    commands = tuple(_print(tag, probe, command) for command in probe.commands)
    container = _create(tag, probe, probe.arguments)
    try:
        before = {path: _content(container, path) for path in probe.writes}
        start = _docker("start", container)
        if start.returncode != 0:
            return _observe(container, probe, before, started=False, commands=commands, said=start.stderr)
        if probe.port is None:
            return _observe(container, probe, before, started=_wait_for_end(container), commands=commands)
        port = _published_port(container, probe.port)
        started = _wait_for_port(container, port)
        responses = tuple(_ask(port, request) for request in probe.requests) if started else ()
        return _observe(container, probe, before, started=started, responses=responses, commands=commands)
    finally:
        _docker("rm", "--force", "--volumes", container)


def unmet(probe: Probe, answers: Answers) -> tuple[str, ...]:
    """What the probe expects and the answers lack, a sentence each; empty where all is as it should be."""
    if not answers.started:
        state = "is still running" if answers.exit_code is None else f"exited with {answers.exit_code}"
        return (f"did not come up in time: {state}: {answers.output[-2000:]}",)
    found = []
    for request, answer in zip(probe.requests, answers.responses, strict=True):
        where = f"{request.method} {request.path}"
        if answer.status != request.status:
            found.append(f"{where}: status {answer.status}, expected {request.status}: {answer.body[:500]}")
        elif request.contains not in answer.body:
            found.append(f"{where}: `{request.contains}` is not in {answer.body[:500]}")
    if probe.port is None and answers.exit_code != 0:
        found.append(f"exited with {answers.exit_code}: {answers.output[-2000:]}")
    if probe.port is not None and answers.exit_code is not None:
        found.append(f"stopped by itself with {answers.exit_code}: {answers.output[-2000:]}")
    for command, printed in zip(probe.commands, answers.commands, strict=True):
        words = " ".join(command.arguments)
        if printed.exit_code != 0:
            found.append(f"`{words}` exited with {printed.exit_code}: {printed.output[-2000:]}")
        elif command.output_contains not in printed.output:
            found.append(f"`{command.output_contains}` is not in what `{words}` prints: {printed.output[-2000:]}")
    if probe.output_contains not in answers.output:
        found.append(f"`{probe.output_contains}` is not in the output: {answers.output[-2000:]}")
    found.extend(f"{path} was not written" for path in probe.writes if path not in answers.written)
    return tuple(found)


def _create(tag: str, probe: Probe, arguments: Sequence[str]) -> str:
    # port 0 of the host: the engine picks a free one, so that tests can run side by side
    options = [] if probe.port is None else ["--publish", f"127.0.0.1::{probe.port}"]
    for key, value in probe.environment:
        options += ["--env", f"{key}={value}"]
    return _succeed("create", "--pull=never", *options, tag, *arguments).strip()


def _print(tag: str, probe: Probe, command: Command) -> Printed:
    """Run a command of the image to its end; a program that is not there is a result."""
    container = _create(tag, probe, command.arguments)
    try:
        start = _docker("start", container)
        ended = start.returncode != 0 or _wait_for_end(container)
        logs = _docker("logs", container)
        exit_code = int(_inspect(container)["State"]["ExitCode"]) if ended else None
        return Printed(exit_code, logs.stdout + logs.stderr + start.stderr)
    finally:
        _docker("rm", "--force", "--volumes", container)


def _observe(
    container: str,
    probe: Probe,
    before: Mapping[str, str | None],
    *,
    started: bool,
    responses: tuple[Answer, ...] = (),
    commands: tuple[Printed, ...],
    said: str = "",
) -> Answers:
    """What can be seen of a container after the questions; `said` is what the engine said when it could not start."""
    details = _inspect(container)
    state = details["State"]
    user = str(details["Config"]["User"])
    running = bool(state["Running"])
    logs = _docker("logs", container)
    after = {path: _content(container, path) for path in probe.writes}
    return Answers(
        started=started,
        responses=responses,
        commands=commands,
        uid=_uid_of_process(container, int(state["Pid"])) if running else _uid_of_user(container, user),
        user=user,
        exit_code=None if running else int(state["ExitCode"]),
        output=logs.stdout + logs.stderr + said,
        written=tuple(path for path in probe.writes if after[path] is not None and after[path] != before[path]),
    )


def _wait_for_end(container: str) -> bool:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if not _inspect(container)["State"]["Running"]:
            return True
        time.sleep(0.1)
    return False


def _wait_for_port(container: str, port: int) -> bool:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if _accepts(port):
            return True
        if not _inspect(container)["State"]["Running"]:
            return False
        time.sleep(0.1)
    return False


def _accepts(port: int) -> bool:
    """Is there a server behind the port?

    The engine's proxy accepts a connection before the program listens, and then closes it at once; only a
    server keeps it open. Asking by a request instead would change what programs count and write.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.settimeout(SILENCE)
            return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def _ask(port: int, request: Request) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=START_LIMIT)
    headers = {} if request.content_type is None else {"Content-Type": request.content_type}
    body = None if request.body is None else request.body.encode()
    try:
        connection.request(request.method, request.path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.read().decode("utf-8", "replace"))
    except (OSError, HTTPException) as error:
        return Answer(0, f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _published_port(container: str, port: int) -> int:
    """The host's port; 0, at which nothing answers, where the container has stopped already."""
    bindings = _inspect(container)["NetworkSettings"]["Ports"].get(f"{port}/tcp")
    return int(bindings[0]["HostPort"]) if bindings else 0


def _uid_of_process(container: str, pid: int) -> int | None:
    """Whose the main process is; `docker top` knows processes by the numbers that they have outside."""
    top = _docker("top", container, "-eo", "uid,pid,args")
    for line in top.stdout.splitlines()[1:]:
        words = line.split(None, 2)
        if len(words) >= 2 and words[0].isdecimal() and words[1] == str(pid):
            return int(words[0])
    return None


def _uid_of_user(container: str, user: str) -> int | None:
    """Whose a process that has ended was: what the image's `USER` means."""
    name = user.partition(":")[0]
    if name in ("", "root"):
        return 0
    if name.isdecimal():
        return int(name)
    for line in (_files(container, "/etc/passwd").get("passwd") or b"").decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if fields[0] == name and len(fields) > 2 and fields[2].isdecimal():
            return int(fields[2])
    return None


def _content(container: str, path: str) -> str | None:
    """A digest of a file, or of all that is below a folder; None where there is nothing of that name."""
    files = _files(container, path)
    if not files:
        return None
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(json.dumps([name, None if data is None else hashlib.sha256(data).hexdigest()]).encode())
    return digest.hexdigest()


def _files(container: str, path: str) -> dict[str, bytes | None]:
    """A path of a container, running or not, volumes included: name -> bytes, None for what is no file."""
    archive = subprocess.run(
        ["docker", "cp", f"{container}:{path}", "-"], capture_output=True, timeout=COMMAND_LIMIT, env=_environment()
    )
    if archive.returncode != 0:
        return {}
    files: dict[str, bytes | None] = {}
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as members:
        for member in members:
            file = members.extractfile(member) if member.isfile() else None
            files[member.name] = None if file is None else file.read()
    return files


def _inspect(container: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(_succeed("container", "inspect", container))
    return found[0]


def _succeed(*arguments: str) -> str:
    done = _docker(*arguments)
    if done.returncode != 0:
        raise DockerError(f"docker {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def _docker(*arguments: str, limit: float = COMMAND_LIMIT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        capture_output=True,
        timeout=limit,
        stdin=subprocess.DEVNULL,
        env=_environment(),
        encoding="utf-8",
        errors="replace",
    )


def _environment() -> dict[str, str]:
    # The old builder knows neither mounts nor heredocs.
    return {**os.environ, "DOCKER_BUILDKIT": "1"}
