"""Loads the catalogue of transforms from its folder; no transform is named anywhere in the engine.

A folder of the catalogue that has a language's name holds the transforms of that language, and is loaded only where the
language is in use. A file is named like its transform: `split_stages.py` holds `split-stages`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dockerslim.case import LANGUAGE_EVIDENCE
from dockerslim.engine.transform import COMMON, Transform
from dockerslim.locate import catalogue_folder


class UnknownTransform(Exception):
    """No transform has this id. `suggestions` are the near ones."""

    def __init__(self, name: str, suggestions: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.suggestions = tuple(suggestions)

    @property
    def help(self) -> str:
        """What to do about it."""
        return f"did you mean `{self.suggestions[0]}`?" if self.suggestions else "`dockerslim list` shows them all"


@dataclass(frozen=True, slots=True)
class Selection:
    """What `--select` and `--ignore` leave of a catalogue; nothing of it is loaded yet."""

    files: tuple[Path, ...]
    left_out: frozenset[str] = frozenset()
    """Names of transforms that are not to run."""

    def without(self, names: frozenset[str]) -> Selection:
        """The same but for the transforms of these names."""
        return Selection(self.files, self.left_out | names)

    def for_languages(self, languages: frozenset[str]) -> tuple[Transform, ...]:
        """The transforms that such a file may need, in the order in which they run."""
        others = LANGUAGE_EVIDENCE.keys() - languages
        loaded = _load_files(tuple(path for path in self.files if path.parent.name not in others))
        return tuple(transform for transform in loaded if transform.name not in self.left_out)


def load(folder: Path | None = None) -> tuple[Transform, ...]:
    """The transforms of a catalogue (the built-in one), in the order in which they run."""
    return _load_files(_files(folder))


def choose(chosen: Sequence[str] = (), ignored: Sequence[str] = (), folder: Path | None = None) -> Selection:
    """Those that `--select` and `--ignore` leave, by the names of their files. Raises UnknownTransform."""
    files = _files(folder)
    names = [_names(path) for path in files]
    for name in (*chosen, *ignored):
        if not any(name in own for own in names):
            raise UnknownTransform(name, _near(name, names))
    return Selection(
        tuple(
            path
            for path, own in zip(files, names, strict=True)
            if (not chosen or any(name in own for name in chosen)) and not any(name in own for name in ignored)
        )
    )


def _files(folder: Path | None) -> tuple[Path, ...]:
    root = folder or catalogue_folder("transforms")
    return tuple(path for path in sorted(root.glob("*/*.py")) if not path.name.startswith("_"))


def _names(path: Path) -> tuple[str, ...]:
    own = path.stem.replace("_", "-")
    return (own,) if path.parent.name == COMMON else (own, f"{path.parent.name}/{own}")


@lru_cache(maxsize=16)
def _load_files(files: tuple[Path, ...]) -> tuple[Transform, ...]:
    return in_order(transform for transform in map(_load_file, files) if transform is not None)


@lru_cache(maxsize=256)
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
        ready = next((t for t in waiting if not _waits(t, waiting)), None)
        if ready is None:
            raise ValueError("transforms wait for each other: " + ", ".join(t.name for t in waiting))
        waiting.remove(ready)
        placed.append(ready)
    return tuple(placed)


def _waits(transform: Transform, others: Iterable[Transform]) -> bool:
    return any(other is not transform and not transform.after.isdisjoint((other.id, other.name)) for other in others)


def find(transforms: Sequence[Transform], name: str) -> tuple[Transform, ...]:
    """The transforms of a name; raises UnknownTransform where there is none."""
    found = tuple(t for t in transforms if _is_named(t, name))
    if not found:
        raise UnknownTransform(name, _near(name, [(t.id, t.name) for t in transforms]))
    return found


def _near(name: str, names: Iterable[tuple[str, ...]]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, sorted({own for each in names for own in each}), 3, 0.5)


def _is_named(transform: Transform, name: str) -> bool:
    return name in (transform.id, transform.name)
