"""What engines say, and what we make of it."""

from __future__ import annotations

import pytest

from dockerslim.verify.engine.engine_errors import engine_error, plain_words, recognise

SAID = [
    (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "docker has no running engine",
    ),
    (
        "error during connect: this error may indicate that the docker daemon is not running: Get "
        '"http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/info": open //./pipe/docker_engine: The system cannot find it.',
        "docker has no running engine",
    ),
    (
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "
        '"http://%2Fvar%2Frun%2Fdocker.sock/v1.51/info": dial unix /var/run/docker.sock: connect: permission denied',
        "no permission to use docker",
    ),
    (
        "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
        "no permission to use docker",
    ),
    (
        'Failed to initialize: unable to resolve docker endpoint: context "far": context not found: no such file',
        "docker has no context `far`",
    ),
    ("Error response from daemon: write /var/lib/docker/tmp/x: no space left on device", "the disk is full"),
    ("docker: 'buildx' is not a docker command.\nSee 'docker --help'", "docker has no buildx"),
    ("docker: unknown command: docker buildx", "docker has no buildx"),
    ('ERROR: no builder "team" found', "there is no builder `team`"),
    (
        "Error response from daemon: driver failed: Bind for 0.0.0.0:80 failed: port is already allocated",
        "a port is taken",
    ),
    (
        "Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults",
        "docker has no addresses left for another network",
    ),
    ("ERROR: failed to solve: ResourceExhausted: cannot allocate memory", "the memory is used up"),
    (
        "Error response from daemon: image with reference alpine:3 was found but its platform (linux/amd64) does not "
        "match the specified platform (linux/arm64)",
        "an image is not there for the platform that was asked for",
    ),
    (
        "no matching manifest for linux/s390x in the manifest list entries",
        "an image is not there for the platform that was asked for",
    ),
    (
        'ERROR: failed to build: failed to solve: target stage "app" could not be found',
        "the Dockerfile has no stage `app`",
    ),
    ("ERROR: failed to build: failed to solve: secret token: not found", "the build needs the secret `token`"),
    ("ERROR: failed to build: failed to stat /t: stat /t: no such file or directory", "there is no file `/t`"),
    ("ERROR: failed to build: failed to solve: unset ssh forward key default", "the build needs an SSH agent or key"),
    (
        "Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit.",
        "the registry takes no more requests for now",
    ),
    (
        'Error response from daemon: Get "https://registry.example/v2/": dial tcp: lookup registry.example on 1.1.1.1:'
        " no such host",
        "the registry `registry.example` can't be reached",
    ),
    (
        "ERROR: failed to solve: docker.io/library/node:20: failed to resolve source metadata for "
        'docker.io/library/node:20: failed to do request: Head "https://x/v2/": dial tcp: i/o timeout',
        "the registry of `node:20` can't be reached",
    ),
    (
        "Error response from daemon: pull access denied for corp/base, repository does not exist or may require login",
        "the image `corp/base` can't be pulled: it is not there or access is denied",
    ),
    (
        "ERROR: failed to build: failed to solve: node:99: failed to resolve source metadata for "
        "docker.io/library/node:99: docker.io/library/node:99: not found",
        "the image `node:99` was not found",
    ),
    (
        "Error response from daemon: manifest for node:99 not found: manifest unknown",
        "the image `node:99` was not found",
    ),
    ("Error response from daemon: No such image: node:99", "the image `node:99` was not found"),
    ("Error: node:99: image not known", "the image `node:99` was not found"),
]


@pytest.mark.parametrize(("said", "message"), SAID)
def test_has_one_clear_message(said: str, message: str) -> None:
    found = recognise(said, "docker")

    assert found is not None
    assert found.message == message
    assert found.help
    assert "{" not in found.message + found.help


@pytest.mark.parametrize(
    "said",
    [
        "",
        'exec: "nosuch": executable file not found in $PATH',
        "npm error code ERESOLVE",
        "x" * 100_000,
        "lookup " * 20_000,
    ],
)
def test_says_nothing_of_what_it_does_not_know(said: str) -> None:
    assert recognise(said, "docker") is None


def test_only_what_stops_everything_is_of_the_whole_engine() -> None:
    full, missing = recognise("no space left on device", "docker"), recognise("No such image: x", "docker")

    assert full is not None and full.whole_engine
    assert missing is not None and not missing.whole_engine


def test_what_is_not_in_the_table_is_told_in_the_clients_words() -> None:
    error = engine_error("Emulate Docker CLI using podman.\nError response from daemon: a thing happened\n", "podman")

    assert error.message == "podman: a thing happened"
    assert engine_error("", "docker").message == "docker: it failed without a word"


def test_plain_words_are_the_first_that_tell_why() -> None:
    said = 'Error response from daemon: exec: "x": not found\nError: failed to start containers: abc\n'

    assert plain_words(said) == 'exec: "x": not found'


def test_what_podman_logs_beside_an_error_is_not_the_error() -> None:
    said = 'time="2026-01-02T03:04:05Z" level=warning msg="Found incomplete layer"\nError: it is busy\n'

    assert plain_words(said) == "it is busy"
