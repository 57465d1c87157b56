"""Images that start a shell script of the project: split, pruned, and run by another user."""

from __future__ import annotations

import pytest

from tests.transforms.node.rewriting import Rewritten, lock, manifest, rewrite
from tests.transforms.rewriting import rewrite as rewrite_any

INSTALL = "WORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\n"
BEFORE = f"FROM node:20\n{INSTALL}COPY . .\n"
BUILD = f"FROM node:20 AS build\n{INSTALL}\nFROM node:20-slim\nWORKDIR /app\n"
MODULES = "COPY --from=build /app/node_modules ./node_modules/\n"
START = 'ENTRYPOINT ["./docker-entrypoint.sh"]\nCMD ["node", "server.js"]\n'


def files(script: str, name: str = "docker-entrypoint.sh", **dev: str) -> dict[str, str]:
    return {
        "package.json": manifest("express", dev=tuple(dev)),
        "package-lock.json": lock("express", dev=tuple(dev)),
        "server.js": "require('express')\n",
        name: f"#!/bin/sh\nset -e\n{script}\n",
    }


def split(before: str, context: dict[str, str]) -> Rewritten:
    return rewrite("split-stages", before, context)


def test_a_program_that_waits_for_another_service() -> None:
    got = split(BEFORE + START, files('until curl -sf http://db:9200; do sleep 1; done\nexec "$@"'))

    assert (got.reasons, got.text) == (
        (),
        f"{BUILD}RUN apt-get update && apt-get install -y --no-install-recommends \\\n    curl ca-certificates \\\n"
        f"    && rm -rf /var/lib/apt/lists/*\n{MODULES}COPY . .\n{START}",
    )


def test_files_of_the_full_image() -> None:
    got = split(BEFORE + START, files('grep -q x /etc/mime.types\nexec "$@"'))

    assert "    media-types \\\n" in got.text


def test_a_script_outside_of_the_application() -> None:
    entry = (
        "COPY entrypoint.sh /usr/local/bin/app-entrypoint\nRUN chmod +x /usr/local/bin/app-entrypoint\n"
        'ENTRYPOINT ["app-entrypoint"]\nCMD ["node", "server.js"]\n'
    )
    got = split(BEFORE + entry, files('exec "$@"', "entrypoint.sh"))

    assert (got.reasons, got.text) == ((), f"{BUILD}{MODULES}COPY . .\n{entry}")


def test_no_prune_of_what_the_script_runs() -> None:
    got = split(f"{BEFORE}RUN npx knex --help\n{START}", files('npx knex migrate:latest\nexec "$@"', knex="1"))

    assert "prune" not in got.text


def test_a_prune_of_what_nothing_runs() -> None:
    got = split(f"{BEFORE}RUN npx tsc\n{START}", files('exec "$@"', typescript="1"))

    assert "RUN npm prune --omit=dev\n" in got.text


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("git pull", "what the command runs is not known: `git` is not known"),
        ("$X", "what the command runs is not known: `./docker-entrypoint.sh` runs a command that is computed (`$X`)"),
        ("npx nodemon server.js", "`nodemon` is a server for development"),
        ("npm ci", "the application is built when the container starts"),
        ("gcc -v", "what the command runs is not known: `gcc` is not known"),
    ],
)
def test_refuses(script: str, reason: str) -> None:
    got = split(BEFORE + START, files(f'{script}\nexec "$@"'))

    assert (got.text, got.reasons) == (BEFORE + START, (reason,))


@pytest.mark.parametrize(
    ("script", "reasons"),
    [
        ('exec "$@"', ()),
        ('exec gosu node "$@"', ("`./docker-entrypoint.sh` runs `gosu`, which needs root",)),
        ('cp a b\nexec "$@"', ()),
    ],
)
def test_the_user(script: str, reasons: tuple[str, ...]) -> None:
    text = f"{BUILD}{MODULES}COPY . .\n{START}"
    got = rewrite_any("add-user", text, files(script))

    assert got.reasons == reasons
    assert got.risks == (("the command changes files (`cp a b`)",) if "cp" in script else ())
    assert ("USER 1000:1000\n" in got.text) is (not reasons and not got.risks)
