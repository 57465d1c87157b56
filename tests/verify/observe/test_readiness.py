"""When a program counts as up."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from dockerslim.verify.engine.container_requests import ContainerState
from dockerslim.verify.observe.readiness import Expectation, Readiness, Watch, wait_until_ended, wait_until_ready

LIMIT = 60.0
NEVER = 1e9


@dataclass
class Program:
    """A program by the seconds at which things happen to it."""

    ports: dict[int, float] = field(default_factory=dict)
    ends: float = NEVER
    healthy: float | None = None
    health: str = "healthy"
    prints_until: float = 0.0
    now: float = 0.0

    def watch(self) -> Watch:
        return Watch(self._state, self._ports, self._output, clock=lambda: self.now, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _state(self) -> ContainerState:
        if self.now >= self.ends:
            return ContainerState(False, 3)
        health = "" if self.healthy is None else self.health if self.now >= self.healthy else "starting"
        return ContainerState(True, None, health)

    def _ports(self) -> frozenset[int]:
        return frozenset(port for port, opens in self.ports.items() if self.now >= opens)

    def _output(self) -> str:
        return "x" * int(min(self.now, self.prints_until) * 10)


def wait(program: Program, expectation: Expectation | None = None) -> Readiness:
    found = wait_until_ready(program.watch(), expectation or Expectation(), LIMIT)
    assert found.seconds <= LIMIT + 1
    return found


def seconds(found: Readiness) -> int:
    return round(found.seconds)


def test_a_server() -> None:
    found = wait(Program({80: 2.0}))
    assert (found.state, found.ports, seconds(found)) == ("serving", frozenset({80}), 3)


def test_a_port_that_is_said_is_hoped_for() -> None:
    expectation = Expectation(said=frozenset({80, 443}))
    assert seconds(wait(Program({80: 2.0, 443: 4.0}), expectation)) in (4, 5)
    assert seconds(wait(Program({80: 2.0}), expectation)) == 5
    assert wait(Program({80: 30.0}), expectation).ports == {80}


def test_ports_of_another_image_are_waited_for() -> None:
    expectation = Expectation(ports=frozenset({80, 81}), state="serving", seconds=8.0)
    assert wait(Program({80: 2.0, 81: 40.0}), expectation).ports == {80, 81}
    assert wait(Program({80: 40.0, 81: 41.0}), expectation).ports == {80, 81}
    assert seconds(wait(Program(), expectation)) == 60


def test_a_port_that_stays_closed_is_not_waited_for_without_end() -> None:
    quick = Expectation(ports=frozenset({80}), state="serving", seconds=1.0)
    found = wait(Program({81: 2.0}), quick)
    assert found.ports == frozenset({81})
    assert seconds(found) == 12
    slow = Expectation(ports=frozenset({80}), state="serving", seconds=6.0)
    assert seconds(wait(Program({81: 2.0}), slow)) == 32


def test_a_program_that_ends() -> None:
    found = wait(Program(ends=4.0))
    assert (found.state, seconds(found)) == ("exited", 4)
    assert wait(Program({80: 1.0}, ends=1.3)).state == "exited"
    assert wait(Program(ends=30.0), Expectation(state="exited")).state == "exited"
    assert wait(Program(ends=30.0, prints_until=30.0)).state == "exited"


def test_a_program_that_opens_nothing() -> None:
    found = wait(Program())
    assert (found.state, seconds(found)) == ("running", 10)
    talking = wait(Program(prints_until=20.0))
    assert (talking.state, seconds(talking)) == ("running", 26)
    assert seconds(wait(Program(), Expectation(said=frozenset({80})))) == 60
    assert seconds(wait(Program(), Expectation(said=frozenset({80}), state="running"))) == 10
    assert seconds(wait(Program(), Expectation(state="exited"))) == 60


@pytest.mark.parametrize("health", ["healthy", "unhealthy"])
def test_a_health_check_is_awaited(health: str) -> None:
    assert seconds(wait(Program({80: 1.0}, healthy=9.0, health=health))) == 9
    assert seconds(wait(Program({80: 1.0}, healthy=NEVER))) == 60


def test_health_without_a_port() -> None:
    found = wait(Program(healthy=3.0))
    assert (found.state, seconds(found)) == ("running", 3)
    assert seconds(wait(Program(healthy=3.0, health="unhealthy"))) == 10


def test_the_end() -> None:
    program = Program(ends=3.0)
    assert wait_until_ended(program.watch(), LIMIT).exit_code == 3
    program = Program()
    assert wait_until_ended(program.watch(), 5.0).running
    assert round(program.now) == 5
