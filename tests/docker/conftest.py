"""An engine for all tests of this folder, and the images of the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docker import built_images
from tests.docker.built_images import BuiltImages, Recipe
from tests.docker.probe import engine_available
from tests.fixtures_catalogue import FixtureCase


@pytest.fixture(scope="session")
def why_no_engine() -> str | None:
    return engine_available()


@pytest.fixture(autouse=True)
def _engine(why_no_engine: str | None) -> None:
    if why_no_engine is not None:
        pytest.skip(f"no images can be built here: {why_no_engine}")


@pytest.fixture(scope="session")
def images(
    why_no_engine: str | None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[BuiltImages]:
    """The images that the selected tests ask for; building begins with the first test that wants one."""
    if why_no_engine is not None:
        pytest.skip(f"no images can be built here: {why_no_engine}")
    store = BuiltImages(tmp_path_factory.mktemp("images"))
    try:
        for item in request.session.items:
            for recipe in _recipes(item):
                store.order(recipe)
        yield store
    finally:
        store.close()


def _recipes(item: pytest.Item) -> Iterator[Recipe]:
    """What a test is about to ask for, by its parameters."""
    if "images" not in getattr(item, "fixturenames", ()) or not isinstance(item, pytest.Function):
        return
    for value in item.callspec.params.values() if hasattr(item, "callspec") else ():
        if isinstance(value, Recipe):
            yield value
        elif isinstance(value, FixtureCase):
            yield built_images.before(value)
            if value.after is not None:
                yield built_images.after(value)
