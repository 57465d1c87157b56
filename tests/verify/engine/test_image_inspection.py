"""The configuration of an image, as engines tell it."""

from __future__ import annotations

import pytest

from dockerslim.verify.engine.image_inspection import has_platform, image_configuration

INSPECTED = {
    "Id": "sha256:1",
    "Size": 42,
    "RootFS": {"Type": "layers", "Layers": ["sha256:a", "sha256:b"]},
    "Config": {
        "User": "1000:1000",
        "Env": ["PATH=/bin", "OPTIONS=a=b", "EMPTY="],
        "Cmd": ["serve"],
        "Entrypoint": ["/bin/tini", "--"],
        "WorkingDir": "/app",
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/data": {}},
        "Labels": {"a": "b", "io.dockerslim.run": "0123"},
        "StopSignal": "SIGQUIT",
        "StopTimeout": 3,
        "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 5_000_000_000, "Timeout": 500_000_000, "Retries": 2},
    },
}


def test_reads_all_of_it() -> None:
    found = image_configuration(INSPECTED, without_label="io.dockerslim.run")

    assert (found.id, found.size, found.layers) == ("sha256:1", 42, ("sha256:a", "sha256:b"))
    assert found.environment == {"PATH": "/bin", "OPTIONS": "a=b", "EMPTY": ""}
    assert (found.entrypoint, found.command) == (("/bin/tini", "--"), ("serve",))
    assert (found.user, found.working_folder) == ("1000:1000", "/app")
    assert found.ports == frozenset({"80/tcp"})
    assert found.volumes == frozenset({"/data"})
    assert found.labels == {"a": "b"}
    assert (found.stop_signal, found.stop_seconds) == ("SIGQUIT", 3)
    assert found.healthcheck == ("CMD-SHELL", "true", "interval=5s", "timeout=0.5s", "retries=2")


@pytest.mark.parametrize("config", [None, {}, {"Cmd": None, "Env": None, "Labels": None, "ExposedPorts": None}])
def test_what_is_not_said_is_empty(config: object) -> None:
    found = image_configuration({"Id": "x", "Config": config}, without_label="l")

    assert (found.command, found.entrypoint, found.layers) == ((), (), ())
    assert (found.environment, found.labels, found.healthcheck) == ({}, {}, ())
    assert (found.working_folder, found.size, found.stop_seconds) == ("/", 0, None)


def test_a_health_check_that_is_switched_off_is_none() -> None:
    assert image_configuration({"Config": {"Healthcheck": {"Test": ["NONE"]}}}, without_label="l").healthcheck == ()


@pytest.mark.parametrize(
    ("platform", "fits"),
    [
        ("linux/arm64", True),
        ("linux/arm64/v8", True),
        ("linux", True),
        ("linux/arm64/v7", False),
        ("linux/amd64", False),
    ],
)
def test_platforms_are_compared_as_far_as_both_say(platform: str, fits: bool) -> None:
    assert has_platform({"Os": "linux", "Architecture": "arm64", "Variant": "v8"}, platform) is fits
