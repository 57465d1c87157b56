"""What whoever runs the image as another user should know, and folders that the COPYs make."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.runner import run
from dockerslim.images.catalogue import Catalogue
from tests.transforms.rewriting import rewrite

BASE = "FROM node:20-slim\nWORKDIR /app\n"
CMD = 'CMD ["node", "server.js"]\n'
PORT = "Docker lets every user open port {}, Kubernetes may need `net.ipv4.ip_unprivileged_port_start`"


def node(source: str, *empty: str) -> dict[str, str]:
    return {"package.json": "{}\n", "server.js": source, **dict.fromkeys(empty, "")}


def cautions(text: str, files: Mapping[str, str]) -> list[str]:
    case = Case(Dockerfile.of_text(text), BuildContext.in_memory(files), Usage.none(), Catalogue.load())
    transforms = tuple(t for t in load() if t.name == "add-user")
    return [fix.caution for step in run(case, transforms).steps for fix in step.fixes]


@pytest.mark.parametrize(
    ("lines", "source", "expected"),
    [
        ("EXPOSE 80\n", "", PORT.format(80)),
        ("EXPOSE 3000 443/tcp\n", "", PORT.format(443)),
        ("", "require('http').createServer().listen(80)\n", PORT.format(80)),
        ("EXPOSE 3000\n", "require('http').createServer().listen(3000)\n", ""),
        ("", "require('http').createServer().listen(0)\n", ""),
    ],
)
def test_ports_that_only_root_opens_elsewhere(lines: str, source: str, expected: str) -> None:
    assert cautions(f"{BASE}COPY . .\n{lines}{CMD}", node(source)) == [expected]


def test_keys_that_come_later() -> None:
    found = cautions(f"{BASE}COPY . .\nCOPY ./certs /app/certs\n{CMD}", node("", "certs/.gitkeep"))

    assert found == ["keys that are laid into `/app/certs` must be readable for 1000:1000"]


@pytest.mark.parametrize(
    ("copy", "command"),
    [
        pytest.param("COPY . .\n", "chown -R 1000:1000 uploads", id="kept by git"),
        pytest.param("COPY . .\nCOPY uploads /app/uploads/\n", "chown -R 1000:1000 uploads", id="by name"),
        pytest.param(
            "COPY . .\nRUN chmod +x server.js\n", "chown -R 1000:1000 uploads", id="owners and modes after it"
        ),
        pytest.param(
            "COPY . .\nRUN npm run build\n", "mkdir -p uploads && chown -R 1000:1000 uploads", id="a build after it"
        ),
        pytest.param("COPY *.js* ./\n", "mkdir -p uploads && chown -R 1000:1000 uploads", id="not copied"),
    ],
)
def test_a_folder_that_a_copy_makes_is_not_made_again(copy: str, command: str) -> None:
    files = node("require('fs').writeFileSync('uploads/a.txt', '')\n", "uploads/.gitkeep")
    files["package.json"] = '{"scripts": {"build": "tsc"}}\n'

    assert f"RUN {command}\nUSER" in rewrite("add-user", BASE + copy + CMD, files).text


def test_data_of_this_checkout_alone_is_no_folder_of_the_image() -> None:
    files = node("require('fs').writeFileSync('uploads/a.txt', '')\n", "uploads/b.txt")

    assert "mkdir -p uploads" in rewrite("add-user", f"{BASE}COPY . .\n{CMD}", files).text
