"""An engine in memory: one program, and a helper that sees what the program opens and answers."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dockerslim.verify.engine.container_requests import ContainerRequest, ContainerState, Executed

if TYPE_CHECKING:
    from dockerslim.verify.engine.container_engine import ContainerEngine

TABLE = "  sl  local_address rem_address   st\n"


@dataclass
class FakeEngine:
    """What its containers do is in the fields; what was made of it, in `containers` and `log`."""

    ports: tuple[str, ...] = ()
    """Local addresses as /proc/net/tcp has them."""
    tables: str | None = None
    """Replaces the tables made of `ports`."""
    state_of_program: ContainerState = field(default_factory=lambda: ContainerState(True, None))
    executed: Executed | None = None
    """Replaces what comes of a request."""
    silent: bool = False
    """The command that asks prints nothing."""
    responses: Mapping[str, bytes] = field(default_factory=dict)
    """By address and the first line of the request."""
    start_failure: str = ""
    volumes: Mapping[str, str] = field(default_factory=dict)
    listed: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)
    output: str = ""
    uid: int | None = 0
    fails_at: str = ""
    """The call that an interrupt comes in."""

    containers: dict[str, ContainerRequest] = field(default_factory=dict)
    existing: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    @property
    def engine(self) -> ContainerEngine:
        return cast("ContainerEngine", self)

    def _note(self, call: str) -> None:
        self.log.append(call)
        if call == self.fails_at:
            raise KeyboardInterrupt

    def ensure_image(self, reference: str) -> None:
        self._note(f"ensure {reference}")

    def create_network(self, name: str, *, outside: bool) -> str:
        self._note(f"network {'outside' if outside else 'internal'}")
        self.existing.add(name)
        return name

    def remove_network(self, name: str) -> None:
        self.existing.discard(name)

    def create(self, request: ContainerRequest, name: str) -> str:
        self._note("create")
        self.existing.add(name)
        self.containers[name] = request
        return name

    def remove_container(self, container: str) -> None:
        self.existing.discard(container)

    def start(self, container: str) -> str:
        self._note(f"start {'helper' if self._is_helper(container) else 'program'}")
        return "" if self._is_helper(container) else self.start_failure

    def state(self, container: str) -> ContainerState:
        self._note("state")
        return self.state_of_program

    def logs(self, container: str) -> str:
        return self.output

    def uid_of_process(self, container: str) -> int | None:
        return self.uid

    def changed_paths(self, container: str) -> Mapping[str, str]:
        return self.changed

    def copy_into(self, container: str, local: Path, path: str) -> None:
        self._note(f"copy {local.name} to {path}")

    def volumes_of(self, container: str) -> Mapping[str, str]:
        return self.volumes

    def execute(
        self, container: str, command: Sequence[str], input: bytes = b"", timeout: float | None = None
    ) -> Executed:
        assert self._is_helper(container), "nothing is executed beside the program"
        assert timeout is not None
        if command[0] == "cat":
            rows = (f"0: {address} 00000000:0000 0A\n" for address in self.ports)
            return Executed(0, (TABLE + "".join(rows) if self.tables is None else self.tables).encode(), "")
        if command[0] == "date":
            return Executed(0, b"1000\n", "")
        if command[3] == "list":
            return Executed(0, self.listed.encode(), "")
        if self.silent:
            return Executed(124, b"", "not done after 50 s")
        lines = [self._answer(*line.split(" ")) for line in input.decode().splitlines()]
        return Executed(0, b"".join(lines), "")

    def _answer(self, address: str, port: str, request: str) -> bytes:
        """What the helper prints of one request: exit code and errors, and the answer."""
        first_line = base64.b64decode(request).partition(b"\r\n")[0].decode()
        self._note(f"ask {address} {first_line}")
        raw = self.responses.get(f"{address} {first_line}")
        if self.executed is not None:
            error = self.executed.error.encode()
            return b"%d %s\n%s\n" % (self.executed.exit_code, error, self.executed.output.replace(b"\n", b""))
        if raw is None:
            return b"1 nc: can't connect to remote host: Connection refused\n\n"
        return b"0 \n" + base64.b64encode(raw) + b"\n"

    def _is_helper(self, container: str) -> bool:
        return self.containers[container].entrypoint == "sleep"
