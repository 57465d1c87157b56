"""Each fixture before and after, built and run: the same answers, not root, no larger, no new warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.dockerfile import Dockerfile
from tests.docker import built_images, lint
from tests.docker.built_images import BuiltImages, Observation
from tests.docker.probe import Answers, Probe, unmet
from tests.fixtures_catalogue import DOCKERFILE, FixtureCase, load_cases

pytestmark = pytest.mark.docker

CASES = load_cases()
PROBED = [case for case in CASES if case.probe is not None]
BOTH = [case for case in PROBED if case.after is not None]


def named(case: FixtureCase) -> str:
    return case.name


@pytest.mark.parametrize("case", PROBED, ids=named)
def test_before_does_what_the_probe_wants(case: FixtureCase, images: BuiltImages) -> None:
    """Otherwise the fixture proves nothing."""
    assert unmet(_probe(case), _answers(images.observe(built_images.before(case)))) == ()


@pytest.mark.parametrize("case", BOTH, ids=named)
def test_after_answers_the_same(case: FixtureCase, images: BuiltImages) -> None:
    before = _answers(images.observe(built_images.before(case)))
    after = _answers(images.observe(built_images.after(case)))

    assert unmet(_probe(case), after) == ()
    assert after.responses == before.responses
    assert after.commands == before.commands
    assert after.exit_code == before.exit_code
    if case.probe is not None and case.probe.get("port") is None:
        assert after.output == before.output


@pytest.mark.parametrize("case", BOTH, ids=named)
def test_after_writes_what_before_wrote(case: FixtureCase, images: BuiltImages) -> None:
    before = _answers(images.observe(built_images.before(case)))
    after = _answers(images.observe(built_images.after(case)))

    assert after.written == before.written


@pytest.mark.parametrize("case", BOTH, ids=named)
def test_after_does_not_run_as_root(case: FixtureCase, images: BuiltImages) -> None:
    """Unless it was refused, and the person told why."""
    after = _answers(images.observe(built_images.after(case)))

    has_user = Dockerfile.parse(case.after or b"").final_stage.last("USER") is not None
    if not has_user and after.uid in (0, None):  # an image may bring a user of its own
        talk = case.output or ""
        is_told = "skipped[add-user]" in talk or "what the image runs is not said" in talk
        assert is_told, "stays root, and nobody is told"
    else:
        assert after.uid is not None
        assert after.uid != 0


@pytest.mark.parametrize("case", [case for case in BOTH if case.outcome == "split"], ids=named)
def test_split_is_smaller(case: FixtureCase, images: BuiltImages) -> None:
    before = images.observe(built_images.before(case))
    after = images.observe(built_images.after(case))

    assert 0 < after.size < before.size


@pytest.mark.parametrize("case", BOTH, ids=named)
def test_buildkit_accepts_it_without_a_new_warning(case: FixtureCase, tmp_path: Path) -> None:
    """Of fixtures whose base exists: the check asks for the base image's configuration."""
    if not lint.can_check():
        pytest.skip("this engine has no `docker build --check`")
    recipe = built_images.after(case)
    before = case.lay_out(tmp_path / "before", case.before)
    after = case.lay_out(tmp_path / "after", recipe.dockerfile, recipe.ignore)

    new = lint.check(after / DOCKERFILE, after) - lint.check(before / DOCKERFILE, before)

    assert new == set()


def _probe(case: FixtureCase) -> Probe:
    return Probe.from_toml(case.probe or {})


def _answers(observation: Observation) -> Answers:
    assert observation.answers is not None, observation.build.log[-4000:]
    return observation.answers
