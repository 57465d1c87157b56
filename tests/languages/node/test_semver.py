"""Ranges of versions, as npm reads them."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.semver import satisfies


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("1.2.3", "^1.2.0", True),
        ("2.0.0", "^1.2.0", False),
        ("0.2.5", "^0.2.3", True),
        ("0.3.0", "^0.2.3", False),
        ("0.0.3", "^0.0.3", True),
        ("0.0.4", "^0.0.3", False),
        ("0.5.0", "^0", True),
        ("1.2.9", "~1.2.3", True),
        ("1.3.0", "~1.2.3", False),
        ("1.9.0", "~1", True),
        ("1.9.0", "1.x", True),
        ("18.0.0", ">=16 <19", True),
        ("19.0.0", "^16 || ^17 || ^18", False),
        ("17.1.0", "^16 || ^17 || ^18", True),
        ("5.0.0", ">= 4.0.0", True),
        ("1.0.0", ">1.0.0", False),
        ("1.0.1", ">1.0.0", True),
        ("2.9.9", "1.0.0 - 2", True),
        ("3.0.0", "1 - 2", False),
        ("1.0.0", "*", True),
        ("1.0.0", "", True),
        ("1.0.0", "=1.0.0", True),
        ("1.0.0", "v1.0.0", True),
    ],
)
def test_is_in_a_range(version: str, wanted: str, expected: bool) -> None:
    assert satisfies(version, wanted) is expected


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("1.0.0-rc.1", "^1"),
        ("1.0.0", "latest"),
        ("1.0.0", "npm:other@1"),
        ("git+https://example.com/x", "1"),
        ("1.0", "1"),
        ("1.0.0", "^" * 50),
        ("1.0.0", "<"),
        ("1.0.0", "1" * 300),
    ],
)
def test_what_is_not_understood_is_not_known(version: str, wanted: str) -> None:
    assert satisfies(version, wanted) is None
