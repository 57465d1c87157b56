"""What the programs that compose services start need of the system is in the runtime stage too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerslim.context.usage import ServiceUse, Usage
from tests.transforms.python.rewriting import Rewritten, rewrite
from tests.transforms.python.splitting import APP, CMD, INSTALL, VENV, apt

FILES = {
    **APP,
    "git.py": "import subprocess\nsubprocess.run(['git', 'clone', 'x'])\n",
    "work/__init__.py": "",
    "work/tasks.py": "import subprocess\nfrom celery import Celery\napp = Celery('t')\n\n@app.task\ndef run():\n"
    "    subprocess.run(['convert', 'a', 'b'])\n",
    "library.py": "import ctypes\nctypes.CDLL('libusb-1.0.so.0')\n",
    "font.py": "open('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf')\n",
    "path.py": "import subprocess\nsubprocess.run(['/usr/local/bin/python', 'app.py'])\n",
    "computed.py": "import subprocess, sys\nsubprocess.run([sys.argv[1]])\n",
    "idle.py": "import time\ntime.sleep(9)\n",
    "job.sh": "#!/bin/sh\nset -e\npython git.py\ncurl x\n",
}
FULL = f"FROM python:3.12\n{INSTALL}"


def split(end: str = CMD, **said: Any) -> Rewritten:
    usage = Usage(services=(ServiceUse("compose.yml", "job", 1, Path(), **said),))
    return rewrite("split-stages", FULL + end, FILES, usage=usage)


@pytest.mark.parametrize(
    ("end", "said", "packages"),
    [
        (CMD, {"command": "python git.py"}, ("git",)),
        (CMD, {"command": ("python", "/app/git.py")}, ("git",)),
        (CMD, {"command": "celery -A work.tasks worker -l info"}, ("imagemagick",)),
        (CMD, {"command": "sh -c 'python idle.py && python git.py'"}, ("git",)),
        (CMD, {"command": "./job.sh"}, ("curl", "git")),
        (CMD, {"entrypoint": "python git.py"}, ("git",)),
        ('ENTRYPOINT ["python"]\nCMD ["app.py"]\n', {"command": "git.py"}, ("git",)),
        (CMD, {"command": "python font.py"}, ("fonts-dejavu-core",)),
    ],
)
def test_what_another_service_needs(end: str, said: dict[str, Any], packages: tuple[str, ...]) -> None:
    assert apt(*packages) in split(end, **said).text


@pytest.mark.parametrize("command", [None, "python app.py", "python app.py -v", "python idle.py", "sleep infinity"])
def test_services_that_need_nothing(command: str | None) -> None:
    got = split(command=command)

    assert "FROM python:3.12-slim\n" in got.text
    assert "apt-get" not in got.text


def test_a_service_of_another_target() -> None:
    assert "apt-get" not in split(command="python git.py", target="tools").text


def test_a_service_whose_program_begins_nobody_knows_where() -> None:
    """`seldom-seen work` may load any module, so that all of the source is looked at."""
    reason = "path.py:2 names `/usr/local/bin/python`, which lies outside a virtual environment"

    assert split(command="seldom-seen work").reasons == (reason,)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("python library.py", "the program loads `libusb-1.0.so.0`, which the slim image does not have"),
        ("python computed.py x", "the program runs another one that is computed (computed.py:2)"),
        ("python path.py", "path.py:2 names `/usr/local/bin/python`, which lies outside a virtual environment"),
    ],
)
def test_refuses(command: str, reason: str) -> None:
    got = split(command=command)

    assert (got.text, got.reasons) == (FULL + CMD, (reason,))


@pytest.mark.parametrize(
    "call",
    [
        "run(['/usr/bin/env', 'git', 'log'])",
        "run(['env', '-i', 'A=1', 'nice', '-n', '5', 'git', x])",
        "check_call('timeout 30 git log', shell=True)",
        "run(['timeout', str(x), 'git'])",
    ],
)
def test_a_program_behind_another(call: str) -> None:
    files = {**APP, "app.py": f"import subprocess\nsubprocess.{call}\n"}

    assert apt("git") in rewrite("split-stages", FULL + CMD, files).text


def test_a_program_behind_another_that_is_computed() -> None:
    files = {**APP, "app.py": "import subprocess, sys\nsubprocess.run(['env', sys.argv[1]])\n"}

    reason = "the program runs another one that is computed (app.py:2)"
    assert rewrite("split-stages", FULL + CMD, files).reasons == (reason,)


def test_the_last_stage_of_several() -> None:
    text = (
        f"FROM python:3.12 AS build\nWORKDIR /app\n{VENV}COPY requirements.txt ./\n"
        "RUN pip install -r requirements.txt\n\n"
        "FROM python:3.12\nWORKDIR /app\nCOPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
        f"COPY . .\n{CMD}"
    )
    usage = Usage(services=(ServiceUse("compose.yml", "job", 1, Path(), command="python git.py"),))

    assert apt("git") in rewrite("replace-runtime-image", text, FILES, usage=usage).text
