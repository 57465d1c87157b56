"""What Podman is asked to build with, and what is known afterwards of the images that it made."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_on_whales import DockerClient

from dockerslim.verify.engine.container_requests import BuildRequest
from dockerslim.verify.engine.engine_client import EngineClient
from dockerslim.verify.engine.podman_build import (
    MadeImages,
    PodmanBuildFailed,
    build_command,
    cache_folder,
    has_layer_labels,
    podman_build,
)
from dockerslim.verify.engine.run_identity import RunIdentity
from tests.verify.fake_client import FakeClient, needs_scripts

RUN = RunIdentity("0123456789ab")
LABELS = {"key": "value"}

LOG = """\
[1/2] STEP 1/3: FROM golang:1.23 AS build
[1/2] STEP 2/3: WORKDIR /src
--> Using cache 6cc4f14211563997d2ca8ad6b79df987e0eef0e7ade0a448ffebf80acd4cd424
--> 6cc4f142115
[1/2] STEP 3/3: RUN go mod download
--> 8266eea6030
"""


def test_the_ignore_file_and_the_format_are_named() -> None:
    command = build_command(_request(), LABELS, layer_labels=False)

    assert command == [
        *("build", "--file", "/made/Dockerfile", "--tag", "tag", "--ignorefile", "/made/Dockerfile.dockerignore"),
        *("--format", "docker", "--label", "key=value", "/context"),
    ]


def test_all_that_a_build_may_need_is_passed_on() -> None:
    request = BuildRequest(
        Path("/context"),
        Path("/made/Dockerfile"),
        "tag",
        arguments={"A": "1"},
        secrets=("id=x,src=f",),
        ssh="default",
        platform="linux/arm64",
        target="web",
        cache=False,
    )

    command = build_command(request, LABELS, layer_labels=True)

    assert command[9:] == [
        *("--label", "key=value", "--layer-label", "key=value", "--build-arg", "A=1", "--secret", "id=x,src=f"),
        *("--ssh", "default", "--platform", "linux/arm64", "--target", "web", "--no-cache", "/context"),
    ]


def test_only_images_that_no_cache_had_were_made() -> None:
    made = MadeImages()
    for line in LOG.splitlines(keepends=True):
        made.add(line)

    assert made.ids == ["8266eea6030"]


def test_the_folder_is_where_podman_would_keep_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert cache_folder(RUN) == tmp_path / "dockerslim-0123456789ab-cache"


@needs_scripts
def test_steps_without_a_label_are_named_for_the_run(tmp_path: Path) -> None:
    fake = FakeClient.make(tmp_path / "bin", "podman").answer("build", output=LOG, error="Error: no\n", code=1)
    folder = tmp_path / "cache"

    with (
        pytest.raises(PodmanBuildFailed),
        podman_build(_client(fake), _request(), RUN, folder, layer_labels=False) as lines,
    ):
        for _ in lines:
            pass

    assert folder.is_dir()
    assert fake.calls[-1] == ["image", "tag", "8266eea6030", "dockerslim-verify:0123456789ab-step-8266eea6030"]


@needs_scripts
def test_steps_with_a_label_need_no_name(tmp_path: Path) -> None:
    fake = FakeClient.make(tmp_path / "bin", "podman").answer("build", "--help", output="  --layer-label stringArray")
    fake.answer("build", output=LOG)
    client = _client(fake)

    assert has_layer_labels(client)
    with podman_build(client, _request(), RUN, tmp_path / "cache", layer_labels=True) as lines:
        assert "".join(lines) == LOG
    assert not any(call[:2] == ["image", "tag"] for call in fake.calls)


def _request() -> BuildRequest:
    return BuildRequest(Path("/context"), Path("/made/Dockerfile"), "tag")


def _client(fake: FakeClient) -> EngineClient:
    return EngineClient(DockerClient(client_call=[str(fake.path)], client_type="podman"), "podman", is_podman=True)
