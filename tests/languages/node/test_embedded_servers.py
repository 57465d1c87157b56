"""Servers of frameworks that the program starts by an import."""

from __future__ import annotations

from typing import Any

import pytest

from dockerslim.languages.node import can_prune
from dockerslim.languages.node.embedded_servers import embedded_servers
from dockerslim.languages.node.project import NodeProject
from dockerslim.languages.node.scripts import resolve_command

from .projects import project

NEXT = {"next": "14", "react": "18", "express": "4"}
SERVER = "const next = require('next')\nconst app = next({ dev: process.env.NODE_ENV !== 'production' })\n"
PAGE = {"pages/index.js": "import React from 'react'\n"}


def next_project(files: dict[str, str], **more: Any) -> NodeProject:
    return project({**PAGE, **files}, dependencies=NEXT, **more)


@pytest.mark.parametrize(
    "source",
    [
        SERVER,
        "import next from 'next'\nnext({ dir: '.' })\n",
        "import next from 'next'\nnext({ dev, dir: __dirname })\n",
        "import next from 'next'\nconst path = require('path')\nconst dir = 'x'\npath.join(dir, 'a')\nnext({})\n",
        "require('./lib/web')\n",
    ],
)
def test_next(source: str) -> None:
    found = next_project({"server.js": source, "lib/web.js": SERVER, "next.config.js": ""})
    servers = embedded_servers(found, resolve_command(found, ["node", "server.js"]))

    assert [(server.argv, server.is_elsewhere) for server in servers] == [(("next", "start"), False)]
    assert servers[0].files == ("next.config.js", "pages/index.js")


@pytest.mark.parametrize("option", ["dir: './web'", "dir", "dev, dir: path"])
def test_a_folder_that_may_be_another(option: str) -> None:
    found = next_project(
        {"server.js": f"const next = require('next')\nnext({{ {option} }})\n"}, devDependencies={"a": "1"}
    )
    command = resolve_command(found, ["node", "server.js"])

    assert embedded_servers(found, command)[0].is_elsewhere
    assert can_prune(found, command) == (False, "in which folder `next` looks for its project is not known")


@pytest.mark.parametrize(
    "argv", [["node", "other.js"], ["next", "start"], ["node", ".next/standalone/server.js"], ["serve", "out"]]
)
def test_none(argv: list[str]) -> None:
    found = next_project({"other.js": "require('express')\n", "server.js": SERVER})

    assert embedded_servers(found, resolve_command(found, argv)) == ()


def test_a_configuration_that_needs_a_development_dependency() -> None:
    files = {"server.js": SERVER, "next.config.js": "module.exports = require('@next/mdx')()({})\n"}
    found = next_project(files, devDependencies={"@next/mdx": "14"})

    assert can_prune(found, resolve_command(found, ["node", "server.js"])) == (
        False,
        "next.config.js:1 loads `@next/mdx`, a development dependency",
    )


def test_a_configuration_in_typescript() -> None:
    files = {"server.js": SERVER, "next.config.ts": "export default {}\n"}
    found = next_project(files, devDependencies={"typescript": "5"})

    assert can_prune(found, resolve_command(found, ["node", "server.js"])) == (
        False,
        "`next` needs `typescript` to read `next.config.ts` when it starts",
    )


def test_a_plain_one_can_be_pruned() -> None:
    found = next_project({"server.js": SERVER, "next.config.js": "module.exports = {}\n"}, devDependencies={"a": "1"})

    assert can_prune(found, resolve_command(found, ["node", "server.js"])) == (True, "")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"nuxt.config.js": "module.exports = {modules: ['@nuxtjs/axios']}\n"},
            "nuxt.config.js loads `@nuxtjs/axios`, a development dependency",
        ),
        ({"api/index.js": "require('moment')\n"}, "api/index.js:1 loads `moment`, a development dependency"),
    ],
)
def test_nuxt(files: dict[str, str], reason: str) -> None:
    found = project(
        {"index.js": "const { loadNuxt } = require('nuxt')\nloadNuxt('start')\n", **files},
        dependencies={"nuxt": "2"},
        devDependencies={"@nuxtjs/axios": "5", "moment": "2"},
    )

    assert can_prune(found, resolve_command(found, ["node", "index.js"])) == (False, reason)
