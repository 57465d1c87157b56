"""A static site on nginx, where somebody asks for it."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from tests.transforms.node.rewriting import Rewritten, manifest, rewrite

FILES = {
    "package.json": manifest(dev=("vite",), scripts={"build": "vite build", "preview": "vite preview --port 5000"})
}
BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm install && npm run build\n\n"
RUNTIME = "FROM node:22-slim\nWORKDIR /app\nCOPY --from=build /app ./\n"
REFUSED = "the image does more than serve one folder of files"


def nginx(runtime: str, runtime_option: str = "nginx", files: dict[str, str] | None = None) -> Rewritten:
    return rewrite("use-nginx", BUILD + runtime, files or FILES, options=Options(runtime=runtime_option))


@pytest.mark.parametrize(
    ("command", "folder", "port", "fallback"),
    [
        ('["serve", "-s", "dist"]', "dist", 3000, "/index.html"),
        ('["serve", "-s", "dist", "-l", "80"]', "dist", 80, "/index.html"),
        ('["serve", "-l", "tcp://0.0.0.0:4000", "build/web"]', "build/web", 4000, "$uri.html =404"),
        ('["npx", "http-server", "dist", "-p", "8081"]', "dist", 8081, "=404"),
        ('["npx", "http-server", "./dist/"]', "dist", 8080, "=404"),
        ('["npx", "vite", "preview", "--host", "0.0.0.0"]', "dist", 4173, "/index.html"),
        ('["npm", "run", "preview"]', "dist", 5000, "/index.html"),
    ],
)
def test_keeps_port_and_fallback(command: str, folder: str, port: int, fallback: str) -> None:
    got = nginx(f"{RUNTIME}CMD {command}\n")

    assert got.text.startswith(BUILD + "FROM nginxinc/nginx-unprivileged:stable-alpine\n")
    assert f"COPY --from=build /app/{folder} /usr/share/nginx/html\n" in got.text
    assert f"    listen {port};\n" in got.text
    assert f"{fallback};\n" in got.text
    assert "CMD" not in got.text


def test_what_says_something_of_the_image_stays() -> None:
    got = nginx(RUNTIME + 'LABEL a=b\n# the page\nEXPOSE 3000\nCMD ["serve", "-s", "dist"]\n')

    assert got.text.endswith("EOF\nLABEL a=b\nEXPOSE 3000\n")


def test_the_end_of_a_file_without_a_newline() -> None:
    assert nginx(RUNTIME + 'EXPOSE 3000\nCMD ["serve", "-s", "dist"]').text.endswith("EXPOSE 3000")


def test_windows_lines() -> None:
    text = (BUILD + RUNTIME + 'CMD ["serve", "-s", "dist"]\n').replace("\n", "\r\n")
    got = rewrite("use-nginx", text, FILES, options=Options(runtime="nginx"))

    assert "FROM nginxinc/" in got.text
    assert "\n" not in got.text.replace("\r\n", "")


@pytest.mark.parametrize(
    "command",
    [
        '["node", "server.js"]',
        '["serve", "-s", "dist", "--config", "serve.json"]',
        '["serve", "-s", "dist", "other"]',
        '["serve", "-s", "dist", "-l", "unix:/x"]',
        '["npx", "http-server", "dist", "--proxy", "http://api"]',
        '["serve", "-s"]',
        '["serve", "-s", "../dist"]',
        '["sh", "-c", "./prepare.sh && serve -s dist"]',
    ],
)
def test_refuses_another_start(command: str) -> None:
    got = nginx(f"{RUNTIME}CMD {command}\n")

    assert got.reasons == (REFUSED,)


@pytest.mark.parametrize(
    ("lines", "keyword"),
    [
        ("HEALTHCHECK CMD curl localhost:3000\n", "HEALTHCHECK"),
        ("RUN apt-get update && apt-get install -y curl\n", "RUN"),
        ("VOLUME /app/dist\n", "VOLUME"),
    ],
)
def test_refuses_what_the_image_may_lack(lines: str, keyword: str) -> None:
    got = nginx(f'{RUNTIME}{lines}CMD ["serve", "-s", "dist"]\n')

    assert got.reasons == (f"what {keyword} needs may not be in nginx's image",)


def test_refuses_files_of_this_stage() -> None:
    text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install -g serve\nCMD ["serve", "-s", "dist"]\n'
    got = rewrite("use-nginx", text, FILES, options=Options(runtime="nginx"))

    assert got.reasons == ("`dist` is not copied from a build stage",)


@pytest.mark.parametrize("runtime", ["auto", "slim", "distroless"])
def test_nobody_asks_for_it(runtime: str) -> None:
    got = nginx(RUNTIME + 'CMD ["serve", "-s", "dist"]\n', runtime)

    assert got.text == BUILD + RUNTIME + 'CMD ["serve", "-s", "dist"]\n'
    assert not got.reasons
