"""A COPY that names manifests among other sources is divided: nothing is copied twice."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite

GO = {"go.mod": "module x\n\nrequire github.com/google/uuid v1.6.0\n", "go.sum": "x\n", "main.go": "package main\n"}
NODE = {"package.json": '{"dependencies": {"ms": "^2.1.3"}}\n', "server.js": "", "lib/a.js": ""}
PYTHON = {"requirements.txt": "Flask==3.0.3\n", "requirements-dev.txt": "mypy\n", "app.py": "", "lib/a.py": ""}
MANAGED = {
    "python": ("python/copy-dependencies-first", "FROM python:3.12\nWORKDIR /app\n", PYTHON),
    "node": ("node/copy-dependencies-first", "FROM node:20\nWORKDIR /app\n", NODE),
    "go": ("go/copy-dependencies-first", "FROM golang:1.23\nWORKDIR /app\n", GO),
}
PIP = "RUN pip install -r requirements.txt\n"


def order(language: str, text: str, **more: str) -> str:
    transform, base, files = MANAGED[language]
    ignore = "node_modules\n" if language == "node" else None
    found = rewrite(transform, base + text, {**files, **more}, ignore=ignore).text
    assert rewrite(transform, found, {**files, **more}, ignore=ignore).text == found
    return found.removeprefix(base)


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        pytest.param(
            "python",
            "COPY requirements.txt app.py /app/\n" + PIP,
            "COPY requirements.txt /app/\n" + PIP + "COPY app.py /app/\n",
            id="a destination as the author wrote it",
        ),
        pytest.param(
            "python",
            "# all\nCOPY app.py requirements*.txt ./\n\n" + PIP,
            "COPY requirements.txt ./\n\n" + PIP + "\n# all\nCOPY app.py requirements*.txt ./\n",
            id="a pattern that finds more than manifests of the install stays whole",
        ),
        pytest.param(
            "python",
            "COPY --chown=1000:1000 lib \\\n    requirements.txt \\\n    app.py \\\n    ./\n" + PIP,
            "COPY --chown=1000:1000 requirements.txt ./\n"
            + PIP
            + "COPY --chown=1000:1000 lib \\\n    app.py \\\n    ./\n",
            id="one of several lines",
        ),
        pytest.param(
            "python",
            "COPY requirements.txt requirements-dev.txt README.md ./\n" + PIP,
            "COPY requirements.txt requirements-dev.txt README.md ./\n" + PIP,
            id="nothing but manifests is in its place",
        ),
        pytest.param(
            "python",
            "COPY lib lib/\n\n# manifests\nCOPY requirements*.txt ./\n\n# packages\n" + PIP + "\nEXPOSE 80\n",
            "\n# manifests\nCOPY requirements*.txt ./\n\n# packages\n" + PIP + "\nCOPY lib lib/\n\nEXPOSE 80\n",
            id="only the source's own COPY moves",
        ),
        pytest.param(
            "python",
            "COPY app.py .\nCOPY requirements.txt .\n\n" + PIP + "EXPOSE 80\n",
            "COPY requirements.txt .\n\n" + PIP + "\nCOPY app.py .\nEXPOSE 80\n",
            id="a paragraph other than the install's",
        ),
        pytest.param(
            "python",
            "# one\nCOPY app.py .\n\n# two\nCOPY lib requirements.txt lib/\n" + PIP.replace("-r ", "-r lib/"),
            "COPY requirements.txt lib/\n\n"
            + PIP.replace("-r ", "-r lib/")
            + "\n# one\nCOPY app.py .\n\n# two\nCOPY lib lib/\n",
            id="paragraphs that move stay paragraphs",
        ),
        pytest.param(
            "node",
            "COPY package.json server.js ./\nRUN npm install\n",
            "COPY package.json ./\nRUN npm install\nCOPY server.js ./\n",
            id="Node",
        ),
        pytest.param(
            "node",
            "COPY package*.json server.js .\nRUN npm install\n",
            "COPY package*.json .\nRUN npm install\nCOPY server.js .\n",
            id="a pattern of manifests",
        ),
        pytest.param(
            "go",
            "# all\nCOPY go.mod go.sum main.go ./\nRUN go build -o app .\n",
            "COPY go.mod go.sum ./\nRUN go mod download\n# all\nCOPY main.go ./\nRUN go build -o app .\n",
            id="Go",
        ),
    ],
)
def test_divides(language: str, before: str, after: str) -> None:
    assert order(language, before, **{"README.md": ""}) == after


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param('COPY ["requirements.txt", "app.py", "./"]', id="exec form"),
        pytest.param("COPY requirements.txt \\\n    # the program\n    app.py ./", id="a comment inside"),
        pytest.param("ARG F=app.py\nCOPY requirements.txt $F ./", id="a variable"),
        pytest.param("COPY requirements.txt app.py /app", id="a destination that only two sources make a folder"),
    ],
)
def test_leaves_whole(copy: str) -> None:
    keyword = copy[copy.index("COPY") :]

    found = order("python", f"{copy}\n{PIP}")

    assert found.endswith(f"COPY requirements.txt ./\n{PIP}{keyword}\n")


def test_a_manifest_that_is_laid_again_is_not_taken_out() -> None:
    found = order("python", "COPY requirements.txt lib/\nCOPY requirements.txt app.py ./\n" + PIP)

    assert found == "COPY requirements.txt lib/\nCOPY requirements.txt ./\n" + PIP + "COPY app.py ./\n"
