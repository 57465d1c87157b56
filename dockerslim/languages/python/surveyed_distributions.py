"""Python distributions that a survey found to need nothing of the system: data, made by a script, in a text beside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

SurveyedKind = Literal["pure", "self-contained"]


@cache
def surveyed_distributions() -> Mapping[str, SurveyedKind]:
    """Normalized name -> kind; read once, and only when a name is in no table that is kept by hand."""
    text = resources.files(__package__).joinpath("surveyed_distributions.txt").read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> dict[str, SurveyedKind]:
    """One name a line below the line of its kind; `#` starts a line of explanation."""
    _, _, names = text.partition("\n[pure]\n")
    pure, _, self_contained = names.partition("[self-contained]\n")
    found: dict[str, SurveyedKind] = dict.fromkeys(pure.split(), "pure")
    return found | dict.fromkeys(self_contained.split(), "self-contained")
