"""Variables: what BuildKit puts in, and "unknown" where that isn't certain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.dockerfile.expand import expand, expand_from

VALUES: dict[str, str | None] = {"A": "x1", "EMPTY": "", "ODD": "q\"'$A\\ z", "UNKNOWN": None}
LOOKUP = expand_from(VALUES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("$A", "x1"),
        ("${A}", "x1"),
        ("$A/$A", "x1/x1"),
        ("$UNSET:/x", ":/x"),
        ("a$EMPTY-b", "a-b"),
        ("${UNSET:-z}", "z"),
        ("${A:-z}", "x1"),
        ("${EMPTY:-z}", "z"),
        ("${A:+yes}", "yes"),
        ("${UNSET:+yes}", ""),
        ("${A-z}", "x1"),
        ("${A+yes}", "yes"),
        ("${A:-1}${A:+2}", "x12"),
        ('"$A b"', "x1 b"),
        ("'$A'", "$A"),
        ("'a b'", "a b"),
        ('"it\'s"', "it's"),
        ("a\\ b", "a b"),
        ('"a\\"b"', 'a"b'),
        ('"a\\b"', "a\\b"),
        ("$ODD", "q\"'$A\\ z"),
        ("${ODD:-z}", "q\"'$A\\ z"),
    ],
)
def test_known(value: str, expected: str) -> None:
    assert expand(value, LOOKUP) == expected


@pytest.mark.parametrize(
    "value",
    [
        "$UNKNOWN",
        "${UNKNOWN:-z}",
        "${UNSET-z}",  # unset and empty are one to the look-up
        "${EMPTY+yes}",
        "${A#x}",
        "${A%1}",
        "${A/x/y}",
        "${A:?message}",
        "${A:-$B}",
        "${A:-'z'}",
        "$1",
        "$$",
        "$",
        "${",
        "${}",
        "\\$A",
        '"\\$A"',
        "'$A'b",
        '"a\\\\b"',
        '"open',
        "it's",
        "$\u00e9",
    ],
)
def test_unknown(value: str) -> None:
    assert expand(value, LOOKUP) is None


@pytest.mark.parametrize(("value", "expected"), [("c:\\x", None), ("a`b", None), ("$A", "x1"), ('"b"', "b")])
def test_another_escape_character(value: str, expected: str | None) -> None:
    assert expand(value, LOOKUP, "`") == expected


@settings(deadline=None)
@given(st.text(alphabet="$A{}:-+'\"\\` /#\u00e9"), st.sampled_from("\\`"))
def test_never_raises(value: str, escape: str) -> None:
    expand(value, LOOKUP, escape)
