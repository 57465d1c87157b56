"""Harmful on purpose: what the program writes belongs to root again, and it runs as somebody else."""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.engine.transform import Case, Edit, Fix, Skip, Span, Transform

transform = Transform(
    id="give-folders-back", title="Give the written folders back to root", after=frozenset({"add-user"})
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for instruction in case.stage.all("RUN"):
        if "chown" in case.text(instruction):
            yield Fix((Edit(Span(instruction.span.start, instruction.span.end + 1), ""),), "one layer less")
