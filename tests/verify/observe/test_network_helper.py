"""The container that asks."""

from __future__ import annotations

import base64

import pytest

from dockerslim.verify.engine.container_requests import Executed
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.observe.network_helper import started_helper
from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.options import HttpProbe, VerifyOptions
from tests.verify.fake_engine import FakeEngine

RUN = RunIdentity.new()
OPTIONS = VerifyOptions()
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def ask(fake: FakeEngine, port: int = 80) -> Answer:
    with started_helper(fake.engine, RUN, OPTIONS) as helper:
        helper.listening()
        [answer] = helper.ask([(HttpProbe("GET", "/"), port)])
        return answer


def test_a_helper_is_made_and_removed() -> None:
    fake = FakeEngine()
    with started_helper(fake.engine, RUN, OPTIONS) as helper:
        assert fake.existing == {helper.id, helper.network}
        assert all(name.startswith(RUN.name("")) for name in fake.existing)
        request = fake.containers[helper.id]
        assert (request.image, request.network, request.hostname) == ("alpine:3", helper.network, "app")
        assert helper.now() == 1000
    assert not fake.existing
    assert fake.log[:2] == ["ensure alpine:3", "network internal"]


def test_a_way_outside() -> None:
    fake = FakeEngine()
    with started_helper(fake.engine, RUN, VerifyOptions(allow_network=True, probe_image="busybox:1")):
        assert fake.log[:2] == ["ensure busybox:1", "network outside"]


@pytest.mark.parametrize("call", ["create", "start helper"])
def test_an_interrupt_leaves_nothing(call: str) -> None:
    fake = FakeEngine(fails_at=call)
    with pytest.raises(KeyboardInterrupt), started_helper(fake.engine, RUN, OPTIONS):
        pass
    assert not fake.existing


def test_open_ports() -> None:
    fake = FakeEngine(ports=("00000000:0050", "0B00007F:9999", "0100007F:9C40", "0100007F:9C41"))
    with started_helper(fake.engine, RUN, OPTIONS, frozenset({40000})) as helper:
        assert helper.listening() == {80, 40000}


def test_a_helper_that_has_ended() -> None:
    with (
        started_helper(FakeEngine(tables="").engine, RUN, OPTIONS) as helper,
        pytest.raises(VerifyError, match="helper container has ended"),
    ):
        helper.listening()


@pytest.mark.parametrize(
    ("local", "address"),
    [("00000000:0050", "127.0.0.1"), ("00000000:0050", "::1"), ("020012AC:0050", "172.18.0.2")],
)
def test_where_a_port_is_asked(local: str, address: str) -> None:
    fake = FakeEngine(ports=(local,), responses={f"{address} GET / HTTP/1.1": HELLO})
    assert ask(fake).body == b"hello"


@pytest.mark.parametrize(
    ("executed", "reason"),
    [
        (Executed(1, b"", "nc: can't connect to remote host (127.0.0.1): Connection refused"), b"connection refused"),
        (Executed(0, b"", ""), b"closed without an answer"),
        (Executed(1, b"", "nc: read: Connection reset by peer"), b"closed without an answer"),
        (Executed(143, b"", ""), b"no answer in 10 s"),
        (Executed(124, b"", ""), b"no answer in 10 s"),
        (Executed(0, base64.b64encode(b"+PONG\r\n"), ""), b"not HTTP"),
        (Executed(0, b"a", ""), b"closed without an answer"),
    ],
)
def test_no_answer(executed: Executed, reason: bytes) -> None:
    answer = ask(FakeEngine(executed=executed))
    assert (answer.status, answer.body) == (0, reason)


def test_an_answer_that_never_ends() -> None:
    answer = ask(FakeEngine(executed=Executed(143, base64.encodebytes(HELLO[:-2]), "")))
    assert (answer.status, answer.body) == (200, b"hel")


def test_many_requests_in_one_command() -> None:
    fake = FakeEngine(ports=("0100007F:0050",), responses={"127.0.0.1 GET /b HTTP/1.1": HELLO})
    with started_helper(fake.engine, RUN, OPTIONS) as helper:
        helper.listening()
        answers = helper.ask([(HttpProbe("GET", path), 80) for path in ("/a", "/b")])

    assert [(answer.probe.path, answer.status) for answer in answers] == [("/a", 0), ("/b", 200)]


def test_a_helper_that_says_nothing() -> None:
    fake = FakeEngine(silent=True)
    assert ask(fake).body == b"closed without an answer"


def test_ports_that_are_open_inside_alone() -> None:
    fake = FakeEngine(ports=("0100007F:0050", "00000000:0051", "0100007F:0052", "020012AC:0052"))
    with started_helper(fake.engine, RUN, OPTIONS) as helper:
        helper.listening()
        assert helper.listening_inside() == {80}
