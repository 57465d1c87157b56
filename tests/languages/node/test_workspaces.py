"""Workspace members and roots."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.glob_patterns import expand_braces, matches
from dockerslim.languages.node.project import detect

from .projects import project

MEMBERS = {f"{folder}/package.json": "{}" for folder in ("packages/a", "packages/b", "apps/web", "packages/a/test/x")}


@pytest.mark.parametrize(
    ("patterns", "members"),
    [
        (["packages/*"], ("packages/a", "packages/b")),
        (["packages/*/"], ("packages/a", "packages/b")),
        (["./apps/web"], ("apps/web",)),
        (["packages/**"], ("packages/a", "packages/a/test/x", "packages/b")),
        (["packages/**", "!**/test/**"], ("packages/a", "packages/b")),
        (["{apps,packages}/*"], ("apps/web", "packages/a", "packages/b")),
        ({"packages": ["apps/*"]}, ("apps/web",)),
        (["nothing/*"], ()),
    ],
)
def test_members(patterns: object, members: tuple[str, ...]) -> None:
    assert project(MEMBERS, workspaces=patterns).workspaces == members


def test_pnpm_names_members_in_its_own_file() -> None:
    files = {**MEMBERS, "pnpm-workspace.yaml": "packages:\n  - 'apps/*'\n"}

    assert project(files).workspaces == ("apps/web",)


def test_a_pattern_that_cannot_be_read_refuses() -> None:
    found = project(MEMBERS, workspaces=["packages/@(a|b)"])

    assert found.install_files is None
    assert "workspace pattern" in found.install_reason


def test_a_member_knows_its_root() -> None:
    root = project({**MEMBERS, "other/package.json": "{}"}, workspaces=["packages/*"])

    member, other = detect(root.context, "packages/a"), detect(root.context, "other")
    assert member is not None and member.workspace_root == ""
    assert other is not None and other.workspace_root is None
    assert root.workspace_root is None


def test_stars_do_not_multiply() -> None:
    assert not matches("/".join("a" * 200), "/".join(["**", "a"] * 100 + ["b"]))
    assert expand_braces("{a,b}" * 40) is None
