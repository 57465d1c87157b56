"""Probes in Kubernetes manifests."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.context.evidence import Evidence
from dockerslim.context.kubernetes import HealthPath, parse_health_paths, read_health_paths

DEPLOYMENT = """\
apiVersion: v1
kind: Service
---
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
          ports:
            - {name: http, containerPort: 8080}
          livenessProbe:
            httpGet:
              path: /live
              port: http
          readinessProbe:
            httpGet: {path: ready, port: 9090}
          startupProbe:
            tcpSocket: {port: 8080}
"""


def manifest(probe: str) -> str:
    return f"spec: {{containers: [{{ports: [{{name: web, containerPort: 80}}], livenessProbe: {probe}}}]}}"


def test_a_deployment() -> None:
    assert parse_health_paths(DEPLOYMENT) == (
        HealthPath("/ready", 9090, Evidence("", 19, "readinessProbe")),
        HealthPath("/live", 8080, Evidence("", 15, "livenessProbe")),
    )


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ("{httpGet: {path: /a, port: 80}}", ("/a", 80)),
        ("{httpGet: {path: /a, port: '80'}}", ("/a", 80)),
        ("{httpGet: {path: /a, port: web}}", ("/a", 80)),
        ("{httpGet: {path: /a, port: other}}", ("/a", None)),
        ("{httpGet: {path: /a}}", ("/a", None)),
        ("{httpGet: {port: 80}}", ("/", 80)),
        ("{httpGet: {path: /a, port: 99999}}", ("/a", None)),
        ("{httpGet: {path: /a, port: [1]}}", ("/a", None)),
    ],
)
def test_a_path_and_its_port(probe: str, expected: tuple[str, int | None]) -> None:
    (found,) = parse_health_paths(manifest(probe))
    assert (found.path, found.port) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "httpGet",
        "httpGet: {path: /a}",
        "- httpGet: [",
        manifest("{httpGet: {path: '{{ .Values.path }}'}}"),
        manifest("{httpGet: {path: /a, scheme: HTTPS}}"),
        manifest("{httpGet: {path: /a, host: example.com}}"),
        manifest("{exec: {command: [httpGet]}}"),
        manifest("{httpGet: []}"),
        manifest("[httpGet]"),
        "containers: {a: {livenessProbe: {httpGet: {path: /a}}}}",
    ],
)
def test_no_path(text: str) -> None:
    assert parse_health_paths(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "kind: List\nitems:\n- spec: {jobTemplate: {spec: {template: {spec: {containers: *c}}}}}",
        "%YAML 1.2\n---\nspec: {containers: *c}\n...\n",
        "a: [\n---\nspec: {containers: *c}",
    ],
)
def test_kinds_and_documents(text: str) -> None:
    text = text.replace("*c", "[{readinessProbe: {httpGet: {path: /a}}}]")
    assert [found.path for found in parse_health_paths(text)] == ["/a"]


def test_an_alias_bomb_is_cut() -> None:
    lines = ["a0: &a0 {livenessProbe: {httpGet: {path: /a}}}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    start = time.perf_counter()
    parse_health_paths("\n".join([*lines, "containers: [*a29, *a0]"]))
    parse_health_paths("---\n" * 200_000 + "httpGet")
    assert time.perf_counter() - start < 5


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.text(max_size=8),
        lambda s: (
            st.lists(s, max_size=3)
            | st.dictionaries(st.sampled_from(["httpGet", "path", "port", "ports", "name", "containerPort"]), s)
        ),
        max_leaves=20,
    )
)
def test_never_raises(data: object) -> None:
    import json

    parse_health_paths(json.dumps({"containers": [{"livenessProbe": data, "ports": data}, data], "a": data}))


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.mark.parametrize(
    "path",
    ["k8s/web.yaml", "kubernetes/base/web.yml", "api/deploy/web.yaml", "ops/k8s/overlays/prod/web.yaml"],
)
def test_where_manifests_lie(tmp_path: Path, path: str) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, path, DEPLOYMENT)
    found = read_health_paths(tmp_path / "api" / "Dockerfile")
    assert {(health.path, health.evidence.file) for health in found} == {("/ready", path), ("/live", path)}


def test_what_is_not_looked_into(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    write(root, "k8s/chart/Chart.yaml", "name: chart\n")
    write(root, "k8s/chart/templates/web.yaml", DEPLOYMENT)
    write(root, "k8s/a/b/c/d/web.yaml", DEPLOYMENT)
    write(root, "src/web.yaml", DEPLOYMENT)
    write(root, "k8s/web.txt", DEPLOYMENT)
    write(tmp_path, "outside/web.yaml", DEPLOYMENT)
    (root / "kubernetes").symlink_to(tmp_path / "outside")
    (root / "k8s" / "link.yaml").symlink_to(tmp_path / "outside" / "web.yaml")
    (root / "k8s" / "folder.yaml").mkdir()
    assert read_health_paths(root / "Dockerfile") == ()
    assert read_health_paths(root / "a\0b") == ()


def test_a_path_is_found_once(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, "k8s/a.yaml", DEPLOYMENT)
    write(tmp_path, "k8s/b.yaml", DEPLOYMENT)
    assert len(read_health_paths(tmp_path / "Dockerfile")) == 2
