"""The figures of two images side by side, as rows that every report shows alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from dockerslim.verify.report.sizes import count_gain, human_count, human_size, human_time, size_gain, time_gain
from dockerslim.verify.verification import ImageFigures, Verification

NOT_MEASURED = "not measured"
NOT_KNOWN = "not known"
NONE = "none"
ROOT = frozenset({"", "root", "0", "root:root", "0:0"})
GONE, NEW = "gone", "new"
NOT_ROOT, ROOT_NOW = "not root", "root now"
WORSE = ("larger", "slower", NEW, ROOT_NOW)
"""How a gain ends that is none."""

Figure = TypeVar("Figure", int, float)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `after` and `gain` are empty where there is none; `file` is what was changed for it."""

    label: str
    before: str
    after: str
    gain: str = ""
    file: str = ""

    @property
    def is_worse(self) -> bool:
        return self.gain.endswith(WORSE)


@dataclass(frozen=True, slots=True)
class _Images:
    """None for one that was not built."""

    before: ImageFigures | None
    after: ImageFigures | None


def figure_rows(verification: Verification) -> tuple[Row, ...]:
    """The rows of one file: none where nothing was built, no row where neither image has the figure."""
    images = _Images(verification.before, verification.after)
    if images.before is None and images.after is None:
        return ()
    return tuple(_rows(images, verification.source_file, verification.dependency_file))


def _rows(images: _Images, source_file: str, dependency_file: str) -> Iterator[Row]:
    yield from _size("size on disk", images, lambda image: image.size)
    yield from _size("compressed, as pushed", images, lambda image: image.compressed)
    yield from _count("layers", images, lambda image: image.layers)
    yield from _count("files", images, lambda image: image.files)
    yield from _count("OS packages", images, lambda image: image.packages)
    yield _parts("shell", images, lambda image: (image.shell,))
    yield _parts("package manager", images, lambda image: image.package_managers)
    yield _user(images)
    yield from _time("cold build", images, lambda image: image.times.cold)
    yield from _time("rebuild after a source change", images, lambda image: image.times.source_change, source_file)
    yield from _time(
        "rebuild after a dependency change", images, lambda image: image.times.dependency_change, dependency_file
    )


def _size(label: str, images: _Images, get: Callable[[ImageFigures], int | None]) -> Iterator[Row]:
    return _row(label, images, get, human_size, size_gain, NOT_MEASURED)


def _count(label: str, images: _Images, get: Callable[[ImageFigures], int | None]) -> Iterator[Row]:
    return _row(label, images, get, human_count, count_gain, NOT_KNOWN)


def _time(label: str, images: _Images, get: Callable[[ImageFigures], float | None], file: str = "") -> Iterator[Row]:
    return _row(label, images, get, human_time, time_gain, NOT_MEASURED, file)


def _row(
    label: str,
    images: _Images,
    get: Callable[[ImageFigures], Figure | None],
    show: Callable[[Figure], str],
    gain: Callable[[Figure | None, Figure | None], str],
    unknown: str,
    file: str = "",
) -> Iterator[Row]:
    figures = [None if image is None else get(image) for image in (images.before, images.after)]
    if figures == [None, None]:
        return
    before, after = (
        "" if image is None else unknown if figure is None else show(figure)
        for image, figure in zip((images.before, images.after), figures, strict=True)
    )
    yield Row(label, before, after, gain(*figures), file)


def _parts(label: str, images: _Images, get: Callable[[ImageFigures], tuple[str, ...]]) -> Row:
    """Something that an image has or has not."""
    before, after = (
        "" if image is None else ", ".join(part for part in get(image) if part) or NONE
        for image in (images.before, images.after)
    )
    gain = ""
    if before and after and (before == NONE) != (after == NONE):
        gain = GONE if after == NONE else NEW
    return Row(label, before, after, gain)


def _user(images: _Images) -> Row:
    before, after = ("" if image is None else image.user or "root" for image in (images.before, images.after))
    gain = ""
    if before and after and (before in ROOT) != (after in ROOT):
        gain = NOT_ROOT if before in ROOT else ROOT_NOW
    return Row("runs as", before, after, gain)
