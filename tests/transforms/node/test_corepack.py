"""A package manager that corepack brings is there at run time too, for every user."""

from __future__ import annotations

from typing import Any

import pytest

from tests.transforms.node.rewriting import Rewritten, manifest, rewrite

HOME = "ENV COREPACK_HOME=/usr/local/share/corepack\n"


def split(
    manager: str | None, above: str = "RUN corepack enable\n", base: str = "node:20", cmd: str = "pnpm"
) -> Rewritten:
    more: dict[str, Any] = {"packageManager": manager} if manager else {}
    files = {
        "package.json": manifest("express", scripts={"start": "node a.js"}, **more),
        "a.js": "require('express')\n",
    }
    text = f'FROM {base}\n{above}WORKDIR /app\nCOPY . .\nRUN pnpm install\nCMD ["pnpm", "start"]\n'
    return rewrite("split-stages", text, files)


@pytest.mark.parametrize(
    ("manager", "above", "lines"),
    [
        (
            "pnpm@10.34.9",
            "RUN corepack enable\n",
            f"{HOME}RUN corepack enable && corepack prepare pnpm@10.34.9 --activate\n",
        ),
        (
            "pnpm@9.1.0+sha512.abc",
            "RUN corepack enable\n",
            f"{HOME}RUN corepack enable && corepack prepare pnpm@9.1.0 --activate\n",
        ),
        (
            None,
            "RUN corepack enable && corepack prepare pnpm@8.6.0 --activate\n",
            f"{HOME}RUN corepack enable && corepack prepare pnpm@8.6.0 --activate\n",
        ),
        (
            "pnpm@9.1.0",
            "ENV COREPACK_HOME=/opt/corepack\nRUN corepack enable\n",
            "RUN corepack enable && corepack prepare pnpm@9.1.0 --activate\n",
        ),
    ],
)
def test_is_prepared_in_the_runtime_stage(manager: str | None, above: str, lines: str) -> None:
    got = split(manager, above)

    assert got.reasons == ()
    assert lines in got.text.partition("FROM node:20-slim\n")[2]
    assert got.text.partition("FROM node:20-slim\n")[2].count("COREPACK_HOME") == 1


def test_is_not_needed_for_a_command_of_node() -> None:
    files = {"package.json": manifest("express", packageManager="pnpm@9.1.0"), "a.js": "require('express')\n"}
    text = 'FROM node:20\nRUN corepack enable\nWORKDIR /app\nCOPY . .\nRUN pnpm install\nCMD ["node", "a.js"]\n'

    assert "corepack" not in rewrite("split-stages", text, files).text.partition("FROM node:20-slim\n")[2]


@pytest.mark.parametrize(
    ("manager", "above", "base"),
    [
        pytest.param(None, "RUN corepack enable\n", "node:20", id="no version is said"),
        pytest.param("pnpm@9", "RUN corepack enable\n", "node:20", id="no exact version"),
        pytest.param("npm@10.1.0", "RUN corepack enable\n", "node:20", id="another package manager"),
        pytest.param("pnpm@9.1.0", "", "node:20", id="corepack isn't used"),
        pytest.param("pnpm@9.1.0", "RUN corepack enable\n", "node:25", id="no corepack in the image"),
    ],
)
def test_refuses(manager: str | None, above: str, base: str) -> None:
    got = split(manager, above, base)

    assert got.reasons == ("where the container's `pnpm` comes from is not known",)
