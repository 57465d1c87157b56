"""The figures as rows: what is shown of what is not known, and what counts as worse."""

from __future__ import annotations

from dataclasses import replace

from dockerslim.verify.report.figure_rows import Row, figure_rows
from dockerslim.verify.verification import ImageFigures, Times
from tests.verify.report.made_up import LARGE, SAME, SMALL, UNKNOWN


def row(label: str, before: ImageFigures | None, after: ImageFigures | None) -> Row | None:
    rows = figure_rows(replace(SAME, before=before, after=after))
    return next((row for row in rows if row.label == label), None)


def test_no_image_has_no_rows() -> None:
    assert figure_rows(UNKNOWN) == ()


def test_what_neither_image_has_is_no_row() -> None:
    plain = replace(LARGE, compressed=None, files=None, packages=None, times=Times())

    labels = [row.label for row in figure_rows(replace(SAME, before=plain, after=plain))]
    assert labels == ["size on disk", "layers", "shell", "package manager", "runs as"]


def test_what_one_image_has_is_told_of_the_other() -> None:
    plain = replace(SMALL, compressed=None, packages=None, times=Times())

    assert row("compressed, as pushed", LARGE, plain) == Row("compressed, as pushed", "310 MB", "not measured")
    assert row("OS packages", LARGE, plain) == Row("OS packages", "312", "not known")
    assert row("cold build", LARGE, plain) == Row("cold build", "31.2 s", "not measured")
    assert row("cold build", LARGE, None) == Row("cold build", "31.2 s", "")
    assert row("shell", None, LARGE) == Row("shell", "", "/bin/bash")


def test_zero_is_a_figure() -> None:
    empty = replace(SMALL, size=0, layers=0, files=0, packages=0)

    assert row("size on disk", empty, empty) == Row("size on disk", "0 B", "0 B")
    assert row("files", LARGE, empty) == Row("files", "12,345", "0", "12,345 fewer")


def test_worse() -> None:
    wrong = [row(label, SMALL, LARGE) for label in ("size on disk", "shell", "package manager", "runs as")]

    assert [one and (one.gain, one.is_worse) for one in wrong] == [
        ("91 times larger", True),
        ("new", True),
        ("new", True),
        ("root now", True),
    ]
    right = [row(label, LARGE, SMALL) for label in ("size on disk", "shell", "runs as", "files")]
    assert [one and one.is_worse for one in right] == [False] * 4


def test_root_by_another_name_is_root() -> None:
    assert row("runs as", replace(LARGE, user=""), replace(LARGE, user="0:0")) == Row("runs as", "root", "0:0")
    assert row("runs as", replace(LARGE, user="node"), SMALL) == Row("runs as", "node", "65532:65532")
