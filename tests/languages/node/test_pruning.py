"""The proof that development dependencies may go."""

from __future__ import annotations

from typing import Any

import pytest

from dockerslim.languages.node.pruning import can_prune
from dockerslim.languages.node.scripts import resolve_command

from .projects import npm_lock, project

EXPRESS = {"dependencies": {"express": "4"}}
TSCONFIG = '{"compilerOptions": {"outDir": "dist"}, "include": ["src"]}'

ROUTES = {
    "app/routes.ts": "import { index } from '@react-router/dev/routes'\nexport default [index('home.tsx')]\n",
    "app/root.tsx": "import { Outlet } from 'react-router'\nimport './app.css'\nimport '~/home'\n",
    "app/entry.server.tsx": "import * as build from 'virtual:react-router/server-build'\n",
}
REACT_ROUTER = {
    "dependencies": {"react-router": "8", "@react-router/serve": "8", "isbot": "5"},
    "devDependencies": {"@react-router/dev": "8", "typescript": "5"},
}
ISBOT = {"@react-router/dev": "8", "isbot": "5"}


def prune(files: dict[str, str], start: str, **manifest: Any) -> tuple[bool, str]:
    manifest.setdefault("devDependencies", {"typescript": "5", "nodemon": "3", "serve": "14"})
    manifest.setdefault("scripts", {"start": start, "build": "tsc"})
    found = project(files, **manifest)
    return can_prune(found, resolve_command(found, ["npm", "start"]))


@pytest.mark.parametrize(
    ("files", "start", "manifest"),
    [
        ({"src/index.ts": "import e from 'express'; e()", "tsconfig.json": TSCONFIG}, "node dist/index.js", EXPRESS),
        ({"index.js": "require('express')"}, "node index.js", EXPRESS),
        ({}, "serve -s build", {"dependencies": {"serve": "14"}}),
        (
            {"pages/index.js": "import React from 'react'"},
            "next start",
            {"dependencies": {"next": "14", "react": "18"}},
        ),
        (
            {"pages/a.js": "", "next.config.ts": "export default {}"},
            "next start",
            {"dependencies": {"next": "15", "typescript": "5"}, "devDependencies": {"eslint": "9"}},
        ),
        ({"pages/a.js": "", "next.config.mjs": "export default {}"}, "next start", {"dependencies": {"next": "15"}}),
        (
            {"index.js": "require('depd')", "package-lock.json": npm_lock(dependencies={"depd": "1"})},
            "node index.js",
            {"dependencies": {"express": "4"}},
        ),
        (
            {**ROUTES, "app/routes/home.tsx": "import type { Route } from './+types/home'\nimport 'isbot'\n"},
            "react-router-serve ./build/server/index.js",
            REACT_ROUTER,
        ),
        (ROUTES, "node build/server/index.js", REACT_ROUTER),
        ({"index.js": ""}, "cross-env A=1 node index.js", {"dependencies": {"cross-env": "7"}}),
        ({"index.js": ""}, "prisma migrate deploy && node index.js", {"dependencies": {"prisma": "5"}}),
        ({"index.js": ""}, "node -r dotenv/config index.js", {"dependencies": {"dotenv": "16"}}),
    ],
)
def test_proven(files: dict[str, str], start: str, manifest: dict[str, Any]) -> None:
    assert prune(files, start, **manifest) == (True, "")


@pytest.mark.parametrize(
    ("files", "start", "manifest", "reason"),
    [
        ({"index.js": ""}, "node index.js", {"devDependencies": {}}, "no development dependencies"),
        (
            {"index.js": ""},
            "rm -f a.pid && sequelize db:migrate && node index.js",
            {"dependencies": {"sequelize-cli": "6"}},
            "what the configuration of `sequelize` loads is not known",
        ),
        (
            {"index.js": "", "migrate-mongo-config.js": ""},
            "migrate-mongo up && node index.js",
            {"dependencies": {"migrate-mongo": "11"}},
            "what the configuration of `migrate-mongo` loads is not known",
        ),
        (
            {"index.js": "", "prisma.config.ts": "import 'dotenv/config'"},
            "prisma migrate deploy && node index.js",
            {"dependencies": {"prisma": "6"}},
            "what the configuration of `prisma` loads is not known",
        ),
        ({"index.js": "require('nodemon')"}, "node index.js", {}, "index.js:1 loads `nodemon`"),
        ({"index.js": "require('lodash')"}, "node index.js", {}, "doesn't name"),
        ({"index.js": "require(x)"}, "node index.js", {}, "index.js:1"),
        ({"index.js": ""}, "nodemon index.js", {}, "development"),
        ({"index.js": ""}, "npm run build && node index.js", {}, "builds"),
        ({"src/index.ts": ""}, "ts-node src/index.ts", {"dependencies": {"ts-node": "10"}}, "TypeScript as it is"),
        ({"src/index.ts": ""}, "ts-node src/index.ts", {}, "`ts-node`"),
        ({"a.ts": ""}, "node -r ts-node/register a.ts", {"dependencies": {"ts-node": "10"}}, "TypeScript as it is"),
        ({}, "serve -s build", {}, "`serve`"),
        ({}, "vite preview", {"dependencies": {"vite": "5"}}, "`vite`"),
        ({"index.js": ""}, "cross-env A=1 node index.js", {}, "`cross-env`"),
        ({"index.js": ""}, "prisma migrate deploy && node index.js", {}, "`prisma`"),
        ({"index.js": ""}, "knex migrate:latest && node index.js", {"dependencies": {"knex": "3"}}, "`knex`"),
        ({"index.js": ""}, "node -r dotenv/config index.js", {"devDependencies": {"dotenv": "1"}}, "`dotenv`"),
        (
            {"pages/a.tsx": "import x from 'typescript'; x()"},
            "next start",
            {"dependencies": {"next": "14"}},
            "typescript",
        ),
        (
            {"pages/a.js": "", "next.config.ts": "export default {}"},
            "next start",
            {"dependencies": {"next": "15"}},
            "`next` needs `typescript` to read `next.config.ts` when it starts",
        ),
        (
            ROUTES,
            "react-router-serve ./build/server/index.js",
            {"dependencies": {"react-router": "8", "@react-router/serve": "8"}, "devDependencies": ISBOT},
            "`isbot`, which the build's output may load",
        ),
        (
            {**ROUTES, "app/root.tsx": "import 'vite'\n"},
            "react-router-serve ./build/server/index.js",
            {**REACT_ROUTER, "devDependencies": {"@react-router/dev": "8", "vite": "8"}},
            "app/root.tsx:1 loads `vite`",
        ),
        ({"pages/a.js": "", "next.config.mts": ""}, "next start", {"dependencies": {"next": "16"}}, "next.config.mts"),
        ({}, "node dist/index.js", {}, "dist/index.js"),
        ({"index.js": "require('child_process').exec('npx tsc')"}, "node index.js", {}, "npx"),
        ({"index.js": "require('child_process').exec('tsc')"}, "node index.js", {}, "tsc"),
        ({"index.js": "require('child_process').exec(x)"}, "node index.js", {}, "starts"),
        ({}, "my-tool", {}, "my-tool"),
    ],
)
def test_not_proven(files: dict[str, str], start: str, manifest: dict[str, Any], reason: str) -> None:
    ok, why = prune(files, start, **manifest)

    assert not ok
    assert reason in why
