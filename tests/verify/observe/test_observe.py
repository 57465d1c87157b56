"""What is made of one run, on an engine in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dockerslim.verify.engine.container_requests import ContainerRequest, ContainerState, VolumeMount
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.observe import readiness
from dockerslim.verify.observe.http_request import parse_probe
from dockerslim.verify.observe.observation import Observation
from dockerslim.verify.observe.observe import RunPlan, observe
from dockerslim.verify.options import Limits, VerifyOptions
from tests.verify.fake_engine import FakeEngine

RUN = RunIdentity.new()
CONFIGURATION = ImageConfiguration("sha256:0", 1, ())
OPTIONS = VerifyOptions(limits=Limits(start_seconds=0.05))
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
ROOT = "127.0.0.1 GET / HTTP/1.1"
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PAUSE", 0.001)
    monkeypatch.setattr(readiness, "SETTLED", 0.0)
    monkeypatch.setattr(readiness, "QUIET_AFTER", 0.0)
    monkeypatch.setattr(readiness, "SILENCE", 0.0)


def see(
    fake: FakeEngine,
    plan: RunPlan | None = None,
    options: VerifyOptions = OPTIONS,
    configuration: ImageConfiguration = CONFIGURATION,
    earlier: Observation | None = None,
) -> Observation:
    seen = observe(
        fake.engine, RUN, "image", configuration, plan or RunPlan(), options, lambda _: None, earlier=earlier
    )
    assert not fake.existing, "something was not removed"
    return seen


def programs(fake: FakeEngine) -> list[ContainerRequest]:
    return [request for request in fake.containers.values() if request.entrypoint != "sleep"]


def test_a_server() -> None:
    fake = FakeEngine(
        ports=("00000000:0050",), responses={ROOT: HELLO, "127.0.0.1 POST /a HTTP/1.1": CREATED}, output="up", uid=1000
    )
    seen = see(fake, options=replace(OPTIONS, probes=(parse_probe("POST /a"),)))
    assert (seen.state, seen.own_run.exit_code, seen.own_run.output, seen.uid) == ("serving", None, "up", 1000)
    assert seen.ports == {80}
    found = {answer.probe.shown: answer.status for answer in seen.answers}
    assert found["GET :80/"] == 200
    assert found["POST :80/a"] == 201
    again = see(FakeEngine(ports=fake.ports, responses={ROOT: HELLO}), earlier=seen)
    assert [answer.probe for answer in again.answers] == [answer.probe for answer in seen.answers]
    assert again.answers[-1].status == 0


def test_the_container_that_is_made() -> None:
    fake = FakeEngine()
    plan = RunPlan(
        environment={"A": "1"},
        environment_files=(Path("a.env"),),
        mounts=(VolumeMount("v", "/v"),),
        command=("serve",),
        entrypoint="/entry",
        user="5",
        working_folder="/w",
    )
    see(
        fake,
        plan,
        replace(OPTIONS, platform="linux/arm64", probe_runs=(("--help",),)),
        replace(CONFIGURATION, healthcheck=("CMD", "true")),
    )
    own, other = programs(fake)
    helper = next(name for name, request in fake.containers.items() if request.entrypoint == "sleep")
    assert own == ContainerRequest(
        "image",
        command=("serve",),
        entrypoint="/entry",
        environment={"A": "1"},
        environment_files=(Path("a.env"),),
        network=f"container:{helper}",
        hostname="app",
        mounts=(VolumeMount("v", "/v"),),
        user="5",
        working_folder="/w",
        health_interval=1.0,
        platform="linux/arm64",
    )
    assert other == replace(own, command=("--help",), has_health_check=False, health_interval=None)


def test_a_program_that_ends() -> None:
    fake = FakeEngine(
        state_of_program=ContainerState(False, 137, out_of_memory=True),
        output="out",
        uid=None,
        changed={"/a": "C", "/a/b": "C", "/a/b/c": "A", "/etc/x": "D", "/f": "C"},
        volumes={"/data": "v"},
        listed="1000 /volumes/0/x\n",
    )
    seen = see(fake, options=replace(OPTIONS, probe_runs=(("--help",),)))
    assert (seen.state, seen.own_run.exit_code, seen.out_of_memory, seen.uid) == ("exited", 137, True, None)
    assert not seen.stopped_by_itself
    assert seen.written == {"/a/b/c": "A", "/etc/x": "D", "/f": "C", "/data/x": "A"}
    (run,) = seen.runs
    assert (run.command, run.exit_code, run.output) == (("--help",), 137, "out")


def test_files_of_the_plan_are_not_written_by_the_program() -> None:
    fake = FakeEngine(
        state_of_program=ContainerState(False, 0, "starting"), changed={"/etc": "C", "/etc/app.conf": "A", "/a": "A"}
    )
    seen = see(fake, RunPlan(files=((Path("app.conf"), "/etc/app.conf"),)))
    assert fake.log.index("copy app.conf to /etc/app.conf") < fake.log.index("start program")
    assert seen.written == {"/a": "A"}
    assert seen.health == ""


def test_a_program_that_can_not_be_started() -> None:
    fake = FakeEngine(start_failure="no such file")
    seen = see(fake, options=replace(OPTIONS, probe_runs=(("a",),)))
    assert (seen.state, seen.own_run.exit_code, seen.own_run.failure) == ("not started", None, "no such file")
    assert seen.runs[0].failure == "no such file"


def test_a_program_that_only_runs() -> None:
    seen = see(FakeEngine(state_of_program=ContainerState(True, None, "healthy")))
    assert (seen.state, seen.health, seen.ports, seen.answers) == ("running", "healthy", frozenset(), ())


def test_a_server_that_a_request_ends() -> None:
    fake = FakeEngine(ports=("00000000:0050",), responses={ROOT: HELLO})

    def say(doing: str) -> None:
        if doing.startswith("asking"):
            fake.state_of_program = ContainerState(False, 1)

    seen = observe(fake.engine, RUN, "image", CONFIGURATION, RunPlan(), OPTIONS, say)
    assert (seen.state, seen.stopped_by_itself, seen.own_run.exit_code) == ("serving", True, 1)


@pytest.mark.parametrize("call", ["create", "start program", "state", f"ask {ROOT}"])
def test_an_interrupt_leaves_nothing(call: str) -> None:
    fake = FakeEngine(fails_at=call, ports=("00000000:0050",))
    with pytest.raises(KeyboardInterrupt):
        see(fake)
    assert not fake.existing
