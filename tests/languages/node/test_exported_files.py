"""What a member of the workspace gives to the others."""

from __future__ import annotations

import json

import pytest

from dockerslim.languages.node import runtime_loads
from dockerslim.languages.node.exported_files import exported_file
from tests.languages.node.projects import project


@pytest.mark.parametrize(
    ("manifest", "subpath", "file"),
    [
        ({}, "", "index.js"),
        ({"main": "dist/a.js"}, "", "dist/a.js"),
        ({}, "lib/b", "lib/b"),
        ({"exports": "./a.js"}, "", "./a.js"),
        ({"exports": "./a.js"}, "b", None),
        ({"exports": {".": "./a.js", "./b": "./c.js"}}, "b", "./c.js"),
        ({"exports": {".": {"types": "./a.d.ts", "import": "./a.mjs"}}}, "", "./a.mjs"),
        ({"exports": {".": {"import": {"types": "./a.d.ts", "default": "./a.mjs"}}}}, "", "./a.mjs"),
        ({"exports": {"./*": "./src/*.js"}}, "x/y", "./src/x/y.js"),
        ({"exports": {"import": "./a.mjs"}}, "", "./a.mjs"),
        ({"exports": {"types": "./a.d.ts"}}, "", None),
        ({"exports": 5}, "", None),
    ],
)
def test_the_file(manifest: dict[str, object], subpath: str, file: str | None) -> None:
    found = project(None, **manifest)

    assert exported_file(found.context, found.manifest, subpath) == file


def member(**manifest: object) -> dict[str, str]:
    return {
        "packages/api/package.json": json.dumps({"name": "api"}),
        "packages/api/server.js": "require('@x/shared')\n",
        "packages/shared/package.json": json.dumps({"name": "@x/shared", **manifest}),
        "packages/shared/src/index.ts": "import './more'\nimport 'ms'\n",
        "packages/shared/src/more.ts": "import fs from 'fs'\nfs.writeFileSync('hits.txt', '1')\n",
        "packages/shared/tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    }


def test_the_sources_of_a_member_are_followed() -> None:
    files = member(main="dist/index.js", scripts={"build": "tsc"}, dependencies={"ms": "2"})
    found = runtime_loads(project(files, workspaces=["packages/*"]), ["packages/api/server.js"])

    assert found.complete, found.unresolved
    assert "packages/shared/src/more.ts" in found.files
    assert "ms" in found.packages
    assert [use.path for use in found.writes] == ["hits.txt"]


def test_a_member_that_gives_nothing_is_not_known() -> None:
    found = runtime_loads(project(member(exports={}), workspaces=["packages/*"]), ["packages/api/server.js"])

    assert not found.complete
