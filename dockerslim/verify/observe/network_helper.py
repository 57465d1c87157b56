"""The container that asks from beside the program, in the same network namespace.

So nothing is executed inside the program's container, which may have no shell, no port of the host is used, and an
engine on another machine is asked like one here.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerslim.verify.engine.container_requests import ContainerRequest
from dockerslim.verify.errors import VerifyError
from dockerslim.verify.observe.http_request import CLOSED, CONNECTION_REFUSED, no_answer, parse_answer, request_bytes
from dockerslim.verify.observe.listening_ports import Listener, lasting_ports, parse_listeners
from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.options import HttpProbe, Limits, VerifyOptions

if TYPE_CHECKING:
    from dockerslim.verify.engine.container_engine import ContainerEngine
    from dockerslim.verify.engine.run_identity import RunIdentity

HOSTNAME = "app"
"""The same for each candidate: programs print it."""

LIFETIME = 24 * 3600
"""Seconds after which a forgotten helper ends by itself."""

HEADER_BYTES = 64_000
"""Beside the body, of an answer."""

REQUESTS_AT_ONCE = 20
"""In one command: their answers are held in memory together."""

EXECUTION_SECONDS = 30.0
"""For a command in the helper, beside the time that its own work may take."""

# A connection of which one half is closed makes some servers cancel the request: a pipe that the shell itself holds
# open keeps it whole. `cat` runs under a limit because nobody may ever read from the pipe.
# Many requests come in one command, since each command costs an engine some tenths of a second.
_ASK = """\
folder=$(mktemp -d) && cd "$folder" && mkfifo request || exit 125
while read -r address port text; do
    exec 3<>request
    { timeout "$1" nc "$address" "$port" <&3 2>error; echo $? >code; } | head -c "$2" | base64 >answer &
    printf %s "$text" | base64 -d | timeout "$1" cat >&3
    wait
    exec 3>&-
    echo "$(cat code) $(tr '\\n' ' ' <error)"
    tr -d '\\n' <answer
    echo
done
rm -r "$folder"
"""
_ENDED_BY_TIMEOUT = ("124", "143")

_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(slots=True)
class NetworkHelper:
    """A running helper. `named` are ports that someone wrote down, so that they count wherever they lie."""

    engine: ContainerEngine
    id: str
    network: str
    limits: Limits
    named: frozenset[int] = frozenset()
    _listeners: frozenset[Listener] = field(default=frozenset())

    def listening(self) -> frozenset[int]:
        """The TCP ports that something in the namespace listens on."""
        tables = self._execute("cat", "/proc/net/tcp", "/proc/net/tcp6").decode("ascii", "replace")
        if not tables:
            raise VerifyError("the helper container has ended", "is another image given to `--probe-image`?")
        self._listeners = parse_listeners(tables)
        return lasting_ports(self._listeners, self.named)

    def listening_inside(self) -> frozenset[int]:
        """The ports that were open on loopback alone when `listening` looked last."""
        outside = {listener.port for listener in self._listeners if not listener.is_only_inside}
        return frozenset(listener.port for listener in self._listeners) - outside

    def now(self) -> int:
        """The engine's time, in seconds since 1970."""
        try:
            return int(self._execute("date", "+%s"))
        except ValueError:
            return 0

    def ask(self, requests: Sequence[tuple[HttpProbe, int]]) -> list[Answer]:
        """Send each request to its port when the answer to the one before has come; all whole answers."""
        answers: list[Answer] = []
        for at in range(0, len(requests), REQUESTS_AT_ONCE):
            answers += self._ask_together(requests[at : at + REQUESTS_AT_ONCE])
        return answers

    def _ask_together(self, requests: Sequence[tuple[HttpProbe, int]]) -> list[Answer]:
        answers = [no_answer(probe, port, CONNECTION_REFUSED) for probe, port in requests]
        addresses = [self._addresses(port) for _, port in requests]
        # What is refused at one address is asked at the next: a program may listen on one of the two loopbacks.
        for turn in range(max(map(len, addresses), default=0)):
            left = [at for at, answer in enumerate(answers) if _is_refused(answer) and turn < len(addresses[at])]
            found = self._ask_at([(addresses[at][turn], *requests[at]) for at in left]) if left else ()
            for at, answer in zip(left, found, strict=True):
                answers[at] = answer
        return answers

    def _addresses(self, port: int) -> tuple[str, ...]:
        """Where a port is reached, by what `listening` saw last."""
        listeners = [listener for listener in self._listeners if listener.port == port]
        if not listeners or any(listener.is_everywhere for listener in listeners):
            return _LOOPBACK
        return tuple(sorted(listener.address for listener in listeners))

    def _ask_at(self, requests: Sequence[tuple[str, HttpProbe, int]]) -> list[Answer]:
        """The answers to requests, each with the address that it is sent to."""
        seconds = max(1, round(self.limits.answer_seconds))
        limit = self.limits.body_bytes + HEADER_BYTES
        lines = [
            b"%s %d %s\n" % (address.encode(), port, base64.b64encode(request_bytes(probe, port)))
            for address, probe, port in requests
        ]
        done = self.engine.execute(
            self.id,
            ("sh", "-c", _ASK, "ask", str(seconds), str(limit)),
            input=b"".join(lines),
            timeout=2 * seconds * len(requests) + EXECUTION_SECONDS,
        )
        told = done.output.split(b"\n")
        told += [b""] * (2 * len(requests) - len(told))
        return [
            self._answer(probe, port, told[2 * at], told[2 * at + 1]) for at, (_, probe, port) in enumerate(requests)
        ]

    def _answer(self, probe: HttpProbe, port: int, ending: bytes, encoded: bytes) -> Answer:
        """`ending` is the exit code of what asked and what it said of errors."""
        code, _, error = ending.decode("utf-8", "replace").partition(" ")
        try:
            raw = base64.b64decode(encoded)
        except binascii.Error:
            raw = b""
        if raw:
            return parse_answer(raw, probe, port)
        if code in _ENDED_BY_TIMEOUT:
            return no_answer(probe, port, f"no answer in {max(1, round(self.limits.answer_seconds))} s")
        return no_answer(probe, port, CONNECTION_REFUSED if "refused" in error else CLOSED)

    def _execute(self, *command: str) -> bytes:
        return self.engine.execute(self.id, command, timeout=EXECUTION_SECONDS).output


def _is_refused(answer: Answer) -> bool:
    return not answer.status and answer.body == CONNECTION_REFUSED.encode()


@contextmanager
def started_helper(
    engine: ContainerEngine, run: RunIdentity, options: VerifyOptions, named: frozenset[int] = frozenset()
) -> Iterator[NetworkHelper]:
    """A helper on a network of its own, which has a way outside only where the options allow it; both are removed."""
    engine.ensure_image(options.probe_image)
    suffix = secrets.token_hex(3)
    with ExitStack() as stack:
        name = run.name(f"network-{suffix}")
        engine.create_network(name, outside=options.allow_network)
        stack.callback(engine.remove_network, name)
        request = ContainerRequest(
            options.probe_image,
            command=(str(LIFETIME),),
            entrypoint="sleep",
            network=name,
            hostname=HOSTNAME,
            user="0:0",
            has_health_check=False,
        )
        container = engine.create(request, run.name(f"helper-{suffix}"))
        stack.callback(engine.remove_container, container)
        failure = engine.start(container)
        if failure:
            raise VerifyError(
                f"the helper container of `{options.probe_image}` can't be started: {failure}",
                "give an image with busybox to `--probe-image`",
            )
        yield NetworkHelper(engine, container, name, options.limits, named)
