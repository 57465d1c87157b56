"""`dockerslim list`."""

from __future__ import annotations

import typer


def list_transforms() -> None:
    """List the transforms in the order in which they run."""
    from dockerslim.engine.registry import load

    transforms = load()
    width = max(len(t.name) for t in transforms)
    for transform in transforms:
        typer.echo(f"{transform.name:<{width}}  {transform.title}")
