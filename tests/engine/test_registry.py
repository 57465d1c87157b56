"""The catalogue: what is in it, in which order, and what `--select` and `--ignore` leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.engine.registry import UnknownTransform, choose, find, in_order, load
from dockerslim.engine.transform import Transform

PLAIN = """\
\"\"\"What it does.\"\"\"

from dockerslim.engine.transform import Transform

transform = Transform(id="{id}", title="{id}", after=frozenset({after}))
"""


def catalogue(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def transform_of(name: str, *after: str) -> Transform:
    folder, _, id = name.rpartition("/")
    return Transform(id=id, title=id, after=frozenset(after), folder=folder)


def names(transforms: tuple[Transform, ...]) -> list[str]:
    return [transform.name for transform in transforms]


def test_sorted_by_name() -> None:
    assert names(in_order([transform_of("c"), transform_of("a"), transform_of("b")])) == ["a", "b", "c"]


def test_each_after_those_that_it_names() -> None:
    given = [transform_of("a", "c"), transform_of("b"), transform_of("c", "d"), transform_of("d")]

    assert names(in_order(given)) == ["b", "d", "c", "a"]


def test_a_name_without_a_folder_is_that_of_every_language() -> None:
    given = [transform_of("common/a", "z"), transform_of("go/z"), transform_of("node/z"), transform_of("b", "go/z")]

    assert names(in_order(given)) == ["go/z", "b", "node/z", "a"]


def test_one_waits_for_its_namesakes_but_not_for_itself() -> None:
    assert names(in_order([transform_of("common/z", "z"), transform_of("go/z")])) == ["go/z", "z"]


def test_what_is_not_in_the_catalogue_is_not_waited_for() -> None:
    assert names(in_order([transform_of("a", "gone")])) == ["a"]


def test_a_circle_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match="wait for each other: a, b"):
        in_order([transform_of("a", "b"), transform_of("b", "a"), transform_of("c")])


def test_load_a_folder(tmp_path: Path) -> None:
    folder = catalogue(
        tmp_path,
        common__mend_it=PLAIN.format(id="mend-it", after=["break-it"]),
        go__break_it=PLAIN.format(id="break-it", after=[]),
        go___private="raise RuntimeError",
        go__no_transform='"""Nothing."""\n',
    )

    loaded = load(folder)

    assert names(loaded) == ["go/break-it", "mend-it"]
    assert [transform.documentation for transform in loaded] == ["What it does.", "What it does."]


def test_the_folder_of_a_language_is_loaded_where_it_is_in_use(tmp_path: Path) -> None:
    folder = catalogue(
        tmp_path,
        common__mend_it=PLAIN.format(id="mend-it", after=[]),
        acme__add_proxy=PLAIN.format(id="add-proxy", after=[]),
        go__break_it=PLAIN.format(id="break-it", after=[]),
        node__break_it="raise RuntimeError",
    )

    selection = choose(folder=folder)

    assert names(selection.for_languages(frozenset())) == ["acme/add-proxy", "mend-it"]
    assert names(selection.for_languages(frozenset({"go"}))) == ["acme/add-proxy", "go/break-it", "mend-it"]


@pytest.mark.parametrize(
    ("chosen", "ignored", "expected"),
    [
        ((), (), ["go/a", "b", "node/a"]),
        (("a",), (), ["go/a", "node/a"]),
        (("go/a",), (), ["go/a"]),
        (("b", "node/a"), (), ["b", "node/a"]),
        ((), ("a",), ["b"]),
        ((), ("node/a",), ["go/a", "b"]),
        (("a",), ("go/a",), ["node/a"]),
        (("a",), ("a",), []),
    ],
)
def test_select_and_ignore(
    tmp_path: Path, chosen: tuple[str, ...], ignored: tuple[str, ...], expected: list[str]
) -> None:
    folder = catalogue(
        tmp_path,
        go__a=PLAIN.format(id="a", after=[]),
        node__a=PLAIN.format(id="a", after=[]),
        common__b=PLAIN.format(id="b", after=[]),
    )

    selection = choose(chosen, ignored, folder)

    assert sorted(names(selection.for_languages(frozenset({"go", "node"})))) == sorted(expected)


@pytest.mark.parametrize("unknown", [{"chosen": ("ad-user",)}, {"ignored": ("add-usr",)}])
def test_an_unknown_name_with_what_may_be_meant(unknown: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(UnknownTransform) as caught:
        choose(**unknown)  # type: ignore[arg-type]

    assert caught.value.suggestions[0] == "add-user"
    assert caught.value.help == "did you mean `add-user`?"


def test_an_unknown_name_like_no_other() -> None:
    with pytest.raises(UnknownTransform) as caught:
        find(load(), "zzz")

    assert caught.value.suggestions == ()
    assert "dockerslim list" in caught.value.help


def test_a_selection_without_some_of_its_transforms(tmp_path: Path) -> None:
    folder = catalogue(
        tmp_path, common__one=PLAIN.format(id="one", after="()"), go__two=PLAIN.format(id="two", after="()")
    )
    selection = choose(folder=folder)
    everything = selection.for_languages(frozenset({"go"}))
    assert [t.name for t in everything] == ["go/two", "one"]
    left = selection.without(frozenset({"go/two"})).without(frozenset({"three"}))
    assert [t.name for t in left.for_languages(frozenset({"go"}))] == ["one"]
