"""Cases and small transforms for the engine's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from dockerslim.case import Case, Options
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile, Edit, Span
from dockerslim.engine.result import Result
from dockerslim.engine.runner import run
from dockerslim.engine.transform import Fix, Safety, Skip, Transform
from dockerslim.images.catalogue import Catalogue

Plan = Callable[[Case], Iterator[Fix | Skip]]


def case_of(text: str, files: Mapping[str, str] | None = None, *, unsafe: bool = False, runtime: str = "auto") -> Case:
    """A Dockerfile in a context, which nobody uses."""
    return Case(
        Dockerfile.of_text(text),
        BuildContext.in_memory(dict(files or {})),
        Usage.none(),
        Catalogue.load(),
        Options(unsafe=unsafe, runtime=runtime),
    )


def transform_of(plan: Plan, id: str = "misbehave", changes: Sequence[str] = ()) -> Transform:
    transform = Transform(id=id, title="For a test", changes=frozenset(changes))
    transform.plan(plan)
    return transform


def replacing(old: str, new: str, id: str = "replace", changes: Sequence[str] = ()) -> Transform:
    """Replaces a text wherever it stands."""

    def plan(case: Case) -> Iterator[Fix | Skip]:
        start = case.dockerfile.text.find(old)
        if start >= 0:
            yield fix_of(start, start + len(old), new)

    return transform_of(plan, id, changes)


def fix_of(start: int, end: int, text: str, safety: Safety = Safety.SAFE) -> Fix:
    return Fix((Edit(Span(start, end), text),), why="for a test", safety=safety)


def run_on(text: str, *transforms: Transform, unsafe: bool = False) -> Result:
    return run(case_of(text, unsafe=unsafe), transforms)
