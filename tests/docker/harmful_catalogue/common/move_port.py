"""Harmful on purpose: the program listens on another port."""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.engine.transform import Case, Edit, Fix, Skip, Span, Transform

transform = Transform(
    id="move-port", title="Listen on another port", after=frozenset({"split-stages"}), changes=frozenset({"ENV PORT"})
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    exposed = case.stage.last("EXPOSE")
    if exposed is not None and case.final.final.env.get("PORT") != "9999":
        start = exposed.span.start
        yield Fix((Edit(Span(start, start), "ENV PORT=9999\n"),), "a port that nobody else has")
