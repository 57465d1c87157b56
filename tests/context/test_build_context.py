"""The build context as a value."""

from __future__ import annotations

from dataclasses import replace

from dockerslim.context.build_context import BuildContext

FILES = {"package.json": "{}", "src/a.js": "", "src/b/c.js": "", "dist/x.js": "", "node_modules/m/index.js": ""}


def test_what_is_ignored_is_hidden() -> None:
    context = BuildContext.in_memory(FILES, ignore_text="node_modules\ndist\n")
    assert context.files == ("package.json", "src/a.js", "src/b/c.js")
    assert context.hidden == ("dist/x.js", "node_modules/m/index.js")
    assert not context.has("dist")
    assert context.read_text("dist/x.js") is None


def test_lines_can_be_added_to_the_ignore_file() -> None:
    before = BuildContext.in_memory(FILES, ignore_text="dist")
    after = before.with_ignore_lines(["node_modules"])
    assert after.ignore_text == "dist\nnode_modules\n"
    assert after.files == ("package.json", "src/a.js", "src/b/c.js")
    assert after.complete
    assert before.has("node_modules")
    assert before.with_ignore_lines([]) is before


def test_added_lines_take_the_line_ends_of_the_file() -> None:
    context = BuildContext.in_memory({}, ignore_text="a\r\nb").with_ignore_lines(["c", "d"])
    assert context.ignore_text == "a\r\nb\r\nc\r\nd\r\n"


def test_a_new_ignore_file() -> None:
    context = BuildContext.in_memory(FILES).with_ignore_lines(["**/node_modules", "dist/*"])
    assert context.ignore_text == "**/node_modules\ndist/*\n"
    # The folder is there still, with nothing in it.
    assert context.is_folder("dist")
    assert not context.is_folder("node_modules")


def test_a_file_is_lacking_only_where_that_is_sure() -> None:
    context = BuildContext.in_memory(FILES)
    assert context.lacks("go.mod")
    assert not context.lacks("src")
    assert not replace(context, complete=False).lacks("go.mod")
    sampled = replace(context, sampled=("node_modules",))
    assert not sampled.lacks("node_modules/express/package.json")
    assert sampled.lacks("node_modules2/a")
