"""What one source says of one distribution."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pure", "self-contained", "needs"]

_SEPARATORS = re.compile(r"[-_.]+")


WEAK = frozenset(["locks", "Spack"])
"""Sources that may doubt a distribution, but don't list it: a wheel tells nothing of what is loaded or run later. Of
the distributions that the hand-kept table says to need something, Spack's recipes called a quarter clean and lock files
all; Debian's indexes none but by libraries that slim has, or by what was said of their requirements."""


@dataclass(frozen=True, slots=True)
class Statement:
    """`requires` holds normalized names, or names of Debian packages that no distribution's name is known for."""

    name: str
    source: str
    verdict: Verdict
    requires: frozenset[str] = frozenset()
    why: str = ""
    """What it needs, where it needs something."""


def normalize(name: str) -> str:
    """The one spelling of a distribution's name: lower case, words joined by `-`."""
    return _SEPARATORS.sub("-", name.strip()).lower()
