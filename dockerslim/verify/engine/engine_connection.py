"""Finds the engine: Docker or Podman, whichever was asked for or answers, and asks what it is."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_on_whales import DockerClient

from dockerslim.verify.engine.engine_client import EngineClient
from dockerslim.verify.engine.engine_errors import engine_error
from dockerslim.verify.errors import VerifyError

ANSWER_SECONDS = 30.0
"""For the engine to say what it is; a remote one may have to be reached first."""

_BUILDER_SECONDS = 120.0
"""For a remote builder, which may have to be started."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An engine that answers."""

    client: EngineClient
    description: str
    """`Docker 28.5.2`, `Podman 5.4.0`."""


def connect(engine: str, builder: str | None) -> Connection:
    """The engine that `engine` names; `auto` is Docker's where it answers, else Podman's.

    VerifyError where there is no client, no running engine, no permission, no buildx, no such builder, or where the
    engine runs containers of Windows.
    """
    connection = _first_that_answers() if engine == "auto" else _ask(engine)
    _require_builds(connection.client, builder)
    return connection


def _first_that_answers() -> Connection:
    first_error: VerifyError | None = None
    for name in ("docker", "podman"):
        if shutil.which(name) is not None:
            try:
                return _ask(name)
            except VerifyError as error:
                # That Docker doesn't run says more to who has both than what Podman says.
                first_error = first_error or error
    raise first_error or VerifyError(
        "there is no docker and no podman command", "install Docker or Podman, or name a client with `--engine`"
    )


def _ask(command: str) -> Connection:
    """What `info` tells of the engine; a `docker` command may be Podman's."""
    path = shutil.which(command)
    name = Path(command).stem
    if path is None:
        raise VerifyError(f"there is no {command} command", "install it, or name another client with `--engine`")
    try:
        done = subprocess.run(
            [path, "info", "--format", "{{json .}}"], capture_output=True, timeout=ANSWER_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise VerifyError(f"the engine of {name} did not answer in {ANSWER_SECONDS:g} s", "restart it") from expired
    except OSError as error:
        raise VerifyError(f"{command} can't be run: {error.strerror or error}") from error
    errors = done.stderr.decode(errors="replace")
    info = _json_object(done.stdout)
    podman = info.get("version") if isinstance(info.get("host"), dict) else None
    if isinstance(podman, dict):
        return Connection(_podman_client(path, name, info), f"Podman {podman.get('Version', '')}".strip())
    version = str(info.get("ServerVersion") or "")
    if not version:
        # Without an engine docker still prints what it knows of itself, and its exit code may be 0.
        raise engine_error("\n".join([*(info.get("ServerErrors") or ()), errors]), name)
    if info.get("OSType") == "windows":
        raise VerifyError("the engine runs containers of Windows", "switch Docker Desktop to Linux containers")
    options = " ".join(str(option) for option in info.get("SecurityOptions") or ())
    client = EngineClient(
        whales=DockerClient(client_call=[path], client_type="docker"),
        name=name,
        shifts_users="rootless" in options or "userns" in options,
    )
    return Connection(client, f"Docker {version.partition('+')[0]}")


def _podman_client(path: str, name: str, info: dict[str, Any]) -> EngineClient:
    security = info["host"].get("security") or {}
    return EngineClient(
        whales=DockerClient(client_call=[path], client_type="podman"),
        name=name,
        is_podman=True,
        shifts_users=bool(security.get("rootless")),
    )


def _require_builds(client: EngineClient, builder: str | None) -> None:
    if client.is_podman:
        if builder is not None:
            raise VerifyError("podman has no builders", "leave out `--builder`, or use `--engine docker`")
        return
    buildx = client.run("buildx", "version", seconds=ANSWER_SECONDS)
    if buildx.exit_code != 0:
        raise VerifyError(f"{client.name} has no buildx", "install the buildx plugin of Docker")
    if builder is not None:
        # python-on-whales' `inspect` reads the list of all builders, of which one that is down fails the whole.
        client.succeed("buildx", "inspect", builder, seconds=_BUILDER_SECONDS)


def _json_object(output: bytes) -> dict[str, Any]:
    try:
        found = json.loads(output)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
