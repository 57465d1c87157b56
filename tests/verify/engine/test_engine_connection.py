"""Which engine is taken, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerslim.verify.engine.engine_connection import Connection, connect
from dockerslim.verify.errors import VerifyError
from tests.verify.fake_client import FakeClient, needs_scripts

pytestmark = needs_scripts

RUNNING = json.dumps({"ServerVersion": "28.5.2+dfsg4", "OSType": "linux", "SecurityOptions": ["name=seccomp"]})
PODMAN = json.dumps({"host": {"os": "linux", "security": {"rootless": True}}, "version": {"Version": "5.4.0"}})
DOWN = json.dumps({"ServerVersion": "", "ServerErrors": ["Cannot connect to the Docker daemon at unix:///x"]})


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def _client(path: Path, name: str, info: str, error: str = "", code: int = 0) -> FakeClient:
    """Each in a folder of its own, linked from the one on PATH."""
    client = FakeClient.make(path / name, name).answer("info", output=info, error=error, code=code)
    (path / "bin").mkdir(exist_ok=True)
    (path / "bin" / name).write_text(f'#!/bin/sh\nexec "{client.path}" "$@"\n')
    (path / "bin" / name).chmod(0o755)
    return client


def _message(engine: str = "auto", builder: str | None = None) -> str:
    with pytest.raises(VerifyError) as raised:
        connect(engine, builder)
    return raised.value.message


def test_docker_where_it_answers(path: Path) -> None:
    _client(path, "docker", RUNNING)
    podman = _client(path, "podman", PODMAN)

    found = connect("auto", None)

    assert found.description == "Docker 28.5.2"
    assert found.client.command == (str(path / "bin" / "docker"),)
    assert not found.client.is_podman
    assert not found.client.shifts_users
    assert podman.calls == []


def test_podman_where_docker_does_not_answer(path: Path) -> None:
    _client(path, "docker", DOWN, "Cannot connect to the Docker daemon", 1)
    _client(path, "podman", PODMAN)

    _assert_podman(connect("auto", None), "podman")


def test_a_docker_command_that_is_podmans(path: Path) -> None:
    docker = _client(path, "docker", PODMAN, "Emulate Docker CLI using podman.")

    _assert_podman(connect("auto", None), "docker")
    assert not any(call[0] == "buildx" for call in docker.calls)


def test_a_rootless_engine_has_other_user_ids(path: Path) -> None:
    _client(path, "docker", RUNNING.replace("name=seccomp", "name=rootless"))

    assert connect("docker", None).client.shifts_users


def test_what_keeps_it_from_connecting_is_told(path: Path) -> None:
    assert _message() == "there is no docker and no podman command"
    assert _message("nerdctl") == "there is no nerdctl command"
    _client(path, "docker", DOWN, "", 0)
    assert _message() == "docker has no running engine"
    _client(path, "docker", "null", "permission denied while trying to connect to the Docker daemon socket", 1)
    assert _message() == "no permission to use docker"
    _client(path, "docker", RUNNING.replace('"linux"', '"windows"'))
    assert _message() == "the engine runs containers of Windows"
    _client(path, "docker", RUNNING).answer("buildx", error="docker: 'buildx' is not a docker command.", code=1)
    assert _message() == "docker has no buildx"
    _client(path, "docker", RUNNING).answer("buildx", "inspect", error='ERROR: no builder "team" found', code=1)
    assert _message(builder="team") == "there is no builder `team`"
    _client(path, "podman", PODMAN)
    assert _message("podman", builder="team") == "podman has no builders"


def _assert_podman(connection: Connection, name: str) -> None:
    assert connection.description == "Podman 5.4.0"
    assert connection.client.is_podman
    assert connection.client.shifts_users
    assert connection.client.name == name
