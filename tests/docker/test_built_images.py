"""What other tests of the session do to their process must not reach the images that are built meanwhile."""

from __future__ import annotations

import pytest

from tests.docker import built_images
from tests.docker.built_images import BuiltImages
from tests.fixtures_catalogue import find_case

pytestmark = pytest.mark.docker


def test_a_test_that_hides_the_engine_does_not_hide_it_from_the_builds(
    images: BuiltImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = find_case("node/no-lock")
    images.observe(built_images.before(case))

    monkeypatch.setenv("PATH", "")

    assert images.observe(built_images.after(case)).answers is not None
