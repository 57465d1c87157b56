"""Installed distributions that open devices of the host, which a container's user may only do as root."""

from __future__ import annotations

import re

from dockerslim.case import Case
from dockerslim.split.python.installs import run_installs

SEPARATORS = re.compile(r"[-_.]+")


def device_library(case: Case) -> str:
    """The first distribution of the kind that a RUN of the file installs, as `jax[tpu]`; "" where none does.

    A stage's packages may come from any other one, so all of them are looked at.
    """
    from dockerslim.languages.python.effect_tables import effect_tables

    known = [_parts(name) for name in effect_tables().device_distributions]
    for stage in case.dockerfile.stages:
        for instruction, _ in case.runs(stage):
            for install in run_installs(case, stage, instruction):
                for name in install.distributions:
                    distribution, extras = _parts(name)
                    if any(distribution == other and extras >= asked for other, asked in known):
                        return name
    return ""


def _parts(name: str) -> tuple[str, frozenset[str]]:
    """The name of a distribution as registries compare it, and its extras."""
    distribution, _, extras = name.partition("[")
    chosen = (extra.strip().lower() for extra in extras.rstrip("] ").split(","))
    return SEPARATORS.sub("-", distribution.strip().lower()), frozenset(extra for extra in chosen if extra)
