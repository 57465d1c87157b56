"""Reads an image's configuration out of what the engine tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerslim.verify.engine.image_configuration import ImageConfiguration

_SECOND = 1_000_000_000
"""Docker tells times in nanoseconds."""

_TIMES = (
    ("Interval", "interval"),
    ("Timeout", "timeout"),
    ("StartPeriod", "start-period"),
    ("StartInterval", "start-interval"),
)


def image_configuration(inspected: Mapping[str, Any], without_label: str) -> ImageConfiguration:
    """The configuration in an element of `image inspect`; the label that a verification puts on is left out."""
    config = inspected.get("Config") or {}
    root = inspected.get("RootFS") or {}
    labels = config.get("Labels") or {}
    return ImageConfiguration(
        id=str(inspected.get("Id", "")),
        size=int(inspected.get("Size") or 0),
        layers=tuple(root.get("Layers") or ()),
        user=config.get("User") or "",
        environment=dict(_key_and_value(pair) for pair in config.get("Env") or ()),
        command=tuple(config.get("Cmd") or ()),
        entrypoint=tuple(config.get("Entrypoint") or ()),
        working_folder=config.get("WorkingDir") or "/",
        ports=frozenset(config.get("ExposedPorts") or ()),
        volumes=frozenset(config.get("Volumes") or ()),
        labels={key: value for key, value in labels.items() if key != without_label},
        stop_signal=config.get("StopSignal") or "",
        stop_seconds=config.get("StopTimeout"),
        # Podman has it beside the configuration.
        healthcheck=_healthcheck(config.get("Healthcheck") or inspected.get("HealthCheck") or {}),
    )


def platform_of(inspected: Mapping[str, Any]) -> str:
    """As in `linux/arm64/v8`."""
    parts = (inspected.get("Os"), inspected.get("Architecture"), inspected.get("Variant"))
    return "/".join(str(part) for part in parts if part)


def has_platform(inspected: Mapping[str, Any], platform: str) -> bool:
    """Is the image for the platform that `--platform` names? A variant is compared where both have one."""
    there, asked = platform_of(inspected).split("/"), platform.lower().split("/")
    return all(left == right for left, right in zip(there, asked, strict=False))


def _healthcheck(check: Mapping[str, Any]) -> tuple[str, ...]:
    test = tuple(check.get("Test") or ())
    if not test or test == ("NONE",):
        return ()
    times = tuple(f"{word}={check[key] / _SECOND:g}s" for key, word in _TIMES if check.get(key))
    return (*test, *times, *((f"retries={check['Retries']}",) if check.get("Retries") else ()))


def _key_and_value(pair: str) -> tuple[str, str]:
    key, _, value = pair.partition("=")
    return key, value
