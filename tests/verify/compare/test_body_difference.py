"""Differences of bodies as a report shows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerslim.verify.compare.body_difference import (
    MOST_LINES,
    WIDTH,
    body_difference,
    first_difference,
    text_difference,
)


def test_equal_bodies_have_none() -> None:
    assert body_difference(b"a\n", b"a\n") == ""


def test_a_changed_line_with_what_is_around_it() -> None:
    before = "".join(f"line {n}\n" for n in range(50))

    assert text_difference(before, before.replace("line 30", "line x")).split("\n") == [
        " line 28",
        " line 29",
        "-line 30",
        "+line x",
        " line 31",
        " line 32",
    ]


def test_a_page_of_one_line_is_cut_at_its_tags() -> None:
    before = "<ul>" + "".join(f"<li>item {n}</li>" for n in range(100)) + "</ul>"

    difference = text_difference(before, before.replace("item 70", "nothing"))

    assert "-<li>item 70</li>" in difference
    assert "+<li>nothing</li>" in difference


def test_a_document_of_one_line_is_cut_at_its_fields() -> None:
    before = "{" + ",".join(f'"key{n}":{n}' for n in range(100)) + "}"

    assert '-"key70":70,' in text_difference(before, before.replace('"key70":70', '"key70":0'))


def test_many_lines_are_counted() -> None:
    lines = text_difference("a\n" * 300, "b\n" * 300).split("\n")

    assert len(lines) == MOST_LINES
    assert lines[-1].startswith("… ")
    assert lines[-1].endswith(" more lines")


def test_control_characters_are_visible() -> None:
    assert text_difference("a", "\x1b[31mred\x07") == "-a\n+\\x1b[31mred\\x07"


def test_binary_bodies_are_told_by_size_and_hash() -> None:
    difference = body_difference(b"\0\1" * 600, b"not an image")

    assert difference == "1,200 bytes (sha256 960d067b580a) before, 12 bytes of text after"


@given(st.text(max_size=400), st.text(max_size=400))
def test_it_stays_short(before: str, after: str) -> None:
    difference = text_difference(before, after)

    assert all(len(line) <= WIDTH for line in difference.split("\n"))
    assert "\x1b" not in difference


def test_two_long_texts_with_nothing_in_common_take_no_time() -> None:
    before = "\n".join(str(n * 7) for n in range(50_000))
    after = "\n".join(str(n * 11 + 1) for n in range(50_000))

    assert text_difference(before, after).count("\n") == MOST_LINES - 1


def test_where_texts_begin_to_differ() -> None:
    before = '{"padding": "' + "x" * 100 + '", "time": "11:33:45"}\nend'

    one, other = first_difference(before, before.replace("11:33:45", "12:01:02"))

    assert '"time": "11:33:45"}' in one
    assert '"time": "12:01:02"}' in other
    assert first_difference("a", "a") == ("", "")
    assert first_difference("a", "a\nb") == ("a", "a")
