"""Programs of a folder below the work folder, and of a member of a workspace."""

from __future__ import annotations

import json

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.languages.node import detect, resolve_command
from dockerslim.languages.node.pruning import can_prune
from dockerslim.split.node.running import read
from dockerslim.split.running import RunningProgram
from dockerslim.split.start import start_of
from tests.transforms.node.rewriting import manifest, rewrite

SERVER = "const fs = require('fs');\nrequire('express')().listen(3000);\nfs.writeFileSync('state.json', '')\n"
FILES = {
    "client/package.json": manifest("vue", scripts={"start": "vite"}),
    "server/package.json": manifest("express", scripts={"start": "node index.js"}),
    "server/index.js": SERVER,
}
BUILD = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN cd client && npm install\nRUN cd server && npm install\n"


def running(command: str, files: dict[str, str], build: str = BUILD) -> RunningProgram | None:
    context = BuildContext.in_memory(files)
    case = Case(Dockerfile.of_text(f"{build}CMD {command}\n"), context, Usage.none(), Catalogue.load())
    start = start_of(case, case.stage)
    assert start is not None
    return read(case, case.stage, start)


@pytest.mark.parametrize(
    ("command", "written"),
    [
        ('["npm", "start", "--prefix", "server"]', "/app/server/state.json"),
        ('["npm", "--prefix", "./server", "run", "start"]', "/app/server/state.json"),
        ('["yarn", "--cwd", "server", "start"]', "/app/server/state.json"),
        ("cd server && npm start", "/app/server/state.json"),
        ("cd server && node index.js", "/app/server/state.json"),
        ('["node", "server/index.js"]', "/app/state.json"),
        ('["node", "/app/server/index.js"]', "/app/state.json"),
    ],
)
def test_the_program_of_a_folder_is_known(command: str, written: str) -> None:
    program = running(command, FILES)

    assert program is not None
    assert program.written == (written,)
    assert program.unknown == ()


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ('["node", "server/index.js"]', {"server/index.js": SERVER}),
        ('["node", "server/index.js"]', {**FILES, "server/index.js": "require(name)"}),
        ("cd client && ls && cd ../server && npm start", FILES),
        ('["npm", "start", "--prefix", "/srv/server"]', FILES),
        ('["npm", "start", "--prefix", "missing"]', FILES),
    ],
)
def test_what_stays_unknown(command: str, files: dict[str, str]) -> None:
    program = running(command, files)

    assert program is None or program.unknown


@pytest.mark.parametrize("command", ['["npm", "start", "--prefix", "server"]', '["node", "server/index.js"]'])
def test_a_split_is_refused_for_the_true_reason(command: str) -> None:
    found = rewrite("split-stages", f"{BUILD}CMD {command}\n", FILES)

    assert found.reasons == ("the program's package.json lies in `/app/server`, not in the work folder",)


def test_a_package_json_of_the_work_folder_comes_first() -> None:
    files = {**FILES, "package.json": manifest("express", scripts={"start": "node server/index.js"})}
    program = running('["npm", "start"]', files)

    assert program is not None
    assert program.written == ("/app/state.json",)


def test_the_root_folder_as_work_folder_comes_to_an_end() -> None:
    program = running('["node", "missing/index.js"]', FILES, BUILD.replace("WORKDIR /app\n", ""))

    assert program is None or program.written == ()


# --- members of a workspace

MEMBERS = {
    "package.json": json.dumps({"private": True, "workspaces": ["packages/*"]}),
    "packages/web/package.json": manifest("next", name="web", scripts={"start": "next start"}),
    "packages/web/pages/index.js": "export default () => null\n",
    "packages/api/package.json": manifest("express", name="api", scripts={"start": "node a.js"}),
    "packages/api/a.js": "require('express')()\n",
}
INSTALL = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build -w web\n"


def test_the_server_of_a_member_writes_in_its_folder() -> None:
    program = running('["npm", "start", "-w", "web"]', MEMBERS, INSTALL)

    assert program is not None
    assert program.written == ("/app/packages/web/.next/cache/", "/app/packages/web/.next/server/")
    assert program.unknown == ()


def test_what_the_server_of_a_member_loads_is_read() -> None:
    page = "import fs from 'fs';\nexport default () => fs.mkdirSync(process.env.FOLDER)\n"
    program = running('["npm", "start", "-w", "web"]', {**MEMBERS, "packages/web/pages/index.js": page}, INSTALL)

    assert program is not None
    assert program.unknown == ("a path that the program writes is computed (packages/web/pages/index.js:2)",)


def test_servers_of_several_members() -> None:
    program = running("npm start -w web & npm start -w api", MEMBERS, INSTALL)

    assert program is not None
    assert "the command starts programs in several folders, and `next` writes in its own" in program.unknown


def test_why_a_member_is_not_pruned() -> None:
    project = detect(BuildContext.in_memory(MEMBERS))
    assert project is not None
    command = resolve_command(project, ("npm", "start", "-w", "web"))

    assert can_prune(project, command) == (
        False,
        "what `next` of the workspace's member `packages/web` loads is not known",
    )
