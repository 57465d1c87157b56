"""Which requests are made: the paths that someone wrote down for health checks, and those that are asked anyway."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dockerslim.context.kubernetes import HealthPath
from dockerslim.context.usage import Usage
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.observe.http_request import READING_METHODS, parse_probe
from dockerslim.verify.observe.probe_paths import HEALTH_PATHS
from dockerslim.verify.options import HttpProbe

OPEN_PORT = "an open port"
COMMON_PATH = "a common health path"
"""The source of a path that nobody named."""

WORD_LIMIT = 10_000
"""Characters of a word of a health check that are searched."""

ADDRESSES_LIMIT = 20

_ADDRESS = re.compile(
    r"""(?<![\w.@-])
    (?P<scheme>https?://)?
    (?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])
    (?: : (?P<port>[^/\s"'`;|&<>()]*) )?
    (?P<path>/[^\s"';|<>()]*)?""",
    re.VERBOSE | re.IGNORECASE,
)
_UNKNOWN = re.compile(r"[$`\\{}]")


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """Requests for one image. A probe without a port is for each port that answers."""

    found: tuple[HttpProbe, ...] = ()
    """From health checks."""
    given: tuple[HttpProbe, ...] = ()
    """From the person running the verification, in their order."""

    @property
    def named_ports(self) -> frozenset[int]:
        return frozenset(probe.port for probe in (*self.found, *self.given) if probe.port is not None)

    @property
    def reading(self) -> tuple[HttpProbe, ...]:
        """All that change nothing, those of the given ones that come before the first that may."""
        return (*self.found, *self.given[: self._first_change])

    @property
    def in_order(self) -> tuple[HttpProbe, ...]:
        """The given ones from the first that may change something: a GET that follows a POST shows what it did."""
        return self.given[self._first_change :]

    @property
    def _first_change(self) -> int:
        changes = (at for at, probe in enumerate(self.given) if probe.method not in READING_METHODS)
        return next(changes, len(self.given))


def probe_plan(configuration: ImageConfiguration, used: Sequence[HttpProbe], given: Sequence[HttpProbe]) -> ProbePlan:
    """What is asked of an image: `used` are those of `usage_probes`, `given` those of the options."""
    own = (probe for word in configuration.healthcheck for probe in command_probes(word, "HEALTHCHECK"))
    return ProbePlan(_each_once((*own, *used)), tuple(given))


def usage_probes(usage: Usage, health_paths: Iterable[HealthPath]) -> tuple[HttpProbe, ...]:
    """The requests in the health checks of compose services and of Kubernetes manifests."""
    found: list[HttpProbe] = []
    for service in usage.services:
        words = (service.healthcheck,) if isinstance(service.healthcheck, str) else service.healthcheck or ()
        found.extend(probe for word in words for probe in command_probes(word, str(service.evidence)))
    for health_path in health_paths:
        probe = _probe(health_path.path, health_path.port, str(health_path.evidence))
        found.extend([probe] if probe is not None else [])
    return _each_once(found)


def command_probes(text: str, source: str) -> Iterator[HttpProbe]:
    """The addresses of this machine in the text of a command (`curl -f http://localhost:8080/health || exit 1`).

    The port is None where a variable tells it; an address whose path a variable tells is left out.
    """
    for number, match in enumerate(_ADDRESS.finditer(text[:WORD_LIMIT])):
        scheme, port, path = match["scheme"] or "", match["port"], match["path"] or "/"
        if number >= ADDRESSES_LIMIT or scheme.lower() == "https://" or _UNKNOWN.search(path):
            continue
        if not scheme and port is None and match["path"] is None:
            continue  # a host alone, as in `pg_isready -h localhost`
        probe = _probe(path, 80 if port is None else _port(port), source)
        if probe is not None:
            yield probe


def first_probe(port: int) -> HttpProbe:
    """What every open port is asked."""
    return HttpProbe("GET", "/", port=port, source=OPEN_PORT)


def common_probes(port: int) -> tuple[HttpProbe, ...]:
    """The paths that servers commonly tell their health at."""
    return tuple(HttpProbe("GET", path, port=port, source=COMMON_PATH) for path in HEALTH_PATHS)


def exposed_ports(configuration: ImageConfiguration) -> frozenset[int]:
    """The TCP ports of EXPOSE; a range counts as its first."""
    numbers = (text.partition("/") for text in configuration.ports)
    return frozenset(
        int(number.partition("-")[0])
        for number, _, protocol in numbers
        if protocol in ("", "tcp") and number.partition("-")[0].isdecimal()
    )


def _probe(path: str, port: int | None, source: str) -> HttpProbe | None:
    try:
        probe = parse_probe(path, source)
    except ValueError:
        return None
    return HttpProbe(probe.method, probe.path, "", port, source) if probe.path == path else None


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) < 65536 else None


def _each_once(probes: Iterable[HttpProbe]) -> tuple[HttpProbe, ...]:
    return tuple({(probe.method, probe.path, probe.port): probe for probe in reversed(tuple(probes))}.values())[::-1]
