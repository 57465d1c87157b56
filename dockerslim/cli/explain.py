"""`dockerslim explain ID`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dockerslim.engine.transform import Example, Transform, Unchanged


def explain(
    transform: Annotated[
        str, typer.Argument(metavar="ID", help="A transform, such as split-stages or go/split-stages.")
    ],
) -> None:
    """Say what a transform does and why, show examples as diffs, and when it refuses."""
    from dockerslim.cli.talk import stop
    from dockerslim.engine.registry import UnknownTransform, find, load

    try:
        found = find(load(), transform)
    except UnknownTransform as error:
        stop(f"no transform is called `{error.name}`", error.help)
    typer.echo("\n\n".join(_page(t) for t in found))


def _page(transform: Transform) -> str:
    title = f"{transform.name}: {transform.title}"
    parts = [title, "=" * len(title), "", transform.documentation, ""]
    for example in transform.examples:
        parts.extend(_example(example))
    return "\n".join(parts).rstrip()


def _example(example: Example | Unchanged) -> list[str]:
    from dockerslim.engine.transform import Example
    from dockerslim.output.diff import unified_diff

    if isinstance(example, Example):
        diff = unified_diff(example.before.encode(), example.after.encode(), "Dockerfile").decode()
        lines = [f"Example: {example.name}", "", *diff.splitlines()[2:]]
        lines.extend(f".dockerignore: {line}" for line in example.ignore)
        return [*lines, ""]
    verb = f"refused: {example.reason}" if example.reason else "left alone"
    return [f"Example: {example.name} ({verb})", "", *(f" {line}" for line in example.before.splitlines()), ""]
