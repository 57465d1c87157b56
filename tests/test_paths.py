"""How paths lie to each other."""

from __future__ import annotations

import pytest

from dockerslim.paths import is_below, is_within, overlap


@pytest.mark.parametrize(
    ("path", "folder", "within", "below"),
    [
        ("/app", "/app", True, False),
        ("/app/", "/app", True, False),
        ("/app", "/app/", True, False),
        ("/app/data", "/app", True, True),
        ("/application", "/app", False, False),
        ("/", "/app", False, False),
        ("/app", "/", True, True),
        ("/", "/", True, False),
        ("src", "src", True, False),
        ("src/main", "src", True, True),
    ],
)
def test_within_and_below(path: str, folder: str, within: bool, below: bool) -> None:
    assert is_within(path, folder) is within
    assert is_below(path, folder) is below


def test_overlap() -> None:
    assert overlap("/app", "/app/data") and overlap("/app/data", "/app") and overlap("/app", "/app")
    assert not overlap("/app", "/data")
