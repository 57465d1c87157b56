"""What a Node program does at run time, as `add-user` asks."""

from __future__ import annotations

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.split.node.running import read
from dockerslim.split.running import RunningProgram
from dockerslim.split.start import start_of
from tests.transforms.node.rewriting import manifest

PLAIN = {"package.json": manifest("express", scripts={"start": "node server.js"}), "server.js": ""}
TAIL = 'CMD ["npm", "start"]\n'


def running(text: str, files: dict[str, str] | None = None, *, has_manifest: bool = True) -> RunningProgram | None:
    context = BuildContext.in_memory({**(PLAIN if has_manifest else {}), **(files or {})})
    case = Case(Dockerfile.of_text(text), context, Usage.none(), Catalogue.load())
    start = start_of(case, case.stage)
    assert start is not None
    return read(case, case.stage, start)


def test_writes_nothing() -> None:
    assert running(f"FROM node:20\nWORKDIR /app\nCOPY . .\n{TAIL}") == RunningProgram()


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("require('fs').writeFileSync('out.txt', '')", ("/app/out.txt",)),
        ("require('fs').writeFileSync(__dirname + '/data/x.json', '')", ("/app/data/x.json",)),
        ("require('fs').writeFileSync('/var/data/x', '')", ("/var/data/x",)),
        (
            "const fs = require('fs')\nfs.mkdirSync('logs')\nfs.appendFileSync('logs/a.log', '')",
            ("/app/logs/", "/app/logs/a.log"),
        ),
    ],
)
def test_written_paths_are_those_of_the_image(source: str, written: tuple[str, ...]) -> None:
    found = running(f"FROM node:20\nWORKDIR /app\nCOPY . .\n{TAIL}", {"server.js": source + "\n"})

    assert found is not None
    assert found.written == written
    assert found.unknown == ()


def test_a_project_in_a_folder_of_the_context() -> None:
    files = {
        "web/package.json": manifest(),
        "web/a.js": "require('fs').writeFileSync(__dirname + '/x', '')\n",
    }

    found = running('FROM node:20\nWORKDIR /srv/web\nCOPY web .\nCMD ["node", "/srv/web/a.js"]\n', files)

    assert found is not None
    assert found.written == ("/srv/web/x",)


def test_files_that_come_by_way_of_another_stage() -> None:
    text = (
        "FROM node:20 AS build\nWORKDIR /src\nCOPY . .\nRUN npm ci\n\n"
        f"FROM node:20-slim\nWORKDIR /app\nCOPY --from=build /src ./\n{TAIL}"
    )

    assert running(text, {"server.js": "require('fs').writeFileSync('x', '')\n"}) == RunningProgram(("/app/x",))


def test_a_development_server_is_named() -> None:
    found = running('FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["npx", "nodemon", "server.js"]\n')

    assert found is not None
    assert found.development_tool == "nodemon"


@pytest.mark.parametrize(
    ("command", "source", "sign"),
    [
        (TAIL, "require('fs').writeFileSync(process.argv[2], '')\n", "is computed (server.js:1)"),
        (TAIL, "require(process.argv[2])\n", "part of what the program loads is not known"),
        (TAIL, "require('child_process').spawn('convert')\n", "runs `convert`"),
        ("CMD npm run build && npm start\n", "", "it builds when it starts (package.json"),
        ("CMD npm install && npm start\n", "", "it builds when it starts (npm install)"),
        ('CMD ["npm", "run", "nothing"]\n', "", "there is no script `nothing`"),
        ("RUN corepack enable\n" + 'CMD ["pnpm", "start"]\n', "", "corepack"),
    ],
)
def test_what_is_not_known(command: str, source: str, sign: str) -> None:
    scripts = {"start": "node server.js", "build": "tsc"}
    files = {"package.json": manifest(dev=("typescript",), scripts=scripts), "server.js": source}

    found = running(f"FROM node:20\nWORKDIR /app\nCOPY . .\n{command}", files)

    assert found is not None
    assert any(sign in sentence for sentence in found.unknown), found.unknown


def test_no_project_in_the_work_folder() -> None:
    assert running(f"FROM node:20\nWORKDIR /srv\nCOPY . /app\n{TAIL}") is None


def test_a_file_without_a_package_json() -> None:
    text = 'FROM node:20\nWORKDIR /srv\nCOPY lib/server.js .\nCMD ["node", "server.js"]\n'
    writes = running(text, {"lib/server.js": "require('fs').writeFileSync('x.log', '')\n"}, has_manifest=False)
    loads = running(text, {"lib/server.js": "require('pg')\n"}, has_manifest=False)

    assert writes is not None
    assert (writes.written, writes.unknown) == (("/srv/x.log",), ())
    assert loads is not None
    assert loads.unknown == ("nothing installs `pg`, which the program loads",)


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ('["serve", "."]', ()),
        ('["pm2-runtime", "server.js"]', ()),
        ('["tsx", "server.js"]', ()),
        ('["json-server", "db.json"]', ("what `json-server` writes is not known",)),
    ],
)
def test_what_a_global_program_writes(command: str, unknown: tuple[str, ...]) -> None:
    found = running(f"FROM node:20\nWORKDIR /srv\nCOPY . .\nCMD {command}\n", {"server.js": ""}, has_manifest=False)

    assert found is not None
    assert found.unknown == unknown


@pytest.mark.parametrize(
    "command",
    [
        "npm start",
        "node -r dotenv/config server.js",
        "node -e 1",
        "node",
        "node .",
        "node ../server.js",
        "node other.js",
        "./server.js",
    ],
)
def test_what_needs_a_package_json_or_is_not_there(command: str) -> None:
    text = f"FROM node:20\nWORKDIR /srv/a\nCOPY lib/server.js .\nCMD {command}\n"

    assert running(text, {"server.js": "", "lib/server.js": ""}, has_manifest=False) is None


def test_a_path_that_a_variable_replaces() -> None:
    source = "require('fs').writeFileSync(process.env.LOG_FILE || 'x.log', '')\n"

    found = running(f"FROM node:20\nENV LOG_FILE=/logs/y.log\nWORKDIR /app\nCOPY . .\n{TAIL}", {"server.js": source})

    assert found is not None
    assert found.written == ("/logs/y.log",)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        (f"FROM node:20\nWORKDIR /app\nCOPY . .\n{TAIL}", ("nothing installs `express`, which the program loads",)),
        (f"FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n{TAIL}", ()),
    ],
)
def test_packages_that_nothing_installs(text: str, unknown: tuple[str, ...]) -> None:
    found = running(text, {"server.js": "require('express')\n"})

    assert found is not None
    assert found.unknown == unknown


@pytest.mark.parametrize(
    ("steps", "written", "unknown"),
    [
        ("mkdir -p logs /var/run/a", ("/app/logs/", "/var/run/a/"), ()),
        ("touch ready", ("/app/ready",), ()),
        ("mkdir $PLACE", (), ("the command changes files (`mkdir $PLACE`)",)),
        ("rm -f node_modules/x/*.json", (), ("the command changes files (`rm -f node_modules/x/*.json`)",)),
        ("cp a.env .env", (), ("the command changes files (`cp a.env .env`)",)),
        ("chmod +x server.js", (), ("the command changes files (`chmod +x server.js`)",)),
        ("echo starting", (), ()),
    ],
)
def test_what_the_start_changes_before_the_server(
    steps: str, written: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    found = running(f"FROM node:20\nWORKDIR /app\nCOPY . .\nCMD {steps} && node server.js\n")

    assert found is not None
    assert (found.written, found.unknown) == (written, unknown)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("process.setuid('node')", "`process.setuid` may need root (server.js)"),
        ("if (process.getuid() === 0) process.initgroups('a', 'b')", "`process.initgroups` may need root (server.js)"),
        ("require('dockerode')", "`dockerode` may need root"),
    ],
)
def test_what_only_root_may_do(source: str, text: str) -> None:
    files = {"package.json": manifest("dockerode", scripts={"start": "node server.js"}), "server.js": source + "\n"}

    found = running(f"FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n{TAIL}", files)

    assert found is not None
    assert text in found.unknown


def test_a_file_that_only_root_can_read() -> None:
    source = "require('fs').readFileSync('/root/.netrc')\n"

    found = running(f"FROM node:20\nWORKDIR /app\nCOPY . .\n{TAIL}", {"server.js": source})

    assert found is not None
    assert found.needs_root == "the program reads `/root/.netrc`, which only root can"
