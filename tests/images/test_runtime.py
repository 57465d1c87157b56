"""Which smaller image runs what an image builds."""

from __future__ import annotations

import pytest

from dockerslim.images.catalogue import Catalogue
from dockerslim.images.runtime import (
    RuntimeNeed,
    Twin,
    alpine_twin,
    distroless,
    runtime_candidates,
    runtimes_to_try,
    same_release_slim,
    slim_twin,
)

DIGEST = "sha256:" + "0a" * 32
STATIC, BASE, CC = (f"gcr.io/distroless/{kind}-debian13:nonroot" for kind in ("static", "base", "cc"))


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("node", "node:slim"),
        ("node:latest", "node:slim"),
        ("node:lts", "node:lts-slim"),
        ("node:current", "node:current-slim"),
        ("node:20", "node:20-slim"),
        ("node:iron", "node:iron-slim"),
        ("node:8.9.1", "node:8.9.1-slim"),
        ("node:20-bookworm", "node:20-bookworm-slim"),
        ("node:bookworm", "node:bookworm-slim"),
        ("node:lts-bookworm", "node:lts-bookworm-slim"),
        ("node:18.17.1-bullseye", "node:18.17.1-bullseye-slim"),
        ("oven/bun", "oven/bun:slim"),
        ("oven/bun:latest", "oven/bun:slim"),
        ("oven/bun:debian", "oven/bun:slim"),
        ("oven/bun:1", "oven/bun:1-slim"),
        ("oven/bun:1.3-debian", "oven/bun:1.3-slim"),
        ("docker.io/oven/bun:1.2.3", "docker.io/oven/bun:1.2.3-slim"),
        ("oven/bun:canary", "oven/bun:canary-slim"),
        ("python", "python:slim"),
        ("python:latest", "python:slim"),
        ("python:3", "python:3-slim"),
        ("python:3.11", "python:3.11-slim"),
        ("python:3.11-bookworm", "python:3.11-slim-bookworm"),
        ("python:3.11-buster", "python:3.11-slim-buster"),
        ("python:bookworm", "python:slim-bookworm"),
        ("docker.io/library/node:20", "docker.io/library/node:20-slim"),
        ("public.ecr.aws/docker/library/python:3.11", "public.ecr.aws/docker/library/python:3.11-slim"),
    ],
)
def test_slim_twin(text: str, twin: str) -> None:
    assert slim_twin(text) == Twin(twin)


@pytest.mark.parametrize(
    "text",
    [
        "oven/bun:slim", "oven/bun:1-alpine", "oven/bun:1-distroless",
        "node:20-slim", "node:20-alpine", "python:3.11-slim-bookworm", "golang:1.23", "debian:12", "team/node:20",
        "node:$V", "",
        "node:8.9.1-stretch", "node:lts-iron", "python:3.15-rc", "node:20-foo", "node:onbuild", f"node@{DIGEST}",
        "python:3.12-windowsservercore",
    ],
)  # fmt: skip
def test_no_slim_twin(text: str) -> None:
    assert slim_twin(text) is None


def test_slim_twin_drops_the_digest() -> None:
    assert slim_twin(f"node:20.11.1@{DIGEST}") == Twin("node:20.11.1-slim", digest_dropped=True)


def test_distroless() -> None:
    assert distroless("static") == STATIC
    assert distroless("cc", debian=12, nonroot=False) == "gcr.io/distroless/cc-debian12"


@pytest.mark.parametrize(
    ("text", "debian", "alpine"),
    [
        ("golang:1.23-bookworm", "debian:bookworm-slim", None),
        ("golang:1.23", "debian:bookworm-slim", None),
        ("golang:1.27", None, None),
        ("golang:1.24-alpine3.20", None, "alpine:3.20"),
        ("golang:1.22-alpine", None, "alpine:3.21"),
        ("golang:alpine", None, None),
        ("ubuntu:jammy", "ubuntu:22.04", None),
        ("docker.io/golang:1.23", "docker.io/debian:bookworm-slim", None),
        ("public.ecr.aws/docker/library/golang:1.23-alpine3.20", None, "public.ecr.aws/docker/library/alpine:3.20"),
    ],
)
def test_same_release(text: str, debian: str | None, alpine: str | None) -> None:
    image = Catalogue.load().lookup(text)
    assert image is not None
    assert same_release_slim(image) == debian
    assert alpine_twin(image) == alpine


@pytest.mark.parametrize(
    ("text", "need", "candidates"),
    [
        ("golang:1.23", RuntimeNeed(), (STATIC, BASE, CC, "debian:bookworm-slim")),
        ("golang", RuntimeNeed(), (STATIC, BASE, CC, "debian:stable-slim")),
        ("golang:alpine", RuntimeNeed(), (STATIC, BASE, CC, "alpine:3")),
        ("golang:1.23", RuntimeNeed(links_libc=True), (BASE, CC, "debian:bookworm-slim")),
        ("golang:1.23", RuntimeNeed(links_libc=True, links_cxx=True), (CC, "debian:bookworm-slim")),
        ("golang", RuntimeNeed(links_libc=True), ()),
        ("golang:1.27", RuntimeNeed(links_libc=True), ()),
        ("golang:1.24-alpine3.20", RuntimeNeed(links_libc=True), ("alpine:3.20",)),
        ("golang:1.23-alpine", RuntimeNeed(shell=True), ("alpine:3.22",)),
        ("golang:1.23", RuntimeNeed(shell=True), ("debian:bookworm-slim",)),
        ("golang", RuntimeNeed(packages=True), ()),
        ("ubuntu:24.04", RuntimeNeed(links_libc=True), (BASE, CC, "ubuntu:24.04")),
        ("ubuntu:25.10", RuntimeNeed(links_libc=True), ("ubuntu:25.10",)),
        ("golang:1.24-nanoserver", RuntimeNeed(), ()),
        ("oven/bun:1", RuntimeNeed(links_libc=True), ()),
    ],
)
def test_candidates(text: str, need: RuntimeNeed, candidates: tuple[str, ...]) -> None:
    image = Catalogue.load().lookup(text)
    assert image is not None
    assert runtime_candidates(image, need) == candidates


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("golang:1.23", ("debian:bookworm-slim",)),
        ("golang", ("debian:stable-slim",)),
        ("golang:1.24-alpine3.20", ("alpine:3.20",)),
    ],
)
def test_what_can_be_tried_for_a_compiled_program_from_the_smallest_up(text: str, images: tuple[str, ...]) -> None:
    image = Catalogue.load().lookup(text)
    assert image is not None
    names = tuple(name.removesuffix(":nonroot") for name in (STATIC, BASE, CC))
    assert runtimes_to_try(image) == (*names, *images)


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("node:20", ("distroless", "node:20-slim")),
        ("python:3.12-slim", ("distroless",)),
        ("golang:1.24-nanoserver", ()),
    ],
)
def test_what_can_be_tried_for_others(text: str, images: tuple[str, ...]) -> None:
    image = Catalogue.load().lookup(text)
    assert image is not None
    assert runtimes_to_try(image) == images
