"""Asking a server: what in which order, and what is asked twice.

A body that differs from one request to the next on the same container tells nothing when two containers are compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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

ASSETS_LIMIT = 20
"""Of the pages that the page at the root links to."""

REDIRECTS_LIMIT = 3

TRIES = 3
"""Of the first request: a port may be open a moment before the program answers there."""

PAUSE = 1.0
"""Seconds between two tries."""

Request: TypeAlias = tuple[HttpProbe, int]
"""With the port that it is sent to."""

Ask: TypeAlias = Callable[[Sequence[Request]], Sequence[Answer]]
"""One answer to each request, in their order, one after the other."""

Normalise: TypeAlias = Callable[[bytes], bytes]

_NOT_YET = (CONNECTION_REFUSED.encode(), CLOSED.encode())
_NOT_FOUND = (404, 405)

LINK = "link of"
"""How the source of a request begins that a page links to."""


@dataclass(frozen=True, slots=True)
class Questioner:
    """Asks one container. `sleep` waits so many seconds.

    Each call of `ask` costs a command in the helper, so what can be asked at once is.
    """

    ask: Ask
    normalise: Normalise
    say: Callable[[str], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep

    def ask_plan(self, plan: ProbePlan, ports: Iterable[int]) -> tuple[Answer, ...]:
        """All answers of the open ports: those to what reads, then, in the order given, to what may change something.

        A common health path that nothing is found at, or the page at the root, is left out, but for the first: how the
        server says so is a part of its behaviour.
        """
        opened = sorted(ports)
        answers: list[Answer] = []
        for port in opened[:PORTS_LIMIT]:
            answers += self._ask_port(plan, port)
        answers += self._ask_given(plan.given[: len(plan.given) - len(plan.in_order)], opened, answers)
        answers = self._again(answers)
        serving = sorted({answer.port for answer in answers if answer.status}) or opened
        in_order = [(replace(probe, port=port), port) for probe in plan.in_order for port in _ports_of(probe, serving)]
        return (*answers, *self._in_order(in_order))

    def ask_same(self, earlier: Sequence[Answer]) -> tuple[Answer, ...]:
        """The requests of another container's answers, in the same order."""
        requests = [(answer.probe, answer.port) for answer in earlier]
        changes = (at for at, (probe, _) in enumerate(requests) if probe.method not in READING_METHODS)
        first_change = next(changes, len(requests))
        reading = requests[:first_change]
        firsts = {port: at for at, (_, port) in reversed(list(enumerate(reading)))}
        answers = {at: self._ask_patiently(reading[at]) for at in sorted(firsts.values())}
        rest = [at for at in range(first_change) if at not in answers]
        answers |= dict(zip(rest, self._ask([reading[at] for at in rest]), strict=True))
        return (*self._again(answers[at] for at in range(first_change)), *self._in_order(requests[first_change:]))

    def _ask_port(self, plan: ProbePlan, port: int) -> list[Answer]:
        """The answers to what nobody gave: the root, health paths, what the page at the root links to, and what those
        pages can't do without.
        """
        root = self._ask_patiently((first_probe(port), port))
        if not root.status:
            return [root]
        answers, page = [root], root
        for _ in range(REDIRECTS_LIMIT):
            path = _redirected(page)
            if path is None or any(answer.probe.path == path for answer in answers):
                break
            [page] = self._ask([(HttpProbe("GET", path, port=port, source=f"redirect of {page.probe.path}"), port)])
            answers.append(page)
        probes = [replace(probe, port=port) for probe in plan.found if probe.port in (None, port)]
        linked = self._ask_new([*probes, *common_probes(port), *_links(page)], port, answers)
        answers += self._without_catch_all(linked, page)
        assets = [probe for answer in linked if _is_link(answer) for probe in _links(answer, assets_only=True)]
        return answers + self._ask_new(assets[:ASSETS_LIMIT], port, answers)

    def _ask_new(self, probes: Iterable[HttpProbe], port: int, answers: Iterable[Answer]) -> list[Answer]:
        """The answers to what was not asked before."""
        asked = {(answer.probe.method, answer.probe.path) for answer in answers}
        new: dict[tuple[str, str], HttpProbe] = {}
        for probe in probes:
            if (probe.method, probe.path) not in asked:
                new.setdefault((probe.method, probe.path), probe)
        return self._ask([(probe, port) for probe in list(new.values())[:REQUESTS_LIMIT]])

    def _without_catch_all(self, answers: Iterable[Answer], page: Answer) -> Iterator[Answer]:
        """Without what common health paths brought where it is the same for any path."""
        shown, body = set[bool](), self.normalise(page.body)
        for answer in answers:
            is_not_found = answer.status in _NOT_FOUND
            if answer.probe.source == COMMON_PATH and (
                is_not_found or (answer.status == page.status and self.normalise(answer.body) == body)
            ):
                if is_not_found in shown:
                    continue
                shown.add(is_not_found)
            yield answer

    def _ask_given(self, probes: Sequence[HttpProbe], ports: Sequence[int], answers: Sequence[Answer]) -> list[Answer]:
        """What was given and reads; what was asked already counts as asked."""
        asked = {(answer.probe.method, answer.probe.path, answer.port) for answer in answers}
        serving = sorted({answer.port for answer in answers if answer.status}) or ports
        requests: list[Request] = []
        for probe in probes:
            for port in _ports_of(probe, serving):
                if (probe.method, probe.path, port) not in asked:
                    asked.add((probe.method, probe.path, port))
                    requests.append((replace(probe, port=port), port))
        return self._ask(requests)

    def _in_order(self, requests: Sequence[Request]) -> list[Answer]:
        """Answers of requests that build upon each other: what reads is asked again at once."""
        twice = [(probe, port) for probe, port in requests for _ in range(2 if _reads(probe) else 1)]
        answers = iter(self._ask(twice))
        return [self._compared(next(answers), next(answers) if _reads(probe) else None) for probe, _ in requests]

    def _again(self, answers: Iterable[Answer]) -> list[Answer]:
        """The answers, each with whether a second request brings another."""
        firsts = list(answers)
        asked = [(answer.probe, answer.port) for answer in firsts if answer.status and _reads(answer.probe)]
        seconds = iter(self._ask(asked, say=False))
        return [
            self._compared(first, next(seconds) if first.status and _reads(first.probe) else None) for first in firsts
        ]

    def _compared(self, first: Answer, second: Answer | None) -> Answer:
        if second is None or not first.status:
            return first
        is_same = second.status == first.status and self.normalise(second.body) == self.normalise(first.body)
        return first if is_same else replace(first, varies=True)

    def _ask_patiently(self, request: Request) -> Answer:
        [answer] = self._ask([request])
        for _ in range(TRIES - 1):
            if answer.status or answer.body not in _NOT_YET:
                break
            self.sleep(PAUSE)
            [answer] = self._ask([request])
        return answer

    def _ask(self, requests: Sequence[Request], *, say: bool = True) -> list[Answer]:
        if not requests:
            return []
        if say:
            probe, port = requests[0]
            more = f" and {len(requests) - 1} more" if len(requests) > 1 else ""
            self.say(f"asking {replace(probe, port=port).shown}{more}")
        return list(self.ask(requests))


def _reads(probe: HttpProbe) -> bool:
    return probe.method in READING_METHODS


def _is_link(answer: Answer) -> bool:
    return answer.probe.source.startswith(LINK)


def _links(page: Answer, *, assets_only: bool = False) -> list[HttpProbe]:
    """Requests for what a page links to; none where it is no page."""
    if page.status != 200 or not page.content_type.lower().startswith("text/html"):
        return []
    paths = linked_paths(page.body, f"http://localhost:{page.port}", page.probe.path, assets_only=assets_only)
    return [HttpProbe("GET", path, port=page.port, source=f"{LINK} {page.probe.path}") for path in paths]


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
