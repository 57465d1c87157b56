"""An engine for all tests of this folder, and the images of the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docker import built_images
from tests.docker.built_images import BuiltImages, Recipe
from tests.docker.probe import engine_available, has_image
from tests.fixtures_catalogue import FixtureCase
from tests.skipping import MAY_SKIP


@pytest.fixture(scope="session")
def why_no_engine() -> str | None:
    return engine_available()


@pytest.fixture(autouse=True)
def _engine(why_no_engine: str | None) -> None:
    if why_no_engine is not None:
        pytest.skip(f"no images can be built here: {why_no_engine}")


@pytest.fixture(autouse=True)
def _bases(_engine: None, request: pytest.FixtureRequest) -> None:
    """What is built on an image that this engine can't have is skipped."""
    for value in _parameters(request.node):
        case = value.case if isinstance(value, Recipe) else value
        base = _missing_base(case) if isinstance(case, FixtureCase) else None
        if base is not None:
            request.node.stash[MAY_SKIP] = True
            pytest.skip(f"the base image {base} is not here and can't be fetched")


def _missing_base(case: FixtureCase) -> str | None:
    return next((base for base in case.optional_bases if not has_image(base)), None)


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
                if _missing_base(recipe.case) is None:
                    store.order(recipe)
        yield store
    finally:
        store.close()


def _parameters(item: pytest.Item) -> Iterator[object]:
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        yield from item.callspec.params.values()


def _recipes(item: pytest.Item) -> Iterator[Recipe]:
    """What a test is about to ask for, by its parameters."""
    if "images" not in getattr(item, "fixturenames", ()):
        return
    for value in _parameters(item):
        if isinstance(value, Recipe):
            yield value
        elif isinstance(value, FixtureCase):
            yield built_images.before(value)
            if value.after is not None:
                yield built_images.after(value)
