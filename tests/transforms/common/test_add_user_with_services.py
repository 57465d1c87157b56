"""add-user where compose services start other programs in the image than its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerslim.context.usage import Mount, ServiceUse, Usage
from tests.transforms.rewriting import Rewritten, rewrite

PYTHON = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\n"
NODE = "FROM node:22-slim\nWORKDIR /app\nCOPY . .\n"
GO = (
    "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\n"
    "RUN go build -o /web ./cmd/web && go build -o /job ./cmd/job\n\n"
    "FROM alpine:3.20\nWORKDIR /app\nCOPY --from=build /web /job /usr/local/bin/\n"
)
WEB = 'CMD ["python", "web.py"]\n'
WRITES = "import json\nwith open('state.json', 'w') as f:\n    json.dump({}, f)\n"
SCRIPTS = {
    "web.py": "print('x')\n",
    "state.py": WRITES,
    "data.py": "open('/data/x.json', 'w')\n",
    "own.py": "open('own.txt', 'w')\n",
    "computed.py": "import sys\nopen(sys.argv[1], 'w')\n",
}
CELERY = {"proj/__init__.py": "", "proj/celery.py": "from celery import Celery\napp = Celery('proj')\n"}
SERVERS = {
    "package.json": '{"scripts": {"start": "node web.js", "job": "node job.js"}}',
    "web.js": "require('http').createServer().listen(80)\n",
    "job.js": "require('fs').writeFileSync('state.json', '{}')\nsetInterval(() => 0, 1000)\n",
}
BINARIES = {
    "go.mod": "module m\n\ngo 1.23\n",
    "cmd/web/main.go": "package main\n\nfunc main() {}\n",
    "cmd/job/main.go": 'package main\n\nimport "os"\n\nfunc main() { os.WriteFile("state.json", nil, 0o644) }\n',
}


def add_user(text: str, files: dict[str, str], *services: dict[str, Any]) -> Rewritten:
    named = (ServiceUse("compose.yml", f"{said.pop('name', 'job')}", 1, Path(), **said) for said in map(dict, services))
    return rewrite("add-user", text, files, usage=Usage(services=tuple(named)))


def lines(got: Rewritten) -> tuple[str, ...]:
    """What stands between the copied files and the command, if the USER is added without asking."""
    assert got.reasons == ()
    assert got.risks == ()
    return tuple(line for line in got.text.split("\n") if line.startswith(("RUN chown", "RUN mkdir", "USER")))


@pytest.mark.parametrize(
    ("text", "files", "command"),
    [
        (PYTHON + WEB, SCRIPTS, "python state.py"),
        (PYTHON + WEB, SCRIPTS, ("python", "-u", "/app/state.py")),
        (PYTHON + WEB, SCRIPTS, "sh -c 'sleep 5 && python state.py'"),
        (PYTHON + WEB, SCRIPTS, "sleep 5 && python state.py"),
        (PYTHON + 'ENTRYPOINT ["python"]\nCMD ["web.py"]\n', SCRIPTS, "state.py"),
        (PYTHON + 'ENTRYPOINT ["python", "-u"]\nCMD ["web.py"]\n', SCRIPTS, ("state.py",)),
        (
            PYTHON + 'ENTRYPOINT ["./entry.sh"]\nCMD ["python", "web.py"]\n',
            {**SCRIPTS, "entry.sh": '#!/bin/sh\nset -e\nexec "$@"\n'},
            "python state.py",
        ),
        (PYTHON + 'CMD ["celery", "-A", "proj", "worker"]\n', CELERY, "celery -A proj beat -l info"),
        (PYTHON + "CMD celery -A proj worker\n", CELERY, "celery -A proj worker -B"),
    ],
)
def test_what_another_service_writes_is_given_too(text: str, files: dict[str, str], command: Any) -> None:
    assert lines(add_user(text, files, {"command": command})) == ("RUN chown 1000:1000 .", "USER 1000:1000")


def test_in_node() -> None:
    assert lines(add_user(NODE + 'CMD ["node", "web.js"]\n', SERVERS, {"command": "node job.js"})) == (
        "RUN chown 1000:1000 .",
        "USER 1000:1000",
    )
    assert lines(add_user(NODE + 'CMD ["npm", "start"]\n', SERVERS, {"command": "npm run job"})) == (
        "RUN chown 1000:1000 .",
        "USER 1000:1000",
    )


def test_in_go() -> None:
    assert lines(add_user(GO + 'CMD ["web"]\n', BINARIES, {"command": "job"})) == (
        "RUN chown 1000:1000 .",
        "USER 1000:1000",
    )
    assert lines(add_user(GO + 'CMD ["web"]\n', BINARIES, {"command": "web -v"})) == ("USER 1000:1000",)


def test_what_all_services_write_together() -> None:
    got = add_user(
        PYTHON + 'CMD ["python", "own.py"]\n', SCRIPTS, {"command": "python state.py"}, {"command": "python data.py"}
    )

    gift = "RUN mkdir -p /data && chown -R 1000:1000 /data && chown 1000:1000 ."
    assert lines(got) == (gift, "USER 1000:1000")


@pytest.mark.parametrize(
    "command", [None, "python web.py", ("python", "web.py"), "python web.py --port 80 -v", "sh -c 'exec python web.py'"]
)
def test_services_of_the_same_program(command: Any) -> None:
    assert lines(add_user(PYTHON + WEB, SCRIPTS, {"command": command})) == ("USER 1000:1000",)


@pytest.mark.parametrize(
    "said",
    [{"user": "1000"}, {"target": "tools"}],
)
def test_services_whose_files_are_not_the_images(said: dict[str, Any]) -> None:
    assert lines(add_user(PYTHON + WEB, SCRIPTS, {"command": "python state.py", **said})) == ("USER 1000:1000",)


def test_options_for_the_entrypoint_of_a_shell_change_nothing() -> None:
    got = add_user(PYTHON + "ENTRYPOINT python web.py\n", SCRIPTS, {"command": "python state.py"})

    assert lines(got) == ("USER 1000:1000",)


@pytest.mark.parametrize(
    ("said", "risk"),
    [
        (
            {"command": "python computed.py x"},
            "service `job` of `compose.yml`: a path that the program writes is computed (computed.py:2)",
        ),
        (
            {"command": "tests"},
            "service `job` of `compose.yml`: what `tests` writes is not known",
        ),
        (
            {"command": "sh -c 'chown -R app /data && python web.py'"},
            "service `job` of `compose.yml`: `chown` needs root when the container starts",
        ),
        (
            {"command": ("sh", "-c", "python web.py > /var/log/web.txt")},
            "service `job` of `compose.yml`: the command writes a file (`> /var/log/web.txt`)",
        ),
        (
            {"command": "python state.py", "working_dir": "/srv"},
            "service `job` of `compose.yml`: it works in `/srv`, and what it writes there is not known",
        ),
        (
            {"command": "nothing state.py", "target": "tools"},
            "service `job` of `compose.yml`: what `nothing` writes is not known",
        ),
    ],
)
def test_what_is_not_known_of_a_service(said: dict[str, Any], risk: str) -> None:
    got = add_user(PYTHON + WEB, SCRIPTS, said)

    assert (got.text, got.risks) == (PYTHON + WEB, (risk,))


def test_a_folder_of_the_host_that_another_services_program_writes() -> None:
    mount = Mount("./data", "/data", "bind", 3)
    usage = Usage(
        services=(
            ServiceUse("compose.yml", "job", 1, Path(), command="python data.py"),
            ServiceUse("compose.production.yml", "job", 1, Path(), volumes=(mount,)),
        ),
        root=Path("/nowhere"),
    )

    got = rewrite("add-user", PYTHON + WEB, SCRIPTS, usage=usage)

    assert got.risks == ("`compose.production.yml` mounts `./data`, whose files may be root's",)


def test_a_development_server_of_node_builds_beside_the_source() -> None:
    files = {**SERVERS, "package.json": '{"dependencies": {"next": "15.0.0"}}'}

    got = add_user(NODE + 'CMD ["node", "web.js"]\n', files, {"command": "next dev"})

    assert len(got.risks) == 1
    assert got.risks[0].startswith("service `job` of `compose.yml`: ")
