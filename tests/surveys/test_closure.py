"""Which distributions a survey lists."""

from __future__ import annotations

from typing import get_args

from tests.surveys.closure import judge
from tests.surveys.statement import Statement, Verdict


def said(name: str, verdict: Verdict, *requires: str, source: str = "Debian trixie") -> Statement:
    return Statement(name, source, verdict, frozenset(requires), "a library" if verdict == "needs" else "")


def listed(*statements: Statement, known: tuple[str, ...] = (), doubted: tuple[str, ...] = ()) -> set[str]:
    return set(judge(statements, known.__contains__, doubted).listed)


def test_clean_ones_are_listed_by_kind() -> None:
    found = judge([said("a", "pure"), said("b", "self-contained")], lambda _: False, ())

    assert found.listed == {"a": "pure", "b": "self-contained"}


def test_one_doubt_is_enough() -> None:
    assert listed(said("a", "pure"), said("a", "needs", source="Spack")) == set()
    assert listed(said("a", "pure"), doubted=("a",)) == set()


def test_weak_sources_list_nothing() -> None:
    assert listed(said("a", "pure", source="Spack"), said("a", "pure", source="locks")) == set()


def test_what_it_requires_must_be_clean_too() -> None:
    chain = (said("a", "pure", "b"), said("b", "pure", "c"))

    assert listed(*chain) == set()
    assert listed(*chain, said("c", "needs")) == set()
    assert listed(*chain, said("c", "pure")) == {"a", "b", "c"}
    assert listed(*chain, known=("c",)) == {"a", "b"}


def test_a_circle_is_no_hindrance() -> None:
    assert listed(said("a", "pure", "b"), said("b", "pure", "a")) == {"a", "b"}


def test_the_most_exact_list_of_requirements_counts() -> None:
    assert listed(said("a", "pure", "optional"), said("a", "pure", source="locks")) == {"a"}


def test_why_one_is_held_back() -> None:
    found = judge([said("a", "pure", "b"), said("b", "needs")], lambda _: False, ())

    assert found.held_back == {"a": {"b"}}
    assert [each.why for each in found.needy["b"]] == ["a library"]
    assert set(get_args(Verdict)) == {"pure", "self-contained", "needs"}
