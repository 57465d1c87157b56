"""What the programs that compose services start need of the system is in the runtime stage too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerslim.context.usage import ServiceUse, Usage
from tests.transforms.node.rewriting import Rewritten, lock, manifest, rewrite

FILES = {
    "package.json": manifest("express", scripts={"start": "node server.js", "job": "node job.js"}),
    "package-lock.json": lock("express"),
    "server.js": "require('express')().listen(3000)\n",
    "job.js": "require('child_process').spawn('git', ['clone', 'https://example.com/x'])\n",
    "read.js": "require('fs').readFileSync('/etc/ssl/certs/ca-certificates.crt')\n",
    "computed.js": "require('child_process').spawn(process.argv[2])\n",
    "idle.js": "setInterval(() => 0, 1000)\n",
}
HEAD = "FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n"
CMD = 'CMD ["node", "server.js"]\n'


def split(end: str, **said: Any) -> Rewritten:
    usage = Usage(services=(ServiceUse("compose.yml", "job", 1, Path(), **said),))
    return rewrite("split-stages", HEAD + end, FILES, usage=usage)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (CMD, {"command": "node job.js"}),
        (CMD, {"command": ("npm", "run", "job")}),
        (CMD, {"command": "sh -c 'node idle.js && node job.js'"}),
        (CMD, {"entrypoint": ("node",), "command": ("job.js",)}),
        ('ENTRYPOINT ["node"]\nCMD ["server.js"]\n', {"command": "job.js"}),
    ],
)
def test_programs_that_another_service_runs(end: str, said: dict[str, Any]) -> None:
    assert "    git ca-certificates \\\n" in split(end, **said).text


def test_files_that_another_service_reads() -> None:
    assert "    ca-certificates \\\n" in split(CMD, command="node read.js").text


@pytest.mark.parametrize("command", ["node idle.js", "node server.js", "npm start", None])
def test_services_that_need_nothing(command: str | None) -> None:
    got = split(CMD, command=command)

    assert "FROM node:20-slim\n" in got.text
    assert "apt-get" not in got.text


@pytest.mark.parametrize(
    "call",
    [
        "spawn('/usr/bin/env', ['git', 'log'])",
        "execFile('nice', ['-n', '5', 'git', x])",
        "exec('timeout 30 git log')",
        "spawn('env', ['-i', 'A=1', 'timeout', '30', 'git'])",
    ],
)
def test_a_program_behind_another(call: str) -> None:
    files = {**FILES, "server.js": f"require('child_process').{call}\n"}

    assert "    git ca-certificates \\\n" in rewrite("split-stages", HEAD + CMD, files).text


def test_a_program_behind_another_that_is_computed() -> None:
    files = {**FILES, "server.js": "require('child_process').spawn('env', words)\n"}

    assert rewrite("split-stages", HEAD + CMD, files).reasons == (
        "the program runs another one that is computed (server.js:1)",
    )


def test_a_program_that_is_computed() -> None:
    got = split(CMD, command="node computed.js x")

    assert got.text == HEAD + CMD
    assert got.reasons == ("the program runs another one that is computed (computed.js:1)",)
