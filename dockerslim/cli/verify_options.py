"""Turns the texts of the command line into what a verification is told, or stops with one line."""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from dockerslim.cli.run_options import RunArguments
from dockerslim.cli.talk import stop
from dockerslim.dockerfile.duration import SECOND, parse_duration
from dockerslim.images.reference import ImageReference
from dockerslim.verify.options import HttpProbe, Limits, VerifyOptions

SIZE = re.compile(r"[0-9]+[bkmg]?", re.IGNORECASE)
PLATFORM = re.compile(r"[a-z0-9]+(/[a-z0-9_]+){0,2}")


def verify_options(given: RunArguments) -> VerifyOptions:
    """The options; stops with exit 2 at the first that can't be used."""
    unset = VerifyOptions()
    for option, value in (
        ("--engine", given.engine),
        ("--builder", given.builder),
        ("--ssh", given.ssh),
        ("--target", given.target),
        ("--log-dir", given.log_dir),
    ):
        if value == "":
            stop(f"the value of {option} is empty", "give it a value or leave it out")
    return VerifyOptions(
        engine=given.engine or unset.engine,
        builder=given.builder,
        build_arguments=_pairs("--build-arg", given.build_arg or ()),
        secrets=_secrets(given.secret or ()),
        ssh=given.ssh,
        environment=_pairs("--env", given.env or ()),
        environment_files=_files("--env-file", given.env_file or ()),
        platform=_platform(given.platform),
        target=given.target,
        probes=_probes(given.probe or ()),
        probe_runs=_probe_runs(given.probe_run or ()),
        allow_network=given.allow_network,
        measure=not given.no_times,
        probe_image=_image("--probe-image", given.probe_image, unset.probe_image),
        limits=_limits(given, unset.limits),
        log_folder=_log_folder(given.log_dir),
    )


def _pairs(option: str, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(_pair(option, value) for value in values)


def _pair(option: str, text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or key != key.strip():
        stop(
            f"{option} `{text}` names no variable", f"write {option} KEY=VALUE, or KEY for the value in the environment"
        )
    if equals:
        return key, value
    if key not in os.environ:
        stop(f"{option} `{key}`: the environment has no `{key}`", f"set it, or write {option} {key}=VALUE")
    return key, os.environ[key]


def _secrets(values: Sequence[str]) -> tuple[str, ...]:
    for text in values:
        parts = dict(part.strip().partition("=")[::2] for part in text.split(","))
        if not parts.get("id"):
            stop(f"--secret `{text}` has no id", "write --secret id=ID,src=PATH, as for `docker build`")
        source = parts.get("src") or parts.get("source")
        if source and not _is_file(source):
            stop(f"--secret `{text}`: there is no file `{source}`", "check the path")
    return tuple(values)


def _files(option: str, values: Sequence[str]) -> tuple[Path, ...]:
    for text in values:
        if not _is_file(text):
            stop(f"{option} `{text}`: there is no such file", "check the path")
    return tuple(Path(text) for text in values)


def _is_file(path: str) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 (Path.is_file may raise)


def _platform(text: str | None) -> str | None:
    if text is not None and not PLATFORM.fullmatch(text):
        stop(f"--platform `{text}` is no platform", "write it as in linux/amd64 or linux/arm64/v8")
    return text


def _probes(values: Sequence[str]) -> tuple[HttpProbe, ...]:
    if not values:
        return ()
    from dockerslim.verify.observe.http_request import parse_probe

    probes = []
    for text in values:
        try:
            probes.append(parse_probe(text))
        except ValueError as error:
            stop(f"--probe `{text}`: {error}", "write it as in 'GET /health' or 'POST :8080/items {\"name\": 1}'")
    return tuple(probes)


def _probe_runs(values: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    runs = []
    for text in values:
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            stop(f"--probe-run `{text}`: {str(error).lower()}", "quote it as a shell would take it")
        if not words:
            stop("--probe-run is empty", "write what follows the image in `docker run`")
        runs.append(words)
    return tuple(runs)


def _image(option: str, text: str | None, default: str) -> str:
    if text is None:
        return default
    if ImageReference.parse(text) is None:
        stop(f"{option} `{text}` names no image", "name one that has busybox, such as alpine:3")
    return text


def _limits(given: RunArguments, default: Limits) -> Limits:
    return Limits(
        memory=_memory(given.memory, default.memory),
        cpus=_cpus(given.cpus, default.cpus),
        build_seconds=_seconds("--build-timeout", given.build_timeout, default.build_seconds),
        start_seconds=_seconds("--start-timeout", given.start_timeout, default.start_seconds),
    )


def _memory(text: str | None, default: str) -> str:
    if text is None:
        return default
    if not SIZE.fullmatch(text) or not text.rstrip("bkmgBKMG").strip("0"):
        stop(f"--memory `{text}` is no size", "write it as in 512m or 2g")
    return text.lower()


def _cpus(text: str | None, default: float) -> float:
    if text is None:
        return default
    number = _number(text)
    if number is None:
        stop(f"--cpus `{text}` is no number above 0", "write it as in 2 or 0.5")
    return number


def _seconds(option: str, text: str | None, default: float) -> float:
    """A number of seconds, or a duration with its units."""
    if text is None:
        return default
    number = _number(text)
    if number is None:
        nanoseconds = parse_duration(text)
        number = nanoseconds / SECOND if nanoseconds is not None and nanoseconds > 0 else None
    if number is None:
        stop(f"{option} `{text}` is no time above 0", "write seconds, or as in 90s, 10m, 1h30m")
    return number


def _number(text: str) -> float | None:
    """A number above 0; None for all else."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return None
    number = float(text)
    return number if number > 0 and math.isfinite(number) else None


def _log_folder(text: str | None) -> Path | None:
    if text is None:
        return None
    if os.path.exists(text) and not os.path.isdir(text):  # noqa: PTH110, PTH112 (a Path may raise)
        stop(f"--log-dir `{text}` is not a folder", "name a folder; it is made if it isn't there")
    return Path(text)
