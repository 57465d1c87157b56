"""Harmful on purpose: the runtime stage loses the files that the program serves."""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.engine.transform import Case, Edit, Fix, Skip, Span, Transform

transform = Transform(id="drop-static-files", title="Lose the files that are served", after=frozenset({"split-stages"}))


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    for instruction in case.stage.all("COPY"):
        if "static" in case.text(instruction):
            yield Fix((Edit(Span(instruction.span.start, instruction.span.end + 1), ""),), "nobody looks at them")
