"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests.skipping import MAY_SKIP

REQUIRE_DOCKER = "DOCKERSLIM_REQUIRE_DOCKER"
"""Set where an engine is known to run: a Docker test that is skipped there would hide that it proved nothing."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-fixtures",
        action="store_true",
        help="write down what `dockerslim fix` makes of each fixture as expected",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-fixtures") and os.environ.get("CI"):
        raise pytest.UsageError("--update-fixtures is for a developer's machine: in CI nobody reads what it wrote")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test marked `docker` fails where Docker is required, unless it may be skipped."""
    report = yield
    is_required = os.environ.get(REQUIRE_DOCKER) and item.get_closest_marker("docker")
    if report.skipped and is_required and not item.stash.get(MAY_SKIP, False):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{reason} ({REQUIRE_DOCKER} is set)"
    return report


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer's own terminal asks for must not change what tests see."""
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
