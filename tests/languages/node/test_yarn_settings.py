"""Where Yarn 2 and later keeps the packages."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.yarn_settings import Linker, brings_yarn, yarn_linker
from tests.languages.node.projects import project


@pytest.mark.parametrize(
    ("settings", "manager", "linker"),
    [
        ("nodeLinker: node-modules\n", "yarn@4.1.0", "node_modules"),
        ('nodeLinker: "node-modules"\n', "yarn@3.0.0", "node_modules"),
        ("", "yarn@4.1.0", "home"),
        ("enableGlobalCache: false\n", "yarn@4.1.0", "project"),
        ("enableGlobalCache: true\n", "yarn@3.6.0", "home"),
        ("", "yarn@3.6.0", "project"),
        ("yarnPath: .yarn/releases/yarn-3.6.4.cjs\n", None, "project"),
        ("yarnPath: .yarn/releases/yarn-4.0.0.cjs\n", None, "home"),
        ("", None, "home"),
        ("nodeLinker: pnpm\n", "yarn@3.6.0", "home"),
        ("cacheFolder: ../cache\n", "yarn@3.6.0", "home"),
    ],
)
def test_the_linker(settings: str, manager: str | None, linker: Linker) -> None:
    found = project({".yarnrc.yml": settings}, **({"packageManager": manager} if manager else {}))

    assert yarn_linker(found.context, found.folder, found.manifest) == linker


def test_the_project_brings_its_yarn() -> None:
    settings = {".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.0.0.cjs\n"}

    assert brings_yarn(project({**settings, ".yarn/releases/yarn-4.0.0.cjs": ""}).context, "")
    assert not brings_yarn(project(settings).context, "")
    assert not brings_yarn(project({".yarnrc.yml": "yarnPath: /usr/lib/yarn.js\n"}).context, "")
