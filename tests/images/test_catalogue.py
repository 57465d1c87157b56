"""What is known of base images."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.images.catalogue import Catalogue
from dockerslim.images.image import Image, User
from dockerslim.images.releases import find_release

DIGEST = "sha256:" + "0a" * 32


def lookup(text: str) -> Image:
    image = Catalogue.load().lookup(text)
    assert image is not None, text
    return image


@pytest.mark.parametrize(
    ("text", "family", "language", "version", "variant", "distribution", "release", "said"),
    [
        # The tag says it.
        ("golang:1.24-bookworm", "golang", "go", (1, 24), "full", "debian", "bookworm", "tag"),
        ("golang:bookworm", "golang", "go", None, "full", "debian", "bookworm", "tag"),
        ("golang:1.24.1-alpine3.20", "golang", "go", (1, 24, 1), "alpine", "alpine", "3.20", "tag"),
        ("node:20-bookworm-slim", "node", "node", (20,), "slim", "debian", "bookworm", "tag"),
        ("python:3.11-slim-bookworm", "python", "python", (3, 11), "slim", "debian", "bookworm", "tag"),
        ("debian:12", "debian", None, None, "full", "debian", "bookworm", "tag"),
        ("debian:12.5-slim", "debian", None, None, "slim", "debian", "bookworm", "tag"),
        ("debian:bookworm-20240612-slim", "debian", None, None, "slim", "debian", "bookworm", "tag"),
        ("ubuntu:22.04", "ubuntu", None, None, "full", "ubuntu", "jammy", "tag"),
        ("ubuntu:noble-20240605", "ubuntu", None, None, "full", "ubuntu", "noble", "tag"),
        ("alpine:3.20.1", "alpine", None, None, "alpine", "alpine", "3.20", "tag"),
        ("buildpack-deps:jammy-scm", "buildpack-deps", None, None, "scm", "ubuntu", "jammy", "tag"),
        ("nginx:1.27-bookworm-perl", "nginx", None, (1, 27), "full", "debian", "bookworm", "tag"),
        (
            "gcr.io/distroless/static-debian13:nonroot",
            "distroless",
            None,
            None,
            "distroless",
            "debian",
            "trixie",
            "tag",
        ),
        # No longer rebuilt.
        ("golang:1.9", "golang", "go", (1, 9), "full", "debian", "stretch", "frozen"),
        ("golang:1.16.6", "golang", "go", (1, 16, 6), "full", "debian", "buster", "frozen"),
        ("golang:1.16", "golang", "go", (1, 16), "full", "debian", "bullseye", "frozen"),
        ("golang:1.19.9", "golang", "go", (1, 19, 9), "full", "debian", "bullseye", "frozen"),
        ("golang:1.19", "golang", "go", (1, 19), "full", "debian", "bookworm", "frozen"),
        ("golang:1.23", "golang", "go", (1, 23), "full", "debian", "bookworm", "frozen"),
        ("golang:1.24", "golang", "go", (1, 24), "full", "debian", "trixie", "frozen"),
        ("golang:1.22-alpine", "golang", "go", (1, 22), "alpine", "alpine", "3.21", "frozen"),
        ("node:14", "node", "node", (14,), "full", "debian", "buster", "frozen"),
        ("node:16-slim", "node", "node", (16,), "slim", "debian", "buster", "frozen"),
        ("node:18.15.0", "node", "node", (18, 15, 0), "full", "debian", "bullseye", "frozen"),
        ("node:18", "node", "node", (18,), "full", "debian", "bookworm", "frozen"),
        ("node:iron", "node", "node", (20,), "full", "debian", "bookworm", "frozen"),
        ("oven/bun", "bun", "node", None, "full", "debian", None, "floats"),
        ("oven/bun:1", "bun", "node", None, "full", "debian", None, "floats"),
        ("oven/bun:1.1-debian", "bun", "node", None, "full", "debian", "bullseye", "frozen"),
        ("oven/bun:1.2.5-slim", "bun", "node", None, "slim", "debian", "bullseye", "frozen"),
        ("oven/bun:1.2.12", "bun", "node", None, "full", "debian", None, "floats"),
        ("oven/bun:1.3.13", "bun", "node", None, "full", "debian", "bookworm", "frozen"),
        ("oven/bun:1.3", "bun", "node", None, "full", "debian", "trixie", "frozen"),
        ("oven/bun:1-alpine", "bun", "node", None, "alpine", "alpine", None, "floats"),
        ("oven/bun:distroless", "bun", "node", None, "distroless", "debian", None, "floats"),
        ("oven/bun:canary-slim", "bun", "node", None, "slim", "debian", None, "floats"),
        ("node:20-alpine", "node", "node", (20,), "alpine", "alpine", "3.23", "frozen"),
        ("python:2", "python", "python", (2, 7), "full", "debian", "buster", "frozen"),
        ("python:2-slim", "python", "python", (2, 7), "slim", "debian", "buster", "frozen"),
        ("python:2-alpine", "python", "python", (2, 7), "alpine", "alpine", "3.11", "frozen"),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm", "uv", "python", (3, 12), "full", "debian", "bookworm", "tag"),
        ("ghcr.io/astral-sh/uv:debian", "uv", "python", None, "full", "debian", None, "floats"),
        ("ghcr.io/astral-sh/uv:0.9.2-trixie-slim", "uv", "python", None, "slim", "debian", "trixie", "tag"),
        ("ghcr.io/astral-sh/uv:debian-slim", "uv", "python", None, "slim", "debian", None, "floats"),
        ("ghcr.io/astral-sh/uv:alpine3.22", "uv", "python", None, "alpine", "alpine", "3.22", "tag"),
        ("docker.io/astral/uv:0.9-python3.13-alpine", "uv", "python", (3, 13), "alpine", "alpine", None, "floats"),
        ("python:3.8-slim", "python", "python", (3, 8), "slim", "debian", "bookworm", "frozen"),
        ("python:3.9", "python", "python", (3, 9), "full", "debian", "trixie", "frozen"),
        ("python:3.10.1", "python", "python", (3, 10, 1), "full", "debian", "bullseye", "frozen"),
        ("python:3.11.7-slim", "python", "python", (3, 11, 7), "slim", "debian", "bookworm", "frozen"),
        # Still moves, or is newer than the catalogue.
        ("golang", "golang", "go", None, "full", "debian", None, "floats"),
        ("golang:1", "golang", "go", None, "full", "debian", None, "floats"),
        ("golang:1.27", "golang", "go", (1, 27), "full", "debian", None, "floats"),
        ("golang:1.99", "golang", "go", (1, 99), "full", "debian", None, "floats"),
        ("golang:alpine", "golang", "go", None, "alpine", "alpine", None, "floats"),
        ("golang:1.24rc1-alpine", "golang", "go", None, "alpine", "alpine", None, "floats"),
        ("node:lts", "node", "node", None, "full", "debian", None, "floats"),
        ("node:22-slim", "node", "node", (22,), "slim", "debian", None, "floats"),
        ("node:8.9.1", "node", "node", (8, 9, 1), "full", "debian", None, "floats"),
        ("python:3", "python", "python", None, "full", "debian", None, "floats"),
        ("python:3.12", "python", "python", (3, 12), "full", "debian", None, "floats"),
        ("python:3.15-rc-slim", "python", "python", None, "slim", "debian", None, "floats"),
        ("debian:stable-slim", "debian", None, None, "slim", "debian", None, "floats"),
        ("ubuntu", "ubuntu", None, None, "full", "ubuntu", None, "floats"),
        ("alpine:3", "alpine", None, None, "alpine", "alpine", None, "floats"),
        ("alpine:edge", "alpine", None, None, "alpine", "alpine", None, "floats"),
        ("nginx:stable-alpine-slim", "nginx", None, None, "alpine", "alpine", None, "floats"),
        ("gcr.io/distroless/static", "distroless", None, None, "distroless", "debian", None, "floats"),
    ],
)
def test_lookup(
    text: str,
    family: str,
    language: str | None,
    version: tuple[int, ...] | None,
    variant: str,
    distribution: str,
    release: str | None,
    said: str,
) -> None:
    image = lookup(text)
    assert (image.family, image.language, image.language_version) == (family, language, version)
    assert (image.variant, image.distribution, image.release, image.release_said) == (
        variant,
        distribution,
        release,
        said,
    )


@pytest.mark.parametrize(
    "text",
    ["docker.io/library/golang:1.23", "public.ecr.aws/docker/library/golang:1.23", "mirror.gcr.io/library/golang:1.23"],
)
def test_official_images_elsewhere(text: str) -> None:
    assert lookup(text).release == "bookworm"


@pytest.mark.parametrize(
    "text",
    [
        "registry.company.example/golang:1.23", "team/node:20", "$BASE", "golang:${VERSION}", "golang:1.23-custom",
        "node:20-foo", "debian:potato", "debian:99", "ubuntu:99.04", "redis:7", "", "gcr.io/distroless/static-debian99",
        "python:3.8-windows11",
    ],
)  # fmt: skip
def test_unknown(text: str) -> None:
    assert Catalogue.load().lookup(text) is None


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", "windows"),
        ("mcr.microsoft.com/windows/servercore:ltsc2022", "windows"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-1809", "windows"),
        ("golang:1.24-windowsservercore-ltsc2022", "golang"),
        ("python:3.12-windowsservercore", "python"),
    ],
)
def test_windows(text: str, family: str) -> None:
    image = lookup(text)
    assert (image.family, image.variant, image.is_windows, image.known) == (family, "windows", True, False)


@pytest.mark.parametrize(
    ("text", "family", "language"),
    [
        ("continuumio/miniconda3:24.1", "conda", "python"),
        ("mambaorg/micromamba", "conda", "python"),
        ("nvidia/cuda:12.2.0-base-ubuntu22.04", "cuda", None),
        ("denoland/deno:2", "deno", "node"),
        ("ghcr.io/astral-sh/uv:python3.12-dhi", "uv", "python"),
        ("ghcr.io/astral-sh/uv", "uv", "python"),
        ("cgr.dev/chainguard/node:latest", "chainguard", None),
        ("public.ecr.aws/lambda/python:3.12", "lambda", None),
        (f"node@{DIGEST}", "node", "node"),
    ],
)
def test_only_the_family_is_known(text: str, family: str, language: str | None) -> None:
    image = lookup(text)
    assert (image.family, image.known, image.config) == (family, False, None)
    assert image.language in (language, None)


def test_bun() -> None:
    full, slim, distroless = (lookup(f"oven/bun:{tag}") for tag in ("1", "1-slim", "1-distroless"))
    assert full.programs == slim.programs
    assert {"bun", "bunx", "node"} <= full.programs
    assert not full.has_toolchain
    assert full.users["bun"] == User(1000, 1000, "/home/bun")
    assert full.config is not None
    assert (full.config.user, full.config.working_dir) == ("", "/home/bun/app")
    assert full.config.entrypoint == ("/usr/local/bin/docker-entrypoint.sh",)
    assert full.path_entries[-1] == "/usr/local/bun-node-fallback-bin"
    assert distroless.config is not None
    assert (distroless.has_shell, distroless.libc, distroless.config.working_dir) == (False, "glibc", "/")
    assert distroless.config.entrypoint == ("/usr/local/bin/bun",)
    assert "bun" not in distroless.users


@pytest.mark.parametrize(("text", "has_it"), [("node:20", True), ("node:20-slim", False), ("oven/bun:1", False)])
def test_has_a_toolchain(text: str, has_it: bool) -> None:
    assert lookup(text).has_toolchain is has_it


def test_golang() -> None:
    image = lookup("golang:1.23.4")
    assert image.config is not None
    assert image.config.working_dir == "/go"
    assert image.config.env["GOLANG_VERSION"] == "1.23.4"
    assert image.config.env["GOTOOLCHAIN"] == "local"
    assert image.path_entries[:2] == ("/go/bin", "/usr/local/go/bin")
    assert image.config.cmd == ("bash",)
    assert {"go", "git", "gcc", "make", "curl", "bash"} <= image.programs
    assert (image.libc, image.package_manager, image.shell_path) == ("glibc", "apt", "/bin/sh")
    assert (image.has_ca_certificates, image.has_tzdata, image.has_tmp) == (True, True, True)
    older = lookup("golang:1.20").config
    assert older is not None
    assert "GOTOOLCHAIN" not in older.env
    assert older.env["GOLANG_VERSION"] is None, "the tag floats over patch releases"


def test_golang_on_alpine() -> None:
    image = lookup("golang:1.23-alpine")
    assert not {"git", "gcc", "bash", "curl"} & image.programs
    assert {"go", "wget"} <= image.programs
    assert (image.libc, image.package_manager) == ("musl", "apk")
    assert image.config is not None
    assert image.config.cmd == ("/bin/sh",)


@pytest.mark.parametrize(
    ("text", "certificates", "yarn", "git", "entrypoint"),
    [
        ("node:20", True, True, True, ("docker-entrypoint.sh",)),
        ("node:20-slim", False, True, False, ("docker-entrypoint.sh",)),
        ("node:20-alpine", True, True, False, ("docker-entrypoint.sh",)),
        ("node:26-slim", False, False, False, ("docker-entrypoint.sh",)),
        ("node:8.9.1", True, True, True, None),
    ],
)
def test_node(text: str, certificates: bool, yarn: bool, git: bool, entrypoint: tuple[str, ...] | None) -> None:
    image = lookup(text)
    assert image.users["node"] == (1000, 1000, "/home/node")
    assert image.has_ca_certificates is certificates
    assert ("yarn" in image.programs, "git" in image.programs) == (yarn, git)
    assert image.config is not None
    assert (image.config.entrypoint, image.config.cmd) == (entrypoint, ("node",))


def test_python() -> None:
    image = lookup("python:3.11-slim")
    assert image.config is not None
    assert image.config.env["LANG"] == "C.UTF-8"
    assert image.config.cmd == ("python3",)
    assert not {"gcc", "git", "curl", "wget", "make"} & image.programs
    assert image.has_ca_certificates
    assert all(user.uid != 1000 for user in image.users.values())
    newer = lookup("python:3.13").config
    assert newer is not None
    assert "LANG" not in newer.env


def test_distroless() -> None:
    static = lookup("gcr.io/distroless/static-debian13:nonroot")
    assert static.config is not None
    assert (static.kind, static.libc, static.has_shell, static.package_manager) == ("static", None, False, None)
    assert (static.config.user, static.config.working_dir) == ("65532", "/home/nonroot")
    assert static.users["nonroot"] == (65532, 65532, "/home/nonroot")
    root = lookup("gcr.io/distroless/cc-debian12").config
    assert root is not None
    assert (root.user, root.working_dir, root.entrypoint) == ("0", "/", None)
    assert lookup("gcr.io/distroless/base-debian12:debug").has_shell
    python = lookup("gcr.io/distroless/python3-debian13")
    assert python.config is not None
    assert (python.language, python.language_version) == ("python", (3, 13))
    assert python.config.entrypoint == ("/usr/bin/python3.13",)
    node = lookup("gcr.io/distroless/nodejs22-debian12:nonroot")
    assert node.config is not None
    assert (node.language, node.language_version, node.config.entrypoint) == ("node", (22,), ("/nodejs/bin/node",))


def test_ubuntu_has_a_user_since_23_04() -> None:
    assert lookup("ubuntu:24.04").users["ubuntu"].uid == 1000
    assert "ubuntu" not in lookup("ubuntu:22.04").users


def test_nginx() -> None:
    official = lookup("nginx:alpine").config
    unprivileged = lookup("nginxinc/nginx-unprivileged:stable").config
    assert official is not None
    assert unprivileged is not None
    assert (official.exposed_ports, official.stop_signal, official.user) == (("80/tcp",), "SIGQUIT", "")
    assert (unprivileged.exposed_ports, unprivileged.user) == (("8080/tcp",), "101")
    assert unprivileged.entrypoint == ("/docker-entrypoint.sh",)


def test_scratch() -> None:
    image = lookup("scratch")
    assert (image.family, image.has_shell, image.has_tmp, image.size_mb) == ("scratch", False, False, 0)


@given(
    st.text("abc0123456789.-", max_size=20), st.sampled_from(["golang", "node", "python", "debian", "alpine", "nginx"])
)
def test_any_tag(tag: str, name: str) -> None:
    image = Catalogue.load().lookup(f"{name}:{tag}")
    assert image is None or image.family == name


@pytest.mark.parametrize("family", ["golang", "node", "python"])
def test_frozen_data_is_in_order(family: str) -> None:
    text = resources.files("dockerslim.images").joinpath("frozen", f"{family}.toml").read_text(encoding="utf-8")
    for line, entry in tomllib.loads(text).items():
        for variant, releases in entry.items():
            if variant == "live":
                assert releases.startswith(line)
                continue
            versions = [tuple(int(n) for n in version.split(".")) for version in releases]
            assert versions == sorted(versions)
            assert all(version.startswith(line + ".") for version in releases)
            for release in releases.values():
                assert release == "" or variant == "alpine" or find_release(release, "debian")


@pytest.mark.parametrize(
    ("name", "family", "language"),
    [("python", "python", "python"), ("docker.io/library/node", "node", "node"), ("debian", "debian", None)],
)
def test_a_family_without_a_tag(name: str, family: str, language: str | None) -> None:
    image = Catalogue.load().lookup_family(name)

    assert image is not None
    assert (image.family, image.language, image.known, image.config) == (family, language, False, None)


@pytest.mark.parametrize("name", ["", "$IMAGE", "example/python"])
def test_a_name_of_no_family(name: str) -> None:
    assert Catalogue.load().lookup_family(name) is None


def test_an_image_of_uv_is_one_of_python_with_uv() -> None:
    image = lookup("ghcr.io/astral-sh/uv:0.9.2-python3.12-trixie-slim")
    python = lookup("python:3.12-slim-trixie")

    assert image.programs == python.programs | {"uv", "uvx"}
    assert image.users == python.users
    assert image.path_entries == python.path_entries
    assert image.config is not None
    assert (image.config.entrypoint, image.config.cmd) == ((), ("/usr/local/bin/uv",))
