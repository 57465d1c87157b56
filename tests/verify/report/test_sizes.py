"""Sizes, times and gains in words."""

from __future__ import annotations

import pytest

from dockerslim.verify.report.sizes import count_gain, human_count, human_size, human_time, size_gain, time_gain


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_900_000, "9.9 MB"),
        (9_960_000, "10 MB"),
        (905_000_000, "905 MB"),
        (999_600_000, "1.00 GB"),
        (1_123_000_000, "1.12 GB"),
        (12_300_000_000, "12 GB"),
        (5_000_000_000_000_000, "5000 TB"),
    ],
)
def test_size(size: int, shown: str) -> None:
    assert human_size(size) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0, "0.0 s"), (0.94, "0.9 s"), (99.9, "99.9 s"), (99.96, "1 min 40 s"), (125, "2 min 5 s")]
)
def test_time(seconds: float, shown: str) -> None:
    assert human_time(seconds) == shown


def test_count() -> None:
    assert human_count(12_345) == "12,345"


@pytest.mark.parametrize(
    ("before", "after", "gain"),
    [
        (905, 9.9, "91 times smaller"),
        (1000, 220, "4.5 times smaller"),
        (100, 130, "1.3 times larger"),
        (100, 104, ""),
        (100, 100, ""),
        (100, 0, ""),
        (0, 100, ""),
        (None, 1, ""),
        (1, None, ""),
        (10_000_000, 1, "10,000,000 times smaller"),
        (99.6, 10, "10 times smaller"),
    ],
)
def test_size_gain(before: int | None, after: int | None, gain: str) -> None:
    assert size_gain(before, after) == gain


def test_time_gain() -> None:
    assert time_gain(31.6, 0.9) == "35 times faster"
    assert time_gain(30.0, 39.0) == "1.3 times slower"
    assert time_gain(1.0, 0.0) == "20 times faster", "nothing is endlessly fast"
    assert time_gain(None, 1.0) == time_gain(1.0, None) == ""


def test_count_gain() -> None:
    assert [count_gain(3, 1), count_gain(1, 2_000), count_gain(1, 1), count_gain(None, 1)] == [
        "2 fewer",
        "1,999 more",
        "",
        "",
    ]
