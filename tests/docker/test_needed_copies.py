"""A probe reaches every file that its fixture is about: without the COPY that brings it, build or probe fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockerslim.dockerfile import Dockerfile
from tests.docker.built_images import BuiltImages, Recipe
from tests.docker.probe import Probe, unmet
from tests.fixtures_catalogue import load_cases
from tests.needed_copies import copy_of, without

pytestmark = pytest.mark.docker


def _recipes_that_lack_a_copy() -> Iterator[Recipe]:
    for case in load_cases():
        if case.probe is None or case.after is None:
            continue
        after = Dockerfile.parse(case.after)
        made: set[bytes] = set()
        for path in case.probe.get("needed_copies", ()):
            copied = copy_of(case, after, path)
            dockerfile = without(after, copied) if copied is not None else case.after
            if copied is not None and dockerfile not in made:
                made.add(dockerfile)
                yield Recipe(case, f"without {path}", dockerfile, case.after_ignore)


@pytest.mark.parametrize("recipe", list(_recipes_that_lack_a_copy()), ids=str)
def test_fails_without_a_needed_copy(recipe: Recipe, images: BuiltImages) -> None:
    got = images.observe(recipe)

    if got.answers is not None:
        assert unmet(Probe.from_toml(recipe.case.probe or {}), got.answers) != ()
