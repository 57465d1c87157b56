"""Edits, and the map from the new text back to the old one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.dockerfile import Edit, Origin, OverlapError, Span, apply_edits

TEXTS = st.text(alphabet="abc\n\u00e9", max_size=30)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    """Edits that share no character, in any order."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(places[::2], places[1::2], strict=False))
    return draw(st.permutations([Edit(Span(start, end), draw(TEXTS)) for start, end in pairs]))


@st.composite
def two_steps(draw: st.DrawFn) -> tuple[str, str, Origin, str, Origin]:
    text = draw(TEXTS)
    middle, first = apply_edits(text, draw(edits_of(text)))
    last, second = apply_edits(middle, draw(edits_of(middle)))
    return text, middle, first, last, second


@settings(deadline=None)
@given(two_steps())
def test_kept_characters_are_those_of_the_original(steps: tuple[str, str, Origin, str, Origin]) -> None:
    text, middle, first, last, second = steps
    for before, after, origin in ((text, middle, first), (text, last, first.then(second))):
        for offset, char in enumerate(after):
            if origin.is_kept(offset):
                assert before[origin.offset(offset)] == char


@settings(deadline=None)
@given(two_steps())
def test_composing_is_mapping_twice(steps: tuple[str, str, Origin, str, Origin]) -> None:
    _, _, first, last, second = steps
    both = first.then(second)
    for offset in range(len(last)):
        is_kept = second.is_kept(offset) and first.is_kept(second.offset(offset))
        assert both.is_kept(offset) == is_kept
        if is_kept:
            assert both.offset(offset) == first.offset(second.offset(offset))


@settings(deadline=None)
@given(two_steps())
def test_origins_stay_in_the_text_and_in_order(steps: tuple[str, str, Origin, str, Origin]) -> None:
    text, _, first, last, second = steps
    both = first.then(second)
    offsets = [both.offset(offset) for offset in range(len(last) + 1)]
    assert offsets == sorted(offsets)
    assert all(0 <= offset <= len(text) for offset in offsets)
    for start in range(len(last)):
        span = both.span(Span(start, min(start + 3, len(last))))
        assert 0 <= span.start <= span.end <= len(text)


@settings(deadline=None)
@given(TEXTS)
def test_no_edits(text: str) -> None:
    after, origin = apply_edits(text, ())
    assert after == text
    assert [origin.offset(offset) for offset in range(len(text) + 1)] == list(range(len(text) + 1))
    assert origin.then(origin).offset(len(text)) == len(text)


def test_identity() -> None:
    origin = Origin.identity("abc")
    assert [origin.offset(offset) for offset in range(4)] == [0, 1, 2, 3]
    assert origin.is_kept(2)
    assert not origin.is_kept(3)


def test_replaces_inserts_and_deletes() -> None:
    edits = [Edit(Span(4, 5), ""), Edit(Span(0, 1), "X"), Edit(Span(2, 2), "1"), Edit(Span(2, 2), "2")]
    text, origin = apply_edits("abcde", edits)
    assert text == "Xb12cd"
    assert [origin.is_kept(offset) for offset in range(6)] == [False, True, False, False, True, True]
    assert origin.offset(2) == 2  # new text stands where it was put


@pytest.mark.parametrize(
    "spans",
    [((0, 3), (2, 4)), ((0, 3), (0, 3)), ((0, 3), (1, 1)), ((1, 2), (0, 4))],
)
def test_overlapping_edits_are_a_bug(spans: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(OverlapError):
        apply_edits("abcde", [Edit(Span(*span), "x") for span in spans])


@pytest.mark.parametrize("spans", [((0, 3), (3, 4)), ((0, 3), (3, 3)), ((0, 0), (0, 3)), ((1, 1), (1, 1))])
def test_touching_edits_are_fine(spans: tuple[tuple[int, int], ...]) -> None:
    apply_edits("abcde", [Edit(Span(*span), "x") for span in spans])


def test_new_text_gets_the_line_end_of_the_file() -> None:
    edits = [Edit(Span(3, 3), "b\nc\r\n")]
    assert apply_edits("a\r\nd\r\n", edits, "\r\n")[0] == "a\r\nb\r\nc\r\nd\r\n"
    assert apply_edits("a\r\nd\r\n", [Edit(Span(3, 3), "b\n")])[0] == "a\r\nb\nd\r\n"
