"""Files and certificates of the full image that a slim one lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.context.compose import Mount
from dockerslim.context.usage import ServiceUse, Usage
from tests.transforms.node.rewriting import lock, manifest, rewrite

INSTALL = "WORKDIR /app\nCOPY package*.json ./\nRUN npm ci\n"
CERTIFICATES = " ca-certificates"
READ = "require('fs').readFileSync('{}')\n"


def files(source: str = "", **more: object) -> dict[str, str]:
    return {"package.json": manifest("express", **more), "package-lock.json": lock("express"), "server.js": source}  # type: ignore[arg-type]


def split(source: str = "", above: str = "", command: str = '["node", "server.js"]', usage: Usage | None = None) -> str:
    text = f"FROM node:20\n{above}{INSTALL}COPY . .\nCMD {command}\n"
    scripts = {"start": "node --use-system-ca server.js", "old": "NODE_OPTIONS=--use-openssl-ca node server.js"}
    found = rewrite("split-stages", text, files(source, scripts=scripts) | {"ca.crt": ""}, usage=usage)
    return found.text if not found.reasons else found.reasons[0]


@pytest.mark.parametrize(
    ("source", "above", "command"),
    [
        (READ.format("/etc/ssl/certs/ca-certificates.crt"), "", '["node", "server.js"]'),
        ("module.exports = {ca: '/etc/ssl/certs/ISRG_Root_X1.pem'}\n", "", '["node", "server.js"]'),
        ("require(x)('/etc/ssl/certs/' + y)\n", "", '["node", "server.js"]'),
        ("", "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt\n", '["node", "server.js"]'),
        ("", "ENV SSL_CERT_DIR=/etc/ssl/certs\n", '["node", "server.js"]'),
        ("", "ENV NODE_OPTIONS='--use-openssl-ca --enable-source-maps'\n", '["node", "server.js"]'),
        ("", "ENV NODE_USE_SYSTEM_CA=1\n", '["node", "server.js"]'),
        ("", "", '["node", "--use-openssl-ca", "server.js"]'),
        ("", "", '["npm", "start"]'),
        ("", "", '["npm", "run", "old"]'),
        ("require('child_process').execFile('git', ['clone', x])\n", "", '["node", "server.js"]'),
    ],
)
def test_certificates_are_installed(source: str, above: str, command: str) -> None:
    assert CERTIFICATES in split(source, above, command)


@pytest.mark.parametrize(
    ("source", "above"),
    [
        (READ.format("/etc/hosts"), ""),
        (READ.format("/etc/letsencrypt/live/x/privkey.pem"), ""),
        (READ.format("/usr/src/app/x"), ""),
        (READ.format("/proc/cpuinfo"), ""),
        ("app.get('/etc/x', f); app.use('/usr', g)\n", ""),
        ("", "COPY ca.crt /etc/ssl/certs/own.crt\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/own.crt\n"),
        ("", "ENV NODE_OPTIONS=--max-old-space-size=512\n"),
    ],
)
def test_nothing_is_installed(source: str, above: str) -> None:
    found = split(source, above)

    assert "apt-get" not in found
    assert "node:20-slim" in found


@pytest.mark.parametrize(
    ("source", "package"),
    [
        (READ.format("/etc/mime.types"), "media-types"),
        (READ.format("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"), "fonts-dejavu-core"),
        ("const tool = '/usr/bin/convert'\n", "imagemagick"),
    ],
)
def test_what_else_a_package_brings(source: str, package: str) -> None:
    assert f"    {package} \\\n" in split(source)


@pytest.mark.parametrize(
    "path", ["/usr/share/fonts/x.ttf", "/usr/lib/x86_64-linux-gnu/libvips.so", "/etc/ImageMagick-6/policy.xml"]
)
def test_a_file_that_no_package_is_known_to_bring(path: str) -> None:
    assert split(READ.format(path)) == f"the program reads `{path}` (server.js:1), which a slim image lacks"


def test_a_mounted_file_is_not_the_image_s() -> None:
    mount = Mount("./ssl", "/etc/ssl", "bind", 1)
    usage = Usage(services=(ServiceUse("compose.yaml", "web", 1, Path(), volumes=(mount,)),))

    assert "apt-get" not in split(READ.format("/etc/ssl/x"), usage=usage)


def test_an_image_that_stays_what_it_is_loses_nothing() -> None:
    text = f'FROM node:20-slim\n{INSTALL}COPY . .\nCMD ["node", "server.js"]\n'

    assert rewrite("split-stages", text, files(READ.format("/etc/ssl/x"))).text == text
