"""Asking a server: what in which order, and what is asked twice.

A body that differs from one request to the next on the same container tells nothing when two containers are compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import urljoin

from dockerslim.verify.observe.http_request import CLOSED, CONNECTION_REFUSED, READING_METHODS
from dockerslim.verify.observe.linked_paths import linked_paths
from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.observe.probe_plan import COMMON_PATH, ProbePlan, common_probes, first_probe
from dockerslim.verify.options import HttpProbe

PORTS_LIMIT = 10
REQUESTS_LIMIT = 60
"""To one port, without those that were given."""

REDIRECTS_LIMIT = 3

TRIES = 3
"""Of the first request: a port may be open a moment before the program answers there."""

PAUSE = 1.0
"""Seconds between two tries."""

Ask: TypeAlias = Callable[[HttpProbe, int], Answer]
Normalise: TypeAlias = Callable[[bytes], bytes]

_NOT_YET = (CONNECTION_REFUSED.encode(), CLOSED.encode())
_NOT_FOUND = (404, 405)


@dataclass(frozen=True, slots=True)
class Questioner:
    """Asks one container. `sleep` waits so many seconds."""

    ask: Ask
    normalise: Normalise
    say: Callable[[str], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep

    def ask_plan(self, plan: ProbePlan, ports: Iterable[int]) -> tuple[Answer, ...]:
        """All answers of the open ports: those to what reads, then, in the order given, to what may change something.

        A common health path that nothing is found at is left out, but for the first: how the server says so is a part
        of its behaviour.
        """
        opened = sorted(ports)
        answers: list[Answer] = []
        for port in opened[:PORTS_LIMIT]:
            answers += self._ask_port(plan, port)
        answers += self._ask_given(plan.given[: len(plan.given) - len(plan.in_order)], opened, answers)
        answers = self._again(answers)
        serving = sorted({answer.port for answer in answers if answer.status}) or opened
        for probe in plan.in_order:
            answers += self._in_order((probe, port) for port in _ports_of(probe, serving))
        return tuple(answers)

    def ask_same(self, earlier: Sequence[Answer]) -> tuple[Answer, ...]:
        """The requests of another container's answers, in the same order."""
        requests = [(answer.probe, answer.port) for answer in earlier]
        changes = (at for at, (probe, _) in enumerate(requests) if probe.method not in READING_METHODS)
        first_change = next(changes, len(requests))
        answers: list[Answer] = []
        seen: set[int] = set()
        for probe, port in requests[:first_change]:
            answers.append(self._ask(probe, port) if port in seen else self._ask_patiently(probe, port))
            seen.add(port)
        return (*self._again(answers), *self._in_order(requests[first_change:]))

    def _ask_port(self, plan: ProbePlan, port: int) -> list[Answer]:
        """The answers to what nobody gave: the root, health paths, and what the page at the root links to."""
        root = self._ask_patiently(first_probe(port), port)
        if not root.status:
            return [root]
        answers, page = [root], root
        for _ in range(REDIRECTS_LIMIT):
            path = _redirected(page)
            if path is None or any(answer.probe.path == path for answer in answers):
                break
            page = self._ask(HttpProbe("GET", path, port=port, source=f"redirect of {page.probe.path}"), port)
            answers.append(page)
        probes = [replace(probe, port=port) for probe in plan.found if probe.port in (None, port)]
        probes += common_probes(port)
        if page.status == 200 and page.content_type.lower().startswith("text/html"):
            source = f"link of {page.probe.path}"
            paths = linked_paths(page.body, f"http://localhost:{port}", page.probe.path)
            probes += [HttpProbe("GET", path, port=port, source=source) for path in paths]
        is_not_found_known = False
        asked = {(answer.probe.method, answer.probe.path) for answer in answers}
        for probe in probes[:REQUESTS_LIMIT]:
            if (probe.method, probe.path) in asked:
                continue
            asked.add((probe.method, probe.path))
            answer = self._ask(probe, port)
            if probe.source == COMMON_PATH and answer.status in _NOT_FOUND:
                if is_not_found_known:
                    continue
                is_not_found_known = True
            answers.append(answer)
        return answers

    def _ask_given(self, probes: Sequence[HttpProbe], ports: Sequence[int], answers: Sequence[Answer]) -> list[Answer]:
        """What was given and reads; what was asked already counts as asked."""
        asked = {(answer.probe.method, answer.probe.path, answer.port) for answer in answers}
        serving = sorted({answer.port for answer in answers if answer.status}) or ports
        found: list[Answer] = []
        for probe in probes:
            for port in _ports_of(probe, serving):
                if (probe.method, probe.path, port) not in asked:
                    asked.add((probe.method, probe.path, port))
                    found.append(self._ask(replace(probe, port=port), port))
        return found

    def _in_order(self, requests: Iterable[tuple[HttpProbe, int]]) -> list[Answer]:
        """Answers of requests that build upon each other: what reads is asked again at once."""
        found: list[Answer] = []
        for probe, port in requests:
            found += self._again([self._ask(replace(probe, port=port), port)])
        return found

    def _again(self, answers: Iterable[Answer]) -> list[Answer]:
        """The answers, each with whether a second request brings another."""
        return [self._compared(answer) for answer in answers]

    def _compared(self, first: Answer) -> Answer:
        if not first.status or first.probe.method not in READING_METHODS:
            return first
        second = self.ask(first.probe, first.port)
        is_same = second.status == first.status and self.normalise(second.body) == self.normalise(first.body)
        return first if is_same else replace(first, varies=True)

    def _ask_patiently(self, probe: HttpProbe, port: int) -> Answer:
        answer = self._ask(probe, port)
        for _ in range(TRIES - 1):
            if answer.status or answer.body not in _NOT_YET:
                break
            self.sleep(PAUSE)
            answer = self._ask(probe, port)
        return answer

    def _ask(self, probe: HttpProbe, port: int) -> Answer:
        self.say(f"asking {replace(probe, port=port).shown}")
        return self.ask(probe, port)


def _ports_of(probe: HttpProbe, ports: Iterable[int]) -> tuple[int, ...]:
    return tuple(ports)[:PORTS_LIMIT] if probe.port is None else (probe.port,)


def _redirected(answer: Answer) -> str | None:
    """The path on the same server that an answer leads to."""
    if not 300 <= answer.status < 400 or not answer.location:
        return None
    origin = f"http://localhost:{answer.port}"
    try:
        target = urljoin(origin + answer.probe.path, answer.location)
    except ValueError:
        return None
    path = target.removeprefix(origin).partition("#")[0]
    is_plain = path.startswith("/") and path.isascii() and path.isprintable() and " " not in path
    return path if target.startswith(origin) and is_plain and len(path) <= 1000 else None
