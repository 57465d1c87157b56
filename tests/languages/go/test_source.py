"""The limits of what is read."""

from __future__ import annotations

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.go import detect, source

FILES = {"go.mod": "module a\n", **{f"f{n}.go": f"package main\n\nfunc f{n}() {{}}\n" for n in range(20)}}


def test_what_is_not_parsed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "FILE_LIMIT", 5)
    project = detect(BuildContext.in_memory(FILES))

    assert project is not None
    assert not project.program("").complete
    assert not project.cgo.unknown


def test_what_is_not_even_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "FILE_LIMIT", 1)
    project = detect(BuildContext.in_memory(FILES))

    assert project is not None
    assert project.cgo.unknown
    assert project.source.truncated


def test_a_file_that_is_no_text_is_told() -> None:
    project = detect(BuildContext.in_memory({**FILES, "z.go": b"package main\0"}))

    assert project is not None
    assert project.cgo.unknown
    assert not project.program("").complete
