"""Browsers that a RUN downloads into root's home folder."""

from __future__ import annotations

import json

import pytest

from tests.transforms.rewriting import Rewritten, rewrite

CMD = 'CMD ["node", "app.js"]\n'
BASE = "FROM node:20-slim\nWORKDIR /app\nCOPY package.json ./\n"
RISK = "the program looks for data below HOME, where root may have put it (Dockerfile:{})"
REFUSED = "a browser is downloaded into a folder of its own, and needs libraries of the system"
CACHE = "ENV PUPPETEER_CACHE_DIR=/opt/puppeteer\n"


def project(version: str = "^22.0.0", name: str = "puppeteer", **more: object) -> dict[str, str]:
    manifest = {"main": "app.js", "dependencies": {name: version}, **more}
    return {"package.json": json.dumps(manifest), "app.js": f"const p = require('{name}')\np.launch()\n"}


def add_user(runs: str, files: dict[str, str]) -> Rewritten:
    return rewrite("add-user", f"{BASE}{runs}COPY . .\n{CMD}", files)


@pytest.mark.parametrize(
    ("runs", "became"),
    [
        ("RUN npm install\n", CACHE + "RUN npm install\n"),
        (
            "# all of it\nRUN npm ci && npm cache clean --force\n",
            CACHE + "\n# all of it\nRUN npm ci && npm cache clean --force\n",
        ),
        ("RUN yarn\n", CACHE + "RUN yarn\n"),
        ('RUN ["npm", "install"]\n', CACHE + 'RUN ["npm", "install"]\n'),
        (
            "RUN true\nRUN npm i -g puppeteer@22\nRUN npm i\n",
            "RUN true\n" + CACHE + "RUN npm i -g puppeteer@22\nRUN npm i\n",
        ),
        (
            "RUN npm install --ignore-scripts\nRUN npx puppeteer browsers install chrome\n",
            "RUN npm install --ignore-scripts\n" + CACHE + "RUN npx puppeteer browsers install chrome\n",
        ),
    ],
)
def test_the_browser_goes_where_the_user_can_read_it(runs: str, became: str) -> None:
    got = add_user(runs, project())

    assert (got.reasons, got.risks) == ((), ())
    assert got.text == f"{BASE}{became}COPY . .\nUSER 1000:1000\n{CMD}"


@pytest.mark.parametrize(
    ("runs", "files"),
    [
        ("ENV PUPPETEER_SKIP_DOWNLOAD=true\nRUN npm install\n", project()),
        ("RUN PUPPETEER_SKIP_CHROMIUM_DOWNLOAD=1 npm install\n", project()),
        ("ENV PUPPETEER_CACHE_DIR=/app/.cache\nRUN npm install\n", project()),
        ("ENV PUPPETEER_EXECUTABLE_PATH=/usr/bin/chromium\nRUN npm install\n", project()),
        ("RUN npm install --ignore-scripts\n", project()),
        ("RUN npm install\n", project("13.7.0")),
        ("RUN npm install\n", {**project(), ".puppeteerrc.cjs": "module.exports = {}\n"}),
        ("RUN npm install\n", project(name="puppeteer-core")),
        ("RUN npm install\n", project(name="playwright")),
        ("RUN npm install -g serve\n", project()),
        ("RUN npx playwright install-deps\n", project(name="playwright")),
        ("ENV PLAYWRIGHT_BROWSERS_PATH=0\nRUN npx playwright install\n", project(name="playwright")),
        ("RUN npm install\n", project(name="express", devDependencies={"puppeteer": "22.0.0"})),
    ],
)
def test_a_run_that_leaves_nothing_below_home_stays(runs: str, files: dict[str, str]) -> None:
    got = add_user(runs, files)

    assert got.text == f"{BASE}{runs}COPY . .\nUSER 1000:1000\n{CMD}"


@pytest.mark.parametrize("run", ["npx playwright install --with-deps chromium", "npm i && npx playwright install"])
def test_a_browser_of_playwright_is_refused(run: str) -> None:
    got = add_user(f"RUN {run}\n", project(name="playwright"))

    assert got.risks == (RISK.format(4),)


def with_packages(packages: str, runs: str) -> str:
    first, rest = BASE.split("\n", 1)
    return f"{first}\nRUN apt-get update && apt-get install -y {packages}\n{rest}{runs}COPY . .\n{CMD}"


@pytest.mark.parametrize(
    ("runs", "name"),
    [
        ("RUN npm install\n", "puppeteer"),
        ("RUN npm install\nRUN npx playwright install\n", "playwright"),
        ("RUN npm install\nRUN npx -y playwright@1.44.0 install chromium\n", "playwright"),
        ("ENV PUPPETEER_CACHE_DIR=/opt/puppeteer\nRUN npm install\n", "puppeteer"),
        ("ENV PLAYWRIGHT_BROWSERS_PATH=/ms-playwright\nRUN npm i && npx playwright install\n", "playwright"),
        ("USER node\nRUN npm install\n", "puppeteer"),
    ],
)
def test_a_split_would_leave_the_browser_behind(runs: str, name: str) -> None:
    text = with_packages("make g++ libnss3", runs)

    assert rewrite("node/split-stages", text, project(name=name)).reasons == (REFUSED,)


def test_a_split_would_leave_behind_what_settings_say() -> None:
    files = {**project(), ".puppeteerrc.cjs": "module.exports = {cacheDirectory: '/var/cache/browsers'}\n"}

    assert rewrite("node/split-stages", with_packages("g++", "RUN npm install\n"), files).reasons == (REFUSED,)


def test_a_browser_in_the_work_folder_goes_along() -> None:
    text = with_packages("g++ libnss3", "ENV PUPPETEER_CACHE_DIR=/app/.cache\nRUN npm install\nRUN npm run build\n")
    files = project(scripts={"build": "tsc"}, devDependencies={"typescript": "5.4.5"})

    assert "COPY --from=build /app ./\n" in rewrite("node/split-stages", text, files).runtime


def test_a_split_with_the_browser_of_the_distribution() -> None:
    text = with_packages("g++ chromium", "ENV PUPPETEER_SKIP_DOWNLOAD=true\nRUN npm install\n")

    assert "chromium" in rewrite("node/split-stages", text, project()).runtime
