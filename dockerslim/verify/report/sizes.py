"""Sizes, times and counts as a person reads them, and what was gained."""

from __future__ import annotations

SAME = 1.05
"""Below this factor two figures are told as they are, without a gain: a build never takes the same time twice."""
SHORTEST = 0.05
"""Seconds; what is shorter is shown as 0.0 s, so it is no divisor for a factor."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def human_size(size: int) -> str:
    """`905 MB`, `9.9 MB`, `1.12 GB`: with units of 1,000, as docker shows them."""
    value = float(size)
    unit = 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    if unit == 0:
        return f"{size} B"
    digits = (2 if _UNITS[unit] in ("GB", "TB") else 1) if value < 9.95 else 0
    return f"{value:.{digits}f} {_UNITS[unit]}"


def human_time(seconds: float) -> str:
    """`0.9 s`, `31.6 s`, `2 min 5 s`."""
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def human_count(count: int) -> str:
    """`12,345`."""
    return f"{count:,}"


def size_gain(before: int | None, after: int | None) -> str:
    """`91 times smaller`, `1.3 times larger`; empty where nothing can be said."""
    if before is None or after is None:
        return ""
    return _factor(float(before), float(after), "smaller", "larger")


def time_gain(before: float | None, after: float | None) -> str:
    """`35 times faster`, `1.3 times slower`; empty where nothing can be said."""
    if before is None or after is None:
        return ""
    return _factor(max(before, SHORTEST), max(after, SHORTEST), "faster", "slower")


def count_gain(before: int | None, after: int | None) -> str:
    """`2 fewer`, `3 more`; empty where nothing can be said."""
    if before is None or after is None or before == after:
        return ""
    return f"{abs(before - after):,} {'fewer' if after < before else 'more'}"


def _factor(before: float, after: float, better: str, worse: str) -> str:
    if before <= 0 or after <= 0:
        return ""
    ratio, word = (before / after, better) if after <= before else (after / before, worse)
    if ratio < SAME:
        return ""
    times = f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:,.0f}"
    return f"{times} times {word}"
