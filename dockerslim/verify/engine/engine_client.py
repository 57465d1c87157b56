"""Calls of the engine's client: python-on-whales where it has the call, the command itself where it has not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from python_on_whales import DockerClient
from python_on_whales.exceptions import DockerException

from dockerslim.verify.engine.client_processes import time_limit
from dockerslim.verify.engine.engine_errors import engine_error
from dockerslim.verify.errors import VerifyError

CALL_SECONDS = 120.0
"""For a call that does no long work: removing an image of some gigabytes is among them."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A call of the client that came to its end."""

    exit_code: int
    output: bytes
    error: str


@dataclass(frozen=True, slots=True)
class EngineClient:
    """How an engine is called."""

    whales: DockerClient
    name: str
    """As in messages: `docker`."""
    is_podman: bool = False
    shifts_users: bool = False
    """User ids are others on the host than in the container: a rootless engine, user namespaces."""

    @property
    def command(self) -> tuple[str, ...]:
        """The client's command with the options that choose the engine."""
        return tuple(str(word) for word in self.whales.client_config.docker_cmd)

    def run(self, *arguments: str, input: bytes = b"", seconds: float = CALL_SECONDS) -> Completed:
        """Run `docker ARGUMENTS` to its end; VerifyError where it has none in time.

        For what python-on-whales lacks: each caller says what that is.
        """
        try:
            done = subprocess.run(
                [*self.command, *arguments], input=input, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as expired:
            raise VerifyError(f"`{self.name} {arguments[0]}` was not done after {seconds:g} s") from expired
        except OSError as error:
            raise VerifyError(f"{self.name} can't be run: {error.strerror or error}") from error
        return Completed(done.returncode, done.stdout, done.stderr.decode(errors="replace"))

    def succeed(self, *arguments: str, seconds: float = CALL_SECONDS) -> str:
        """The standard output of `docker ARGUMENTS`; VerifyError where it fails."""
        done = self.run(*arguments, seconds=seconds)
        if done.exit_code != 0:
            raise engine_error(done.error, self.name)
        return done.output.decode(errors="replace").strip()

    def inspect(self, kind: str, name: str) -> dict[str, Any] | None:
        """What the engine tells of an image or a container; None where it isn't there.

        python-on-whales' models lack fields (StopTimeout, StartInterval) and raise on values that they don't expect.
        """
        done = self.run(kind, "inspect", name)
        if done.exit_code == 0:
            found: dict[str, Any] = json.loads(done.output)[0]
            return found
        if "no such" in done.error.lower() or "not known" in done.error.lower():
            return None
        raise engine_error(done.error, self.name)

    @contextmanager
    def call(self, argument: str, what: str, seconds: float = CALL_SECONDS) -> Iterator[None]:
        """Around calls of python-on-whales: their failure is a VerifyError, and so is taking longer.

        `argument` is a word of the command line that no other call has.
        """
        with time_limit(seconds, argument, what):
            try:
                yield
            except DockerException as failure:
                raise engine_error(failure.stderr or str(failure), self.name) from failure
