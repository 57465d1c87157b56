"""Which distributions may be listed: what is said of each, and of all that it brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.surveys.statement import WEAK, Statement

EXACTNESS = ("its files", "locks", "Debian trixie", "Debian bookworm", "Spack")
"""Whose list of requirements counts, of those who know a distribution: the first."""


@dataclass(frozen=True, slots=True)
class Findings:
    listed: Mapping[str, Literal["pure", "self-contained"]]
    needy: Mapping[str, tuple[Statement, ...]]
    """Of which a source says that they need something."""
    held_back: Mapping[str, frozenset[str]]
    """Clean themselves, with what they require that isn't."""


def judge(statements: Iterable[Statement], is_known_clean: Callable[[str], bool], doubted: Iterable[str]) -> Findings:
    """List what some source that isn't weak calls clean and none doubts, and whose requirements are listed or known.

    `is_known_clean`: what the hand-kept table says; `doubted` are left out whatever is said of them.
    """
    said: dict[str, list[Statement]] = defaultdict(list)
    for each in statements:
        said[each.name].append(each)
    needy = {name: tuple(e for e in each if e.verdict == "needs") for name, each in said.items()}
    left_out = set(doubted)
    clean = {
        name: _kind(each)
        for name, each in said.items()
        if not needy[name] and name not in left_out and any(e.source not in WEAK for e in each)
    }
    requires = {name: min(said[name], key=lambda e: EXACTNESS.index(e.source)).requires for name in clean}
    listed = dict(clean)
    while True:
        fallen = [
            name for name in listed if any(each not in listed and not is_known_clean(each) for each in requires[name])
        ]
        if not fallen:
            break
        for name in fallen:
            del listed[name]
    held_back = {
        name: frozenset(each for each in requires[name] if each not in listed and not is_known_clean(each))
        for name in clean.keys() - listed.keys()
    }
    return Findings(listed, {name: each for name, each in needy.items() if each}, held_back)


def _kind(statements: Iterable[Statement]) -> Literal["pure", "self-contained"]:
    return "self-contained" if any(each.verdict == "self-contained" for each in statements) else "pure"
