"""Programs of images that hold a project's outputs, or files without a project, and not the project's folder."""

from __future__ import annotations

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.split.node.image_start import image_start
from dockerslim.split.node.running import read
from dockerslim.split.start import start_of
from tests.transforms.node.rewriting import manifest, rewrite
from tests.transforms.rewriting import rewrite as rewrite_any

SOURCE = (
    "import express from 'express'\nimport fs from 'fs'\nimport path from 'path'\n"
    "fs.writeFileSync('hits.txt', '')\nfs.writeFileSync(path.join(__dirname, 'data/a.json'), '')\n"
)
FILES = {
    "package.json": manifest("express", scripts={"build": "tsc"}, dev=("typescript",)),
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    "src/index.ts": SOURCE,
}
BUILD = "FROM node:22 AS build\nWORKDIR /src\nCOPY . .\nRUN npm install && npm run build\n\n"
MODULES = "COPY --from=build /src/node_modules ./node_modules\n"
OUTPUTS = "COPY --from=build /src/dist ./\n"
CMD = 'CMD ["node", "index.js"]\n'


def case_of(stage: str) -> Case:
    return Case(Dockerfile.of_text(BUILD + stage), BuildContext.in_memory(FILES), Usage.none(), Catalogue.load())


@pytest.mark.parametrize(
    "stage",
    [
        f"FROM node:22-slim\nWORKDIR /app\n{MODULES}{OUTPUTS}{CMD}",
        f"FROM node:22-slim\nWORKDIR /app\nCOPY --from=build /src/dist /app\n{MODULES}{CMD}",
        f"FROM node:22-slim\nWORKDIR /app\nCOPY package.json .\n{MODULES}{OUTPUTS}{CMD}",
        'FROM node:22-slim\nWORKDIR /app\nCOPY --from=build /src/dist .\nCMD ["node", "/app/index.js", "80"]\n',
    ],
)
def test_outputs_in_the_work_folder(stage: str) -> None:
    case = case_of(stage)
    start = start_of(case, case.stage)
    assert start is not None
    found = read(case, case.stage, start)

    assert found is not None
    assert found.written == ("/app/hits.txt", "/app/data/a.json")
    assert found.unknown == ()


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param(f"FROM node:22-slim\nWORKDIR /app\nCOPY --from=nginx /src/dist ./\n{CMD}", id="of no stage here"),
        pytest.param(
            f"FROM node:22-slim\nWORKDIR /app\nCOPY assets ./\n{OUTPUTS}{CMD}".replace("assets", "src"),
            id="two folders in one place",
        ),
        pytest.param(f"FROM node:22-slim\nWORKDIR /app\nCOPY --from=build /etc ./\n{CMD}", id="of no project"),
        pytest.param(f'FROM node:22-slim\nWORKDIR /app\n{OUTPUTS}CMD ["node", "../x.js"]\n', id="elsewhere"),
        pytest.param(f'FROM node:22-slim\nWORKDIR /app\n{OUTPUTS}CMD ["./index.js"]\n', id="not by node"),
    ],
)
def test_nothing_is_known(stage: str) -> None:
    case = case_of(stage)
    start = start_of(case, case.stage)
    assert start is not None

    assert image_start(case, case.stage, start) is None


def test_the_project_s_own_folder_is_no_output() -> None:
    case = case_of('FROM node:22-slim\nWORKDIR /app\nCOPY --from=build /src ./\nCMD ["node", "dist/index.js"]\n')
    start = start_of(case, case.stage)
    assert start is not None
    found = image_start(case, case.stage, start)

    assert found is not None
    assert (found.outputs, found.is_loose) == (None, False)


def test_the_user_owns_what_is_written_beside_the_outputs() -> None:
    stage = f"FROM node:22-slim\nWORKDIR /app\n{MODULES}{OUTPUTS}{CMD}"
    got = rewrite_any("add-user", BUILD + stage, FILES)

    given = "RUN mkdir -p data && chown -R 1000:1000 data && chown 1000:1000 .\nUSER 1000:1000\n"
    assert got.text == BUILD + stage.replace("CMD", given + "CMD")


def test_the_last_stage_leaves_the_full_image() -> None:
    stage = f"FROM node:22\nWORKDIR /app\n{MODULES}{OUTPUTS}{CMD}"
    got = rewrite("replace-runtime-image", BUILD + stage, FILES)

    assert got.text == BUILD + stage.replace("node:22", "node:22-slim")
