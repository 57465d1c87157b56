"""Names of images: Docker's own rules, and which names mean one image."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.images.reference import ImageReference

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("golang", "docker.io", "library/golang", None, None),
        ("golang:1.23", "docker.io", "library/golang", "1.23", None),
        ("library/golang:1.23", "docker.io", "library/golang", "1.23", None),
        ("docker.io/golang", "docker.io", "library/golang", None, None),
        ("docker.io/library/golang:1", "docker.io", "library/golang", "1", None),
        ("index.docker.io/library/golang", "docker.io", "library/golang", None, None),
        ("public.ecr.aws/docker/library/golang:1", "docker.io", "library/golang", "1", None),
        ("mirror.gcr.io/library/golang:1", "docker.io", "library/golang", "1", None),
        ("public.ecr.aws/lambda/python:3.12", "public.ecr.aws", "lambda/python", "3.12", None),
        ("mirror.gcr.io/grafana/agent", "mirror.gcr.io", "grafana/agent", None, None),
        ("localhost/x", "localhost", "x", None, None),
        ("localhost:5000/x", "localhost:5000", "x", None, None),
        ("localhost:5000/x:1", "localhost:5000", "x", "1", None),
        ("team/app", "docker.io", "team/app", None, None),
        ("registry.example.com:443/a/b-c/d_e__f.g:v1", "registry.example.com:443", "a/b-c/d_e__f.g", "v1", None),
        (f"node:20@{DIGEST}", "docker.io", "library/node", "20", DIGEST),
        (f"node@{DIGEST}", "docker.io", "library/node", None, DIGEST),
        ("gcr.io/distroless/static-debian13:nonroot", "gcr.io", "distroless/static-debian13", "nonroot", None),
    ],
)
def test_parse(text: str, registry: str, repository: str, tag: str | None, digest: str | None) -> None:
    got = ImageReference.parse(text)
    assert got is not None
    assert (got.registry, got.repository, got.tag, got.digest) == (registry, repository, tag, digest)
    assert str(got) == text


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ":", "@", "/", "golang:", "golang@", "golang:a b", "GoLang", "golang@sha256:abc", "$BASE",
        "golang:${V}", "${REGISTRY}/golang:1", "a//b", "a/", "/a", "https://docker.io/golang", "golang:1:2",
        "x" * 5000, "go\nlang", "golang:1\n", "-a", "a..b", "golang:" + "1" * 129,
    ],
)  # fmt: skip
def test_not_a_reference(text: str) -> None:
    assert ImageReference.parse(text) is None


@pytest.mark.parametrize(
    ("text", "tag", "result"),
    [
        ("golang", "1", "golang:1"),
        ("docker.io/golang:1", "2", "docker.io/golang:2"),
        (f"localhost:5000/node:20@{DIGEST}", "20-slim", "localhost:5000/node:20-slim"),
    ],
)
def test_with_tag_keeps_the_name(text: str, tag: str, result: str) -> None:
    got = ImageReference.parse(text)
    assert got is not None
    assert str(got.with_tag(tag)) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("golang:1", "debian:12"),
        ("docker.io/library/golang", "docker.io/library/debian:12"),
        ("public.ecr.aws/docker/library/golang", "public.ecr.aws/docker/library/debian:12"),
        ("company.example/golang", "None"),
        ("team/golang", "None"),
    ],
)
def test_sibling_is_from_the_same_place(text: str, result: str) -> None:
    got = ImageReference.parse(text)
    assert got is not None
    assert str(got.sibling("debian", "12")) == result


@given(st.text(max_size=60) | st.text("ab/:@._-", max_size=30))
def test_any_text(text: str) -> None:
    got = ImageReference.parse(text)
    assert got is None or str(got) == text
