"""Where what the program writes lies in the image."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import ServiceUse, Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.split.node.running import read
from dockerslim.split.running import RunningProgram
from dockerslim.split.start import start_of
from tests.transforms.node.rewriting import manifest, rewrite

WRITE = "require('fs').writeFileSync('x', '')\n"


def running(command: str, files: dict[str, str], above: str = "", usage: Usage | None = None) -> RunningProgram:
    text = f"FROM node:20\n{above}WORKDIR /app\nCOPY . .\nCMD {command}\n"
    scripts = {"start": "cd api && node server.js", "both": "node server.js && cd api && node server.js"}
    context = BuildContext.in_memory({"package.json": manifest(scripts=scripts), **files})
    case = Case(Dockerfile.of_text(text), context, usage or Usage.none(), Catalogue.load())
    start = start_of(case, case.stage)
    assert start is not None
    found = read(case, case.stage, start)
    assert found is not None
    return found


def test_paths_count_from_the_folder_that_the_script_goes_to() -> None:
    found = running('["npm", "start"]', {"api/server.js": WRITE})

    assert found == RunningProgram(("/app/api/x",))


def test_programs_in_several_folders() -> None:
    found = running('["npm", "run", "both"]', {"server.js": "", "api/server.js": WRITE})

    assert any("several folders" in sentence for sentence in found.unknown)


def test_a_changed_work_folder_is_not_guessed() -> None:
    found = running('["node", "a.js"]', {"a.js": f"process.chdir('data')\n{WRITE}"})

    assert found.written == ()
    assert found.unknown[0] == "the program writes below a work folder that it changes (a.js:1)"


@pytest.mark.parametrize(
    ("members", "written"),
    [
        ("out_file: 'logs/o.log'", ("/app/logs/o.log",)),
        ("out_file: '/dev/null', error_file: '/dev/stderr'", ()),
        ("cwd: 'api', script: 'server.js', error_file: '/var/log/e.log'", ("/app/api/x", "/var/log/e.log")),
    ],
)
def test_the_logs_of_pm2(members: str, written: tuple[str, ...]) -> None:
    files = {
        "a.js": "",
        "api/server.js": WRITE,
        "ecosystem.config.js": f"module.exports = {{apps: [{{script: 'a.js', {members}}}]}}",
    }
    found = running('["pm2-runtime", "ecosystem.config.js"]', files)

    assert tuple(sorted(found.written)) == written
    assert found.unknown == ()


def test_the_home_of_pm2() -> None:
    found = running('["pm2-runtime", "a.js"]', {"a.js": ""}, "ENV PM2_HOME=/srv/pm2\n")

    assert found.written == ("/srv/pm2/",)


def test_a_socket() -> None:
    found = running('["node", "a.js"]', {"a.js": "require('http').createServer().listen('/var/run/a.sock')\n"})

    assert found == RunningProgram(("/var/run/a.sock",))


def test_a_variable_that_compose_sets() -> None:
    usage = Usage(services=(ServiceUse("compose.yaml", "web", 1, Path(), environment=("OUT",)),))
    found = running('["node", "a.js"]', {"a.js": "require('fs').writeFileSync(process.env.OUT || 'x')\n"}, usage=usage)

    assert found.unknown == ("`compose.yaml` sets OUT, which is a path that the program writes",)


def test_a_global_program_that_may_not_install_on_a_slim_image() -> None:
    files = {"package.json": manifest("express", scripts={"start": "gatsby serve"})}
    text = 'FROM node:20\nRUN npm install -g gatsby\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD ["npm", "start"]\n'
    got = rewrite("split-stages", text, files)

    assert got.text == text
    assert got.reasons == ("whether `gatsby` can be installed on a slim image is not known",)
