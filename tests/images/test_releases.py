"""Releases of the distributions and their C libraries."""

from __future__ import annotations

import pytest

from dockerslim.images.releases import find_release, glibc_runs_on


@pytest.mark.parametrize(
    ("text", "distribution", "name"),
    [
        ("bookworm", None, "bookworm"),
        ("12", "debian", "bookworm"),
        ("12.5", "debian", "bookworm"),
        ("22.04", "ubuntu", "jammy"),
        ("jammy", "ubuntu", "jammy"),
        ("jammy", "debian", None),
        ("12", None, None),
        ("3.20", "alpine", None),
        ("", "debian", None),
    ],
)
def test_find_release(text: str, distribution: str | None, name: str | None) -> None:
    found = find_release(text, distribution)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("build", "runtime", "runs"),
    [
        ("buster", "bullseye", True),
        ("bullseye", "bookworm", True),
        ("bookworm", "trixie", True),
        ("bookworm", "bookworm", True),
        ("forky", "forky", True),
        ("trixie", "bookworm", False),
        ("bookworm", "bullseye", False),
        ("bullseye", "buster", False),
        ("focal", "bullseye", True),
        ("noble", "bookworm", False),
        ("noble", "trixie", True),
        ("forky", "trixie", False),
        ("bookworm", "forky", False),
        ("3.20", "3.20", False),
        ("", "", False),
    ],
)
def test_glibc_runs_on(build: str, runtime: str, runs: bool) -> None:
    assert glibc_runs_on(build, runtime) is runs
