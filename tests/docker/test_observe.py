"""Real programs, run and asked beside a real helper."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dockerslim.verify.engine.container_engine import ContainerEngine
from dockerslim.verify.engine.container_requests import BuildRequest, VolumeMount
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.observe.http_request import parse_probe
from dockerslim.verify.observe.observation import Observation
from dockerslim.verify.observe.observe import RunPlan, observe
from dockerslim.verify.options import Limits, VerifyOptions

pytestmark = pytest.mark.docker

PYTHON = "python:3.12-slim"
ALPINE = "alpine:3"
OPTIONS = VerifyOptions(limits=Limits(start_seconds=15, answer_seconds=2), measure=False)


@dataclass(frozen=True, slots=True)
class Laboratory:
    """An engine, and what a test wants of it."""

    engine: ContainerEngine
    run: RunIdentity
    folder: Path

    def build(self, name: str, text: str) -> str:
        dockerfile = self.folder / f"{name}.Dockerfile"
        dockerfile.write_text(text, "utf-8")
        request = BuildRequest(self.folder, dockerfile, self.run.tag(name))
        return self.engine.build(request, lambda _: None)

    def observe(
        self, image: str, *command: str, options: VerifyOptions = OPTIONS, earlier: Observation | None = None
    ) -> Observation:
        return self.observe_plan(image, RunPlan(command=command), options, earlier)

    def observe_plan(
        self, image: str, plan: RunPlan, options: VerifyOptions = OPTIONS, earlier: Observation | None = None
    ) -> Observation:
        self.engine.ensure_image(image)
        configuration = self.engine.configuration(image)
        return observe(self.engine, self.run, image, configuration, plan, options, lambda _: None, earlier=earlier)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory, why_no_engine: str | None) -> Iterator[Laboratory]:
    if why_no_engine is not None:
        pytest.skip(f"no images can be built here: {why_no_engine}")
    run = RunIdentity.new()
    built: list[str] = []
    laboratory = Laboratory(ContainerEngine.connect(OPTIONS, run), run, tmp_path_factory.mktemp("context"))
    try:
        yield laboratory
    finally:
        for dockerfile in laboratory.folder.glob("*.Dockerfile"):
            built.append(run.tag(dockerfile.stem))
        for image in built:
            laboratory.engine.remove_image(image)


def asking(*probes: str) -> VerifyOptions:
    return replace(OPTIONS, probes=tuple(map(parse_probe, probes)))


def python_server(body: str, port: int = 8000, host: str = "0.0.0.0", family: str = "AF_INET") -> tuple[str, ...]:
    """A server whose every request runs these lines, in which `self` is the request and `send` answers."""
    lines = "\n".join(f"        {line}" for line in body.split("\n"))
    return (
        "python",
        "-uBc",
        f"""
import http.server, os, socket, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def send(self, text, kind="text/plain"):
        self.send_response(200); self.send_header("Content-Type", kind); self.end_headers(); self.wfile.write(text)
    def handle_any(self):
        send = self.send
{lines}
    do_GET = do_POST = handle_any
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.{family}
Server(("{host}", {port}), Handler).serve_forever()
""",
    )


def answers(seen: Observation) -> dict[str, tuple[int, bytes]]:
    return {answer.probe.shown: (answer.status, answer.body) for answer in seen.answers}


def test_a_server(laboratory: Laboratory) -> None:
    command = python_server(
        "size = int(self.headers.get('Content-Length') or 0)\n"
        "body = self.rfile.read(size)\n"
        "name = socket.gethostname().encode()\n"
        "text = b'<link href=/x.css>' + name + b' ' + str(time.time()).encode() if self.path == '/' else b'same'\n"
        "send(b'%d ' % size + body[-5:] if size else text, 'text/html')"
    )
    seen = laboratory.observe(PYTHON, *command, options=asking("/given", "POST /large a=" + "b" * 90_000))
    assert (seen.state, seen.own_run.exit_code, seen.health) == ("serving", None, "")
    assert seen.ports == {8000}
    assert (seen.uid, seen.stopped_by_itself, seen.written) == (0, False, {})
    found = answers(seen)
    assert found["GET :8000/"][1].startswith(b"<link href=/x.css>app ")
    assert found["GET :8000/x.css"] == found["GET :8000/given"] == (200, b"same")
    assert found["POST :8000/large"] == (200, b"90002 bbbbb")
    assert [answer.probe.path for answer in seen.answers if answer.varies] == ["/"]
    assert '"GET /given HTTP/1.1" 200' in seen.own_run.output

    again = laboratory.observe(PYTHON, *command, earlier=seen)
    assert [answer.probe for answer in again.answers] == [answer.probe for answer in seen.answers]


@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", "AF_INET"), ("::1", "AF_INET6"), ("::", "AF_INET6"), ("app", "AF_INET")]
)
def test_where_a_server_listens(laboratory: Laboratory, host: str, family: str) -> None:
    seen = laboratory.observe(PYTHON, *python_server("send(b'here')", host=host, family=family))
    assert answers(seen)["GET :8000/"] == (200, b"here")


def test_answers_that_are_none(laboratory: Laboratory) -> None:
    command = python_server(
        "if self.path == '/slow': time.sleep(30)\n"
        "if self.path == '/closed': return\n"
        "if self.path == '/raw': self.wfile.write(b'+PONG'); return\n"
        "if self.path == '/endless':\n"
        "    send(b'begin')\n"
        "    time.sleep(30)\n"
        "send(b'x' * 3_000_000 if self.path == '/large' else b'')"
    )
    seen = laboratory.observe(PYTHON, *command, options=asking("/slow", "/closed", "/raw", "/endless", "/large", ":9/"))
    found = answers(seen)
    assert found["GET :8000/slow"] == (0, b"no answer in 2 s")
    assert found["GET :8000/closed"] == (0, b"closed without an answer")
    assert found["GET :8000/raw"] == (0, b"not HTTP")
    assert found["GET :8000/endless"] == (200, b"begin")
    assert found["GET :9/"] == (0, b"connection refused")
    status, body = found["GET :8000/large"]
    assert status == 200
    assert OPTIONS.limits.body_bytes <= len(body) < 3_000_000


def test_a_server_that_a_request_ends(laboratory: Laboratory) -> None:
    seen = laboratory.observe(PYTHON, *python_server("send(b'bye')\nos._exit(7)"))
    assert seen.state == "serving"
    assert seen.stopped_by_itself
    assert seen.own_run.exit_code == 7


def test_a_program_that_ends(laboratory: Laboratory) -> None:
    seen = laboratory.observe(
        ALPINE, "sh", "-c", "echo out; echo err >&2; mkdir /a; echo x >/a/b; rm /etc/passwd; exit 3"
    )
    assert (seen.state, seen.own_run.exit_code, seen.ports, seen.answers) == ("exited", 3, frozenset(), ())
    assert sorted(seen.own_run.output.split()) == ["err", "out"]
    assert seen.written == {"/a": "A", "/a/b": "A", "/etc/passwd": "D"}


def test_a_program_that_is_not_there(laboratory: Laboratory) -> None:
    seen = laboratory.observe(ALPINE, "nosuchprogram")
    assert (seen.state, seen.own_run.exit_code) == ("not started", None)
    assert "nosuchprogram" in seen.own_run.failure


def test_a_program_that_only_runs(laboratory: Laboratory) -> None:
    start = time.monotonic()
    seen = laboratory.observe(ALPINE, "sleep", "600")
    assert (seen.state, seen.own_run.exit_code, seen.uid) == ("running", None, 0)
    assert time.monotonic() - start < 15


@pytest.mark.parametrize(("test", "health"), [("true", "healthy"), ("false", "unhealthy")])
def test_health(laboratory: Laboratory, test: str, health: str) -> None:
    image = laboratory.build(
        f"health-{test}", f'FROM {ALPINE}\nUSER 1234\nHEALTHCHECK --retries=2 CMD {test}\nCMD ["sleep", "600"]\n'
    )
    seen = laboratory.observe(image)
    assert (seen.state, seen.health, seen.uid) == ("running", health, 1234)


def test_volumes(laboratory: Laboratory) -> None:
    image = laboratory.build(
        "volumes",
        f"FROM {ALPINE}\nRUN mkdir /data && touch /data/old\nVOLUME /data\n"
        'CMD ["sh", "-c", "mkdir /data/new; touch \'/data/new/a b\' /named/c"]\n',
    )
    volume = laboratory.engine.create_volume(laboratory.run.name("named"))
    try:
        seen = laboratory.observe_plan(image, RunPlan(mounts=(VolumeMount(volume, "/named"),)))
    finally:
        laboratory.engine.remove_volume(volume)
    files = {path for path in seen.written if path not in ("/data", "/named")}
    assert files == {"/data/new/a b", "/named/c"}


def test_other_commands(laboratory: Laboratory) -> None:
    commands = (("echo", "a b"), ("false",), ("nosuchprogram",), ("sleep", "600"), ("sh", "-c", "echo $NAME"))
    options = replace(OPTIONS, probe_runs=commands, limits=replace(OPTIONS.limits, start_seconds=2))
    seen = laboratory.observe_plan(ALPINE, RunPlan(command=("true",), environment={"NAME": "Grace"}), options)
    assert [(found.command, found.exit_code, found.output) for found in seen.runs] == [
        (commands[0], 0, "a b\n"),
        (commands[1], 1, ""),
        (commands[2], None, ""),
        (commands[3], None, ""),
        (commands[4], 0, "Grace\n"),
    ]
    assert "nosuchprogram" in seen.runs[2].failure


def test_there_is_no_way_outside(laboratory: Laboratory) -> None:
    seen = laboratory.observe(ALPINE, "sh", "-c", "ip route | grep -c default")
    assert seen.own_run.output == "0\n"
    seen = laboratory.observe(
        ALPINE, "sh", "-c", "ip route | grep -c default", options=replace(OPTIONS, allow_network=True)
    )
    assert seen.own_run.output == "1\n"


@pytest.fixture(autouse=True)
def _nothing_is_left(laboratory: Laboratory, docker: Callable[..., str]) -> Iterator[None]:
    yield
    label = f"label={RunIdentity.LABEL}={laboratory.run.id}"
    assert docker("ps", "--all", "--quiet", "--filter", label) == ""
    assert docker("network", "ls", "--quiet", "--filter", label) == ""
    assert docker("volume", "ls", "--quiet", "--filter", label) == ""


@pytest.fixture(scope="module")
def docker() -> Callable[..., str]:
    import subprocess

    def run(*arguments: str) -> str:
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout

    return run
