"""Harmful on purpose: the image loses the files that the program serves."""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.engine.transform import Case, Edit, Fix, Skip, Span, Transform

transform = Transform(id="drop-static-files", title="Lose the files that are served")


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    command = case.stage.last("CMD")
    if command is not None and "rm -r static" not in case.dockerfile.text:
        start = command.block_start
        yield Fix((Edit(Span(start, start), "RUN rm -r static\n"),), "nobody looks at them")
