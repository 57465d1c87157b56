"""What a container is created with, in the words of python-on-whales."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dockerslim.verify.engine.container_requests import ContainerRequest, VolumeMount
from dockerslim.verify.options import Limits

_LOG_FILES = 2


def container_options(request: ContainerRequest, limits: Limits, *, is_podman: bool = False) -> dict[str, Any]:
    """The keyword arguments of `container.create`. No port is published, no privilege given, no image pulled."""
    # With Docker the name belongs to the network's namespace: who shares one can't have another.
    has_name = is_podman or not request.network.startswith("container:")
    options: dict[str, Any] = {
        "envs": dict(request.environment),
        "env_files": [str(path) for path in request.environment_files],
        "entrypoint": request.entrypoint,
        "networks": [request.network],
        "hostname": request.hostname if has_name else None,
        "mounts": [_mount(mount) for mount in request.mounts],
        "user": request.user,
        "workdir": request.working_folder,
        "health_cmd": request.health_command,
        "health_interval": None if request.health_interval is None else timedelta(seconds=request.health_interval),
        "healthcheck": request.has_health_check,
        "platform": request.platform,
        "pull": "never",
        # Else a program that prints without end fills the disk. Podman knows this driver too.
        "log_driver": "json-file",
        "log_options": [f"max-size={max(limits.log_bytes, 1_000_000)}", f"max-file={_LOG_FILES}"],
    }
    if is_podman:
        # Its removal by force asks the program to end first and waits; Docker's doesn't.
        options["stop_timeout"] = 0
    if request.is_limited:
        options |= {
            "memory": limits.memory,
            # The same as the memory: no swap besides.
            "memory_swap": limits.memory,
            "cpus": limits.cpus,
            "pids_limit": limits.processes,
        }
    return options


def _mount(mount: VolumeMount) -> list[str]:
    fields = ["type=volume", _field(f"source={mount.volume}"), _field(f"target={mount.target}")]
    return [*fields, "readonly"] if mount.read_only else fields


def _field(text: str) -> str:
    """The client reads a mount as a line of CSV."""
    if "," not in text and '"' not in text:
        return text
    return '"' + text.replace('"', '""') + '"'
