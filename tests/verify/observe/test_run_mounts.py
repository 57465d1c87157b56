"""Volumes for a run: made, filled, removed."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from dockerslim.verify.engine.container_requests import ContainerRequest, Executed, VolumeMount
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.observe.compose_mounts import PlannedMount
from dockerslim.verify.observe.run_mounts import fresh_mounts

RUN = RunIdentity("0123456789ab")


class FakeEngine:
    def __init__(self, exit_code: int = 0) -> None:
        self.exit_code = exit_code
        self.volumes: list[str] = []
        self.containers: list[str] = []
        self.requests: list[ContainerRequest] = []
        self.executed: list[tuple[str, ...]] = []
        self.members: list[tarfile.TarInfo] = []

    def create_volume(self, name: str) -> str:
        self.volumes.append(name)
        return name

    def remove_volume(self, name: str) -> None:
        assert not self.containers, "a volume in use can't be removed"
        self.volumes.remove(name)

    def create(self, request: ContainerRequest, name: str) -> str:
        self.requests.append(request)
        self.containers.append(name)
        return name

    def start(self, container: str) -> str:
        return ""

    def execute(
        self, container: str, command: Sequence[str], input: bytes = b"", timeout: float | None = None
    ) -> Executed:
        self.executed.append(tuple(command))
        return Executed(self.exit_code, b"", "no room\n" if self.exit_code else "")

    def copy_into(self, container: str, local: Path, path: str) -> None:
        with tarfile.open(local) as tar:
            self.members = tar.getmembers()

    def remove_container(self, container: str) -> None:
        self.containers.remove(container)


def test_an_empty_volume_needs_no_container() -> None:
    engine = FakeEngine()

    with fresh_mounts(engine, RUN, (PlannedMount("/data"),), "alpine:3") as mounts:
        assert mounts == (VolumeMount(engine.volumes[0], "/data"),)
        assert engine.requests == []

    assert engine.volumes == []


def test_a_folder_is_packed_as_it_is(tmp_path: Path) -> None:
    engine = FakeEngine()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file").write_text("x")
    (tmp_path / "out").symlink_to("/etc/passwd")
    (tmp_path / "sub/file").chmod(0o640)

    with fresh_mounts(engine, RUN, (PlannedMount("/data", tmp_path),), "alpine:3"):
        assert engine.containers == []

    members = {member.name: member for member in engine.members}
    assert set(members) == {".", "./sub", "./sub/file", "./out"}
    assert members["./out"].linkname == "/etc/passwd"
    assert members["./sub/file"].mode == 0o640
    assert members["./sub/file"].uid == (tmp_path / "sub/file").stat().st_uid
    assert {member.uname for member in engine.members} == {""}
    assert engine.executed[0][:2] == ("tar", "-x")
    assert engine.requests[0].network == "none"


def test_a_folder_for_all() -> None:
    engine = FakeEngine()

    with fresh_mounts(engine, RUN, (PlannedMount("/run/app", is_for_all=True),), "alpine:3"):
        assert engine.executed == [("chmod", "1777", "/volume")]


def test_all_is_removed_where_one_cannot_be_filled(tmp_path: Path) -> None:
    engine = FakeEngine(exit_code=1)
    mounts = (PlannedMount("/data"), PlannedMount("/media", tmp_path))

    with (
        pytest.raises(VerifyError, match="the volume for `/media` can't be filled: no room"),
        fresh_mounts(engine, RUN, mounts, "alpine:3"),
    ):
        pass

    assert (engine.volumes, engine.containers) == ([], [])


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(VerifyError, match="`gone`, which is mounted at `/data`, can't be copied"),
        fresh_mounts(FakeEngine(), RUN, (PlannedMount("/data", tmp_path / "gone"),), "alpine:3"),
    ):
        pass
