"""Loads the catalogue of transforms from its folder; no transform is named anywhere in the engine."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from dockerslim.engine.transform import Transform
from dockerslim.locate import catalogue_folder


class UnknownTransform(Exception):
    """No transform has this id. `suggestions` are the near ones."""

    def __init__(self, name: str, suggestions: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.suggestions = tuple(suggestions)


@lru_cache(maxsize=8)
def load(folder: Path | None = None) -> tuple[Transform, ...]:
    """The transforms of a catalogue (the built-in one), in the order in which they run."""
    root = folder or catalogue_folder("transforms")
    found: list[Transform] = []
    for path in sorted(root.glob("*/*.py")):
        if path.name.startswith("_"):
            continue
        transform = _load_file(path)
        if transform is not None:
            found.append(transform)
    return in_order(found)


def _load_file(path: Path) -> Transform | None:
    name = f"dockerslim_transforms.{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    transform = getattr(module, "transform", None)
    if not isinstance(transform, Transform):
        return None
    return transform.placed(path.parent.name, (module.__doc__ or "").strip())


def in_order(transforms: Iterable[Transform]) -> tuple[Transform, ...]:
    """Sorted by name, each after those that its `after` names. Raises ValueError for a cycle."""
    waiting = sorted(transforms, key=lambda t: t.name)
    placed: list[Transform] = []
    while waiting:
        ids = {t.id for t in waiting} | {t.name for t in waiting}
        ready = next((t for t in waiting if not (t.after & ids)), None)
        if ready is None:
            raise ValueError("transforms wait for each other: " + ", ".join(t.name for t in waiting))
        waiting.remove(ready)
        placed.append(ready)
    return tuple(placed)


def select(
    transforms: Sequence[Transform], chosen: Sequence[str] = (), ignored: Sequence[str] = ()
) -> tuple[Transform, ...]:
    """Those that `--select` and `--ignore` leave. `split-stages` means that of every language.

    Raises UnknownTransform.
    """
    for name in (*chosen, *ignored):
        if not any(_is_named(transform, name) for transform in transforms):
            raise UnknownTransform(name, near(name, transforms))
    return tuple(
        t
        for t in transforms
        if (not chosen or any(_is_named(t, name) for name in chosen)) and not any(_is_named(t, n) for n in ignored)
    )


def find(transforms: Sequence[Transform], name: str) -> tuple[Transform, ...]:
    """The transforms of a name; raises UnknownTransform where there is none."""
    found = tuple(t for t in transforms if _is_named(t, name))
    if not found:
        raise UnknownTransform(name, near(name, transforms))
    return found


def near(name: str, transforms: Sequence[Transform]) -> list[str]:
    from difflib import get_close_matches

    names = sorted({t.id for t in transforms} | {t.name for t in transforms})
    return get_close_matches(name, names, 3, 0.5)


def _is_named(transform: Transform, name: str) -> bool:
    return name in (transform.id, transform.name)
