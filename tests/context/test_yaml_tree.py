"""YAML from strangers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.context.yaml_tree import (
    Mapping,
    Scalar,
    Sequence,
    UnreadableYaml,
    entries_of,
    items_of,
    parse_yaml,
    text_of,
)


def test_knows_lines() -> None:
    root = parse_yaml("# x\na: 1\nb:\n  - c\n  - d: ~\n")
    assert isinstance(root, Mapping)
    entries = root.entries()
    assert entries["a"] == (2, Scalar(2, "1"))
    assert entries["b"][0] == 3
    first, second = items_of(entries["b"][1])
    assert first == Scalar(4, "c")
    assert isinstance(second, Mapping)
    assert text_of(second.get("d")) is None


@pytest.mark.parametrize("text", ["", "# only a comment\n", "~", "---\n...\n"])
def test_nothing(text: str) -> None:
    assert parse_yaml(text) is None


def test_a_quoted_null_is_a_text() -> None:
    assert text_of(parse_yaml('"null"')) == "null"


def test_merge_keys_yield_to_own_keys() -> None:
    root = parse_yaml("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 0\n")
    assert isinstance(root, Mapping)
    assert {key: text_of(value) for key, (_, value) in entries_of(root.get("z")).items()} == {
        "a": "0",
        "b": "1",
        "c": "2",
    }


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "*unknown", "a: &b\n\x01", '"\\x"', "{a"])
def test_not_yaml(text: str) -> None:
    with pytest.raises(UnreadableYaml):
        parse_yaml(text)


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 100_000, "{a: " * 100_000, "[" * 200_000 + "]" * 200_000])
def test_depth_is_limited(text: str) -> None:
    with pytest.raises(UnreadableYaml):
        parse_yaml(text)


def test_size_is_limited() -> None:
    with pytest.raises(UnreadableYaml):
        parse_yaml("- a\n" * 200_000)


def test_aliases_and_merges_do_not_explode() -> None:
    lines = ["a0: &a0 {k: v}"]
    for number in range(1, 40):
        before = f"*a{number - 1}"
        lines.append(f"a{number}: &a{number} {{<<: [{', '.join([before] * 20)}], k{number}: [{before}, {before}]}}")
    start = time.perf_counter()
    root = parse_yaml("\n".join(lines))
    assert isinstance(root, Mapping)
    assert "k" in entries_of(root.get("a39"))
    assert time.perf_counter() - start < 2


def test_an_alias_to_itself() -> None:
    root = parse_yaml("a: &a\n  <<: *a\n  b: *a\n")
    assert isinstance(root, Mapping)
    assert list(entries_of(root.get("a"))) == ["b"]
    assert isinstance(parse_yaml("&a [*a]"), Sequence)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab:-[]{}&*<>|!#'\"\n \t,?%~"), max_size=60) | st.text(max_size=60))
def test_only_one_error(text: str) -> None:
    try:
        root = parse_yaml(text)
    except UnreadableYaml:
        return
    entries_of(root)
