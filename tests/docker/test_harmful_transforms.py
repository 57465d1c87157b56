"""A rewrite that does harm is seen, its step is found, and the rest is kept."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dockerslim.engine.registry import Selection, choose
from dockerslim.engine.transform import Options
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.verify_file import verified_outcomes, verify_files
from tests.fixtures_catalogue import DOCKERFILE, find_case

HARMFUL = Path(__file__).parent / "harmful_catalogue"
BEHAVIOUR_ONLY = VerifyOptions(measure=False, reads_images=False)


def _with(harmful: str) -> Selection:
    return Selection(choose().files + choose([harmful], folder=HARMFUL).files)


@pytest.mark.parametrize(
    ("fixture", "harmful", "what"),
    [
        ("go/templates-at-run-time", "drop-static-files", "GET :8080/static/style.css"),
        ("node/writes-files", "give-folders-back", ""),
        ("node/express", "move-port", ""),
    ],
)
def test_the_culprit_is_named_and_the_rest_is_kept(fixture: str, harmful: str, what: str, tmp_path: Path) -> None:
    case = find_case(fixture)
    folder = case.lay_out(tmp_path / "project", case.before)

    with Progress(io.StringIO()) as progress:
        [(outcome, verification)] = verified_outcomes(
            [folder / DOCKERFILE], _with(harmful), Options(), None, BEHAVIOUR_ONLY, progress
        )

    assert verification.verdict == "same"
    assert [culprit.transform for culprit in verification.culprits] == [harmful]
    assert what in verification.culprits[0].difference.what
    assert outcome.change is not None
    assert outcome.change.after == case.after


def test_verify_judges_the_whole_rewrite_and_names_its_culprit(tmp_path: Path) -> None:
    case = find_case("node/express")
    folder = case.lay_out(tmp_path / "project", case.before)

    with Progress(io.StringIO()) as progress:
        [verification] = verify_files(
            [folder / DOCKERFILE], _with("move-port"), Options(), None, BEHAVIOUR_ONLY, progress
        )

    assert verification.verdict == "differs"
    assert [culprit.transform for culprit in verification.culprits] == ["move-port"]
