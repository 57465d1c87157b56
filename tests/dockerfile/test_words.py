"""Words, flags and JSON arrays of a logical line."""

from __future__ import annotations

import pytest

from dockerslim.dockerfile import Dockerfile, Instruction, Span
from dockerslim.dockerfile.logical import LogicalText
from dockerslim.dockerfile.words import WordError, json_array, quoted_words


def instruction(line: str, head: str = "") -> Instruction:
    return Dockerfile.parse(f"{head}FROM a\n{line}".encode()).instructions[1]


@pytest.mark.parametrize(
    ("text", "array"),
    [
        ('["a", "b c"]', ("a", "b c")),
        ("[]", ()),
        ('["\\u00e9\\n"]', ("\u00e9\n",)),
        ('["\\ud800"]', ("\ufffd",)),
        ('["\udcff"]', ("\ufffd",)),
        ("['a']", None),
        ('["a",]', None),
        ('["a"] # c', None),
        ('["a"', None),
        ('["\\w"]', None),
        ("[NaN]", None),
        ("[1e999]", None),
        ('"a"', None),
        ("", None),
    ],
)
def test_json_array(text: str, array: tuple[str, ...] | None) -> None:
    assert json_array(text) == array


@pytest.mark.parametrize("text", ["[1]", "[null]", '["a", ["b"]]', '[{"a": "b"}]', "[" * 50_000])
def test_json_array_of_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(WordError):
        json_array(text)


@pytest.mark.parametrize(
    ("line", "flags", "value"),
    [
        ("RUN --a --b=c d", [("a", None), ("b", "c")], "d"),
        ('RUN --mount="type=cache,target=/a b" x', [("mount", "type=cache,target=/a b")], "x"),
        ("RUN --mo'un't=x y", [("mount", "x")], "y"),
        ("RUN --a=\\ b c", [("a", " b")], "c"),
        ("RUN -- --a b", [], "--a b"),
        ("RUN a --b", [], "a --b"),
        ("RUN --a=b=c d", [("a", "b=c")], "d"),
        ("RUN --a", [("a", None)], ""),
        ("RUN --a= b", [("a", "")], "b"),
        # bytes outside ASCII are characters of their own, and one of them is a blank
        ("COPY --chown=\u00e9 a b", [("chown", "\u00c3\u00a9")], "a b"),
        ("RUN \u00a0--a b", [], "--a b"),
    ],
)
def test_flags(line: str, flags: list[tuple[str, str | None]], value: str) -> None:
    found = instruction(line)
    assert [(flag.name, flag.value) for flag in found.flags] == flags
    assert found.value == value


def test_a_flag_that_ends_inside_a_character_is_refused() -> None:
    problem = Dockerfile.parse("FROM a\nCOPY --chown=\u00e0 a b\n".encode()).problem
    assert problem is not None
    assert "part of a character" in problem.message


def test_flag_lookup() -> None:
    copy = instruction("COPY --link --from=x a b")
    assert copy.flag_value("from") == "x"
    assert copy.flag("link") is not None
    assert copy.flag_value("link") is None
    assert copy.flag("chown") is None
    assert [word.text for word in copy.sources] == ["a"]
    assert copy.destination == "b"


@pytest.mark.parametrize(
    ("text", "escape", "words"),
    [
        ("a=b c", "\\", ["a=b", "c"]),
        ('a="b c" d', "\\", ['a="b c"', "d"]),
        ("a='b\\' c", "\\", ["a='b\\'", "c"]),
        ('a="b\\" c"', "\\", ['a="b\\" c"']),
        ("a=b\\ c", "\\", ["a=b\\ c"]),
        ("a=b` c", "`", ["a=b` c"]),
        ("a=b\\ c", "`", ["a=b\\", "c"]),
        ('a="open b', "\\", ['a="open b']),
        ("a=b\\", "\\", ["a=b"]),
        ("\\", "\\", []),
        ("  ", "\\", []),
        ("a\u2003b", "\\", ["a", "b"]),
    ],
)
def test_quoted_words(text: str, escape: str, words: list[str]) -> None:
    line = LogicalText.of_file(text, Span(0, len(text)))
    found = quoted_words(line, escape)
    assert [word.text for word in found] == words
    assert [word.span.cut(text) for word in found] == words


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("ENV A=1 B='2 3'", [("A", "1", False), ("B", "'2 3'", False)]),
        ("ENV A b=c d", [("A", "b=c d", True)]),
        ("ENV A = b", [("A", "= b", True)]),
        ("LABEL a.b=", [("a.b", "", False)]),
        ("ARG A B=2 C=", [("A", None, False), ("B", "2", False), ("C", "", False)]),
    ],
)
def test_assignments(line: str, pairs: list[tuple[str, str | None, bool]]) -> None:
    assert [(pair.key, pair.value, pair.legacy) for pair in instruction(line).assignments] == pairs
