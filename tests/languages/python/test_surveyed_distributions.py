"""The machine-made table of distributions that need nothing."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest

import dockerslim.languages.python.distributions as distributions
from dockerslim.languages.python.distributions import is_kept_by_hand, native_needs, survey
from dockerslim.languages.python.surveyed_distributions import parse, surveyed_distributions
from tests.surveys.statement import normalize
from tests.surveys.surveyed_table import table

TEXT = Path(distributions.__file__).with_name("surveyed_distributions.txt").read_text(encoding="utf-8")
NAMES = [line for line in TEXT.split("\n") if line and not line.startswith(("#", "["))]
DOUBTED = Path(__file__).parents[2] / "surveys" / "doubted.toml"


def test_each_name_stands_once_normalized_and_sorted() -> None:
    pure, self_contained = TEXT.partition("[pure]\n")[2].split("[self-contained]\n")

    assert [*pure.split(), *self_contained.split()] == NAMES
    assert pure.split() == sorted(pure.split())
    assert self_contained.split() == sorted(self_contained.split())
    assert len(set(NAMES)) == len(NAMES) == len(surveyed_distributions()) > 2_000
    assert [name for name in NAMES if name != normalize(name)] == []


def test_the_table_kept_by_hand_wins_and_is_not_repeated() -> None:
    assert [name for name in NAMES if is_kept_by_hand(name)] == []


def test_what_is_doubted_is_not_in_it() -> None:
    doubted = tomllib.loads(DOUBTED.read_text(encoding="utf-8"))["doubted"]

    assert set(NAMES).isdisjoint(doubted)
    assert [name for name in doubted if is_kept_by_hand(name)] == []


@pytest.mark.parametrize("name", ["legacy-cgi", "Priority", "asyncache", "bottle_sqlalchemy", "litestar-granian"])
def test_pure(name: str) -> None:
    needs = native_needs(name, (), "bookworm")

    assert (needs.kind, needs.packages) == ("pure", ())


@pytest.mark.parametrize("name", ["annoy", "meinheld", "fastpysgi", "blacksheep", "cachebox"])
def test_self_contained(name: str) -> None:
    assert native_needs(name, (), None).kind == "self-contained"


def test_together() -> None:
    assert survey(["annoy", "ktext", "priority"], "bookworm").is_complete
    assert survey(["annoy", "an-unheard-of-thing"], "bookworm").unknown == ("an-unheard-of-thing",)


def test_it_is_read_only_when_the_other_table_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected() -> dict[str, str]:
        raise AssertionError

    monkeypatch.setattr(distributions, "surveyed_distributions", unexpected)

    assert native_needs("flask", (), "bookworm").kind == "pure"
    assert native_needs("psycopg2", (), "bookworm").kind == "libraries"
    assert native_needs("playwright", (), "bookworm").kind == "refuse"


def test_what_the_survey_writes_is_what_is_read() -> None:
    names = {"b": "pure", "a": "pure", "c": "self-contained"}
    text = table(names, datetime.date(2026, 1, 2))

    assert parse(text) == names
    assert "2026-01-02" in text
    assert text.endswith("[pure]\na\nb\n[self-contained]\nc\n")


@pytest.mark.parametrize("text", ["", "# nothing\n", "[pure]\n", "\n[pure]\n[self-contained]\n"])
def test_an_empty_table(text: str) -> None:
    assert parse(text) == {}
