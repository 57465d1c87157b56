"""The examples of every transform are true: they are its documentation."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.result import Result
from dockerslim.engine.runner import run
from dockerslim.engine.transform import COMMON, Example, Transform, Unchanged
from dockerslim.images.catalogue import Catalogue

TRANSFORMS = load()
CASES = [pytest.param(t, e, id=f"{t.name}: {e.name}") for t in TRANSFORMS for e in t.examples]
each_transform = pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda t: t.name)


@dataclass(frozen=True, slots=True)
class Run:
    """A transform, alone, on an example."""

    case: Case
    result: Result

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(refusal.reason for refusal in self.result.refusals)


def run_example(transform: Transform, example: Example | Unchanged) -> Run:
    context = BuildContext.in_memory(dict(example.context))
    dockerfile = Dockerfile.of_text(example.before)
    case = Case(dockerfile, context, Usage.none(), Catalogue.load(), example.options)
    return Run(case, run(case, (transform,)))


@pytest.mark.parametrize(("transform", "example"), CASES)
def test_example(transform: Transform, example: Example | Unchanged) -> None:
    got = run_example(transform, example)

    assert got.case.dockerfile.problem is None
    assert got.result.dropped == ()
    if isinstance(example, Unchanged):
        assert got.result.text == example.before
        assert got.result.ignore_lines == ()
        assert got.reasons == ((example.reason,) if example.reason else ())
    else:
        assert got.result.text == example.after
        assert got.result.ignore_lines == example.ignore
        assert got.result.changed


@pytest.mark.parametrize(("transform", "example"), CASES)
def test_second_run_is_silent(transform: Transform, example: Example | Unchanged) -> None:
    first = run_example(transform, example)
    case = first.case.with_text(first.result.text).with_ignore_lines(first.result.ignore_lines)

    second = run(case, (transform,))

    assert case.dockerfile.problem is None
    assert second.text == first.result.text
    assert second.steps == ()


@each_transform
def test_shows_a_change_and_what_is_left_alone(transform: Transform) -> None:
    assert {type(example) for example in transform.examples} == {Example, Unchanged}


@each_transform
def test_has_a_page_under_the_usual_headings(transform: Transform) -> None:
    title, _, page = transform.documentation.partition("\n")

    assert title.endswith(".")
    assert [heading for heading in ("What it does:", "Why:", "Safety:") if heading not in page] == []
    assert "Left alone:" in page or "Refused:" in page


@each_transform
def test_is_found_by_the_name_of_its_file(transform: Transform) -> None:
    """`--select` looks at file names alone, so that what isn't asked for need not be loaded."""
    assert transform.languages == (frozenset() if transform.folder == COMMON else frozenset({transform.folder}))
    [found] = [t for t in load() if t.folder == transform.folder and t.id == transform.id]
    assert found is transform


@each_transform
def test_names_transforms_that_exist(transform: Transform) -> None:
    names = {name for t in TRANSFORMS for name in (t.id, t.name)}

    assert transform.after <= names
