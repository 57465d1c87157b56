"""A front end below the server: its packages stay in the build stage."""

from __future__ import annotations

import pytest

from tests.transforms.node.rewriting import manifest, rewrite

SERVER = "const path = require('path')\nrequire('express').static(path.join(__dirname, 'client/build'))\n"
FILES = {
    "package.json": manifest("express"),
    "server.js": SERVER,
    "client/package.json": manifest("react", "react-scripts", scripts={"build": "react-scripts build"}),
    "client/src/index.js": "import 'react'\n",
}
BUILD = "cd client && npm install && npm run build"


def split(run: str = BUILD, files: dict[str, str] | None = None) -> str:
    text = f'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN {run}\nCMD ["node", "server.js"]\n'
    return rewrite("split-stages", text, {**FILES, **(files or {})}).text


@pytest.mark.parametrize("run", [BUILD, "npm install --prefix client && npm run build --prefix client"])
def test_its_packages_are_taken_out(run: str) -> None:
    assert f"RUN {run}\nRUN rm -rf client/node_modules\n\nFROM node:20-slim\n" in split(run)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"server.js": SERVER + "require('./client/src/index')\n"}, id="the server loads a file of it"),
        pytest.param({"server.js": SERVER + "require(process.argv[2])\n"}, id="the server may load anything"),
        pytest.param({"server.js": SERVER + "require('fs').readFileSync(x())\n"}, id="the server may read anything"),
        pytest.param(
            {"server.js": SERVER + "require('express').static('client/node_modules/react')\n"}, id="they are served"
        ),
        pytest.param({"package.json": manifest("express", workspaces=["client"])}, id="a member of the workspace"),
    ],
)
def test_they_may_be_needed(files: dict[str, str]) -> None:
    assert "rm -rf" not in split(files=files)
