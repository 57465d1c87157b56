"""The container that asks from beside the program, in the same network namespace.

So nothing is executed inside the program's container, which may have no shell, no port of the host is used, and an
engine on another machine is asked like one here.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterator
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

EXECUTION_SECONDS = 30.0
"""For a command in the helper, beside the time that its own work may take."""

# A connection of which one half is closed makes some servers cancel the request: a pipe that the shell itself holds
# open keeps it whole. `cat` runs under a limit because nobody may ever read from the pipe.
_ASK = """\
folder=$(mktemp -d) && mkfifo "$folder/request" || exit 125
exec 3<>"$folder/request"
{ timeout "$3" nc "$1" "$2" <&3 2>"$folder/error"; echo $? >"$folder/code"; } | head -c "$4" | base64 &
timeout "$3" cat >&3
wait
cat "$folder/error" >&2
code=$(cat "$folder/code")
rm -r "$folder"
exit "$code"
"""
_ENDED_BY_TIMEOUT = (124, 143)

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

    def now(self) -> int:
        """The engine's time, in seconds since 1970."""
        try:
            return int(self._execute("date", "+%s"))
        except ValueError:
            return 0

    def ask(self, probe: HttpProbe, port: int) -> Answer:
        """Send one request to a port and wait for the whole answer."""
        answer = no_answer(probe, port, CONNECTION_REFUSED)
        for address in self._addresses(port):
            answer = self._ask_at(address, probe, port)
            if answer.status or answer.body != CONNECTION_REFUSED.encode():
                break
        return answer

    def _addresses(self, port: int) -> tuple[str, ...]:
        """Where a port is reached, by what `listening` saw last."""
        listeners = [listener for listener in self._listeners if listener.port == port]
        if not listeners or any(listener.is_everywhere for listener in listeners):
            return _LOOPBACK
        return tuple(sorted(listener.address for listener in listeners))

    def _ask_at(self, address: str, probe: HttpProbe, port: int) -> Answer:
        seconds = max(1, round(self.limits.answer_seconds))
        limit = self.limits.body_bytes + HEADER_BYTES
        done = self.engine.execute(
            self.id,
            ("sh", "-c", _ASK, "ask", address, str(port), str(seconds), str(limit)),
            input=request_bytes(probe, port),
            timeout=2 * seconds + EXECUTION_SECONDS,
        )
        try:
            raw = base64.b64decode(done.output)
        except binascii.Error:
            raw = b""
        if raw:
            return parse_answer(raw, probe, port)
        if done.exit_code in _ENDED_BY_TIMEOUT:
            return no_answer(probe, port, f"no answer in {seconds} s")
        return no_answer(probe, port, CONNECTION_REFUSED if "refused" in done.error else CLOSED)

    def _execute(self, *command: str) -> bytes:
        return self.engine.execute(self.id, command, timeout=EXECUTION_SECONDS).output


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
