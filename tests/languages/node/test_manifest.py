"""package.json."""

from __future__ import annotations

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.manifest import read_manifest
from dockerslim.languages.node.project import detect

from .projects import project


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 200_000, "nested too deep"),
        ('{"a": ' * 100_000, "nested too deep"),
        ("1" * 5_000, "a number is too long"),
        ("", "not JSON"),
    ],
)
def test_a_broken_manifest_has_a_problem(text: str, problem: str) -> None:
    manifest = read_manifest(BuildContext.in_memory({"package.json": text}))

    assert manifest is not None
    assert problem in (manifest.problem or "")


def test_values_of_the_wrong_type_are_left_out() -> None:
    manifest = project(
        name=3, scripts={"start": ["x"], "build": "tsc"}, dependencies=[1], workspaces="packages/*"
    ).manifest

    assert manifest.name is None
    assert manifest.scripts == {"build": "tsc"}
    assert manifest.dependencies == {}
    assert manifest.workspace_patterns == ()


def test_half_a_surrogate_pair_does_not_stay() -> None:
    manifest = read_manifest(BuildContext.in_memory({"package.json": '{"name": "\\ud800"}'}))

    assert manifest is not None
    assert manifest.name == "?"


def test_a_script_has_its_line() -> None:
    manifest = project(name="start", scripts={"build": "tsc", "start": "node x"}).manifest

    assert manifest.script_evidence("start").line == 5


def test_no_manifest_is_no_project() -> None:
    assert detect(BuildContext.in_memory({"index.js": ""})) is None
    assert detect(BuildContext.in_memory({"package.json": "{}"}), "../elsewhere") is None


def test_only_what_nothing_else_names_is_development_only() -> None:
    manifest = project(
        dependencies={"a": "1"},
        devDependencies={"a": "1", "b": "1", "c": "1", "d": "1"},
        peerDependencies={"b": "1", "c": "1"},
        peerDependenciesMeta={"c": {"optional": True}},
    ).manifest

    assert manifest.development_only == {"c", "d"}
