"""Which requests are made."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from dockerslim.context.evidence import Evidence
from dockerslim.context.kubernetes import HealthPath
from dockerslim.context.service_use import ServiceUse
from dockerslim.context.usage import Usage
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.observe.http_request import parse_probe
from dockerslim.verify.observe.probe_plan import (
    command_probes,
    common_probes,
    exposed_ports,
    first_probe,
    probe_plan,
    usage_probes,
)
from dockerslim.verify.options import HttpProbe

CONFIGURATION = ImageConfiguration("sha256:0", 1, ())


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl -f http://localhost:8080/health || exit 1", (8080, "/health")),
        ("wget -qO- http://127.0.0.1/ping", (80, "/ping")),
        ("curl http://localhost:3000", (3000, "/")),
        ("curl localhost:3000/a?b=c", (3000, "/a?b=c")),
        ("curl localhost/a", (80, "/a")),
        ("curl --fail http://0.0.0.0:5000/;", (5000, "/")),
        ("curl http://[::1]:5000/a", (5000, "/a")),
        ("node -e \"require('http').get('http://localhost:3000/a', r => 0)\"", (3000, "/a")),
        ("python -c \"urlopen('http://localhost:8000/a')\"", (8000, "/a")),
        ("curl http://localhost:${PORT:-8080}/health", (None, "/health")),
        ("curl http://localhost:$PORT/health", (None, "/health")),
    ],
)
def test_an_address_in_a_command(command: str, expected: tuple[int | None, str]) -> None:
    (probe,) = command_probes(command, "HEALTHCHECK")
    assert (probe.port, probe.path, probe.method, probe.source) == (*expected, "GET", "HEALTHCHECK")


@pytest.mark.parametrize(
    "command",
    [
        "",
        "pg_isready -h localhost -U me",
        "nc -z localhost 8080",
        "curl https://localhost:8443/",
        "curl http://example.com/health",
        "curl http://notlocalhost/health",
        "curl http://localhost:8080/$NAME",
        "curl http://localhost:8080/`x`",
        "me@localhost:5432/x",
    ],
)
def test_no_address(command: str) -> None:
    assert list(command_probes(command, "")) == []


def test_a_hostile_command() -> None:
    start = time.perf_counter()
    for part in ("http://", "localhost:", "http://localhost:80/", "[::", ":" * 9):
        list(command_probes(part * 100_000, ""))
    assert time.perf_counter() - start < 2


def test_where_probes_come_from() -> None:
    usage = Usage(
        services=(
            ServiceUse("compose.yaml", "web", 2, Path("/x"), healthcheck=("CMD", "curl", "http://localhost:1/compose")),
            ServiceUse("compose.yaml", "job", 9, Path("/x"), healthcheck="curl http://localhost:1/compose"),
            ServiceUse("compose.yaml", "other", 12, Path("/x")),
        )
    )
    used = usage_probes(
        usage,
        (
            HealthPath("/kubernetes", None, Evidence("k8s/web.yaml", 7)),
            HealthPath("/with space", None, Evidence("k8s/web.yaml", 8)),
        ),
    )
    configuration = replace(CONFIGURATION, healthcheck=("CMD-SHELL", "curl http://localhost/own", "interval 30s"))
    given = (parse_probe("/a"), parse_probe("HEAD /b"), parse_probe("POST :9000/c"), parse_probe("/d"))
    plan = probe_plan(configuration, used, given)
    assert [(probe.shown, probe.source) for probe in plan.found] == [
        ("GET :80/own", "HEALTHCHECK"),
        ("GET :1/compose", "compose.yaml:2"),
        ("GET /kubernetes", "k8s/web.yaml:7"),
    ]
    assert [probe.path for probe in plan.reading] == ["/own", "/compose", "/kubernetes", "/a", "/b"]
    assert [probe.path for probe in plan.in_order] == ["/c", "/d"]
    assert plan.named_ports == {1, 80, 9000}


def test_what_is_asked_anyway() -> None:
    assert first_probe(80) == HttpProbe("GET", "/", port=80, source="an open port")
    assert {"/health", "/healthz"} < {probe.path for probe in common_probes(80)}


def test_exposed_ports() -> None:
    ports = frozenset({"80/tcp", "53/udp", "8000-8010/tcp", "90", "x/tcp"})
    assert exposed_ports(replace(CONFIGURATION, ports=ports)) == {80, 8000, 90}
