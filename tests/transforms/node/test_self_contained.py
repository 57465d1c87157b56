"""Outputs that hold all that the program needs travel alone."""

from __future__ import annotations

import pytest

from tests.transforms.node.rewriting import manifest, rewrite

BUILD = "WORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\n"


def runtime_stage(text: str, files: dict[str, str]) -> str:
    return rewrite("split-stages", text, files).text.partition("\n\n")[2]


NUXT = {
    "package.json": manifest("nuxt", scripts={"build": "nuxt build", "start": "node .output/server/index.mjs"}),
    "app/app.vue": "<template/>\n",
}
NEXT = {
    "package.json": manifest("next", scripts={"build": "next build"}),
    "next.config.mjs": "export default { output: 'standalone' }\n",
    "app/page.tsx": "export default () => null\n",
}
SITE = {
    "package.json": manifest("react", dev=("vite",), scripts={"build": "vite build"}),
    "src/main.js": "import 'react'\n",
}


@pytest.mark.parametrize(
    ("files", "command", "copies"),
    [
        (NUXT, '["node", ".output/server/index.mjs"]', "COPY --from=build /app/.output ./.output/\n"),
        (
            NUXT,
            '["npm", "start"]',
            "COPY --from=build /app/package.json ./\nCOPY --from=build /app/.output ./.output/\n",
        ),
        (
            NEXT,
            '["node", ".next/standalone/server.js"]',
            "COPY --from=build /app/.next/standalone ./.next/standalone/\n",
        ),
        (SITE, '["serve", "-s", "dist"]', "COPY --from=build /app/dist ./dist/\n"),
        (SITE, '["npx", "http-server", "./dist"]', "COPY --from=build /app/dist ./dist/\n"),
    ],
)
def test_only_the_output_travels(files: dict[str, str], command: str, copies: str) -> None:
    got = runtime_stage(f"FROM node:22\n{BUILD}CMD {command}\n", files)

    assert got == f"FROM node:22-slim\nWORKDIR /app\n{copies}CMD {command}\n"


@pytest.mark.parametrize(
    ("files", "more"),
    [
        pytest.param(
            {**NUXT, "server/a.ts": "import fs from 'fs'\nfs.readFileSync('data.json')\n"}, "", id="reads a file"
        ),
        pytest.param({**NUXT, "server/a.ts": "import fs from 'fs'\nfs.readFileSync(x())\n"}, "", id="reads any file"),
        pytest.param(NUXT, "HEALTHCHECK CMD node healthcheck.js\n", id="a health check of the project"),
    ],
)
def test_the_whole_folder_travels(files: dict[str, str], more: str) -> None:
    got = runtime_stage(f'FROM node:22\n{BUILD}{more}CMD ["node", ".output/server/index.mjs"]\n', files)

    assert "COPY --from=build /app ./\n" in got


def test_a_server_that_a_dependency_brings_needs_node_modules() -> None:
    files = {**SITE, "package.json": manifest("react", "serve", dev=("vite",), scripts={"build": "vite build"})}
    got = runtime_stage(f'FROM node:22\n{BUILD}CMD ["npx", "serve", "-s", "dist"]\n', files)

    assert "COPY --from=build /app ./\n" in got


def test_a_slim_image_is_split_for_the_output_alone() -> None:
    got = runtime_stage(f'FROM node:22-alpine\n{BUILD}CMD ["serve", "-s", "dist"]\n', SITE)

    assert (
        got == 'FROM node:22-alpine\nWORKDIR /app\nCOPY --from=build /app/dist ./dist/\nCMD ["serve", "-s", "dist"]\n'
    )
