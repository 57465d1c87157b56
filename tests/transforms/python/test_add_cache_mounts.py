"""Mounts for the caches of pip and its like, and what would defeat them."""

from __future__ import annotations

import pytest

from tests.transforms.python.rewriting import Rewritten, rewrite

PIP = "--mount=type=cache,target=/root/.cache/pip"
UV = "--mount=type=cache,target=/root/.cache/uv"
POETRY = "--mount=type=cache,target=/root/.cache/pypoetry/{}"


def mount(text: str) -> Rewritten:
    return rewrite("add-cache-mounts", text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN pip install flask", f"RUN {PIP} \\\n    pip install flask"),
        ("RUN pip3.11 install flask", f"RUN {PIP} \\\n    pip3.11 install flask"),
        ("RUN python3 -m pip install flask", f"RUN {PIP} \\\n    python3 -m pip install flask"),
        ("RUN /opt/venv/bin/pip install flask", f"RUN {PIP} \\\n    /opt/venv/bin/pip install flask"),
        ("RUN pip wheel -w /wheels flask", f"RUN {PIP} \\\n    pip wheel -w /wheels flask"),
        ("RUN pip install --no-cache-dir flask", f"RUN {PIP} \\\n    pip install flask"),
        ("RUN pip install flask --no-cache-dir", f"RUN {PIP} \\\n    pip install flask"),
        ("RUN pip --no-cache-dir install flask", f"RUN {PIP} \\\n    pip install flask"),
        ("RUN pip install --no-cache flask", f"RUN {PIP} \\\n    pip install flask"),
        (
            "RUN pip install --no-cache-dir -U pip && pip install --no-cache-dir flask",
            f"RUN {PIP} \\\n    pip install -U pip && pip install flask",
        ),
        ("RUN pip install flask && pip cache purge", f"RUN {PIP} \\\n    pip install flask"),
        ("RUN pip install flask; rm -rf /root/.cache/pip", f"RUN {PIP} \\\n    pip install flask"),
        ("RUN pip install flask && rm -rf $HOME/.cache/pip/*", f"RUN {PIP} \\\n    pip install flask"),
        ("RUN pip install flask && rm -rf ~/.cache", f"RUN {PIP} \\\n    pip install flask"),
        (
            "RUN pip install flask && rm -rf /root/.cache /tmp/*",
            f"RUN {PIP} \\\n    pip install flask && rm -rf /tmp/*",
        ),
        (
            "RUN apt-get update && pip install flask && rm -rf /var/lib/apt/lists/* ~/.cache/pip",
            f"RUN {PIP} \\\n    apt-get update && pip install flask && rm -rf /var/lib/apt/lists/*",
        ),
        (
            "RUN pip install \\\n  # small\n  --no-cache-dir \\\n  flask",
            f"RUN {PIP} \\\n  pip install \\\n  # small\n  flask",
        ),
        (
            "RUN pip install flask \\\n  # small\n  --no-cache-dir --no-cache \\\n\n  && true",
            f"RUN {PIP} \\\n  pip install flask \\\n  # small\n  && true",
        ),
        ("RUN pip install flask \\\n\n  --no-cache-dir", f"RUN {PIP} \\\n  pip install flask"),
        (
            "RUN pip install flask > /log --no-cache-dir -q",
            f"RUN {PIP} \\\n    pip install flask > /log -q",
        ),
        ("RUN pip install \\\n\t--no-cache-dir \\\n\tflask", f"RUN {PIP} \\\n\tpip install \\\n\tflask"),
        ("RUN \\\n  pip install flask", f"RUN {PIP} \\\n  pip install flask"),
        ("RUN --network=host pip install flask", f"RUN --network=host \\\n    {PIP} \\\n    pip install flask"),
        (f"RUN {PIP} pip install --no-cache-dir flask", f"RUN {PIP} pip install flask"),
        ('RUN ["pip", "install", "flask"]', f'RUN {PIP} \\\n    ["pip", "install", "flask"]'),
        ("RUN <<EOF\npip install --no-cache-dir flask\nEOF", f"RUN {PIP} <<EOF\npip install flask\nEOF"),
        (
            "ENV PIP_CACHE_DIR=/pip\nRUN pip install x",
            "ENV PIP_CACHE_DIR=/pip\nRUN --mount=type=cache,target=/pip \\\n    pip install x",
        ),
        (
            "ENV HOME=/h\nRUN pip install x",
            "ENV HOME=/h\nRUN --mount=type=cache,target=/h/.cache/pip \\\n    pip install x",
        ),
        (
            "ENV XDG_CACHE_HOME=/c\nRUN pip install x",
            "ENV XDG_CACHE_HOME=/c\nRUN --mount=type=cache,target=/c/pip \\\n    pip install x",
        ),
        ("ENV PIP_NO_CACHE_DIR=\nRUN pip install x", f"ENV PIP_NO_CACHE_DIR=\nRUN {PIP} \\\n    pip install x"),
        ("RUN uv sync --locked --no-cache", f"RUN {UV} \\\n    UV_LINK_MODE=copy uv sync --locked"),
        (
            "RUN pip install uv && uv pip install --system -r r.txt",
            f"RUN {PIP} \\\n    {UV} \\\n    pip install uv && UV_LINK_MODE=copy uv pip install --system -r r.txt",
        ),
        ("ENV UV_NO_CACHE=false\nRUN uv sync", f"ENV UV_NO_CACHE=false\nRUN {UV} \\\n    UV_LINK_MODE=copy uv sync"),
        (
            "RUN uv pip install --no-cache -r pyproject.toml",
            f"RUN {UV} \\\n    UV_LINK_MODE=copy uv pip install -r pyproject.toml",
        ),
        ("ENV UV_LINK_MODE=copy\nRUN uv sync", f"ENV UV_LINK_MODE=copy\nRUN {UV} \\\n    uv sync"),
        (
            "RUN poetry install --only main",
            f"RUN {POETRY.format('cache')} \\\n    {POETRY.format('artifacts')} \\\n    poetry install --only main",
        ),
        (
            "ENV POETRY_CACHE_DIR=/p\nRUN poetry install",
            "ENV POETRY_CACHE_DIR=/p\nRUN --mount=type=cache,target=/p/cache \\\n"
            "    --mount=type=cache,target=/p/artifacts \\\n    poetry install",
        ),
        (
            "RUN pipenv install --deploy --system",
            "RUN --mount=type=cache,target=/root/.cache/pipenv \\\n    pipenv install --deploy --system",
        ),
    ],
)
def test_mounts(before: str, after: str) -> None:
    got = mount(f"FROM python:3.12\n{before}\n")

    assert got.text == f"FROM python:3.12\n{after}\n"
    assert got.reasons == ()


@pytest.mark.parametrize(
    "text",
    [
        "RUN pip --version",
        "RUN pip uninstall -y x",
        "RUN pip cache purge",
        "RUN echo pip install flask",
        f"RUN {PIP} pip install flask",
        "RUN --mount=type=cache,target=/root/.cache pip install flask",
        "RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked pip install flask",
        "RUN pip install --cache-dir=/x flask",
        "RUN PIP_NO_CACHE_DIR=1 pip install flask",
        "RUN PIP_CACHE_DIR=/x pip install flask",
        "RUN sudo pip install flask",
        'RUN ["pip", "install", "--no-cache-dir", "flask"]',
        "RUN pip install \\\n  # first\n  flask \\\n\n  # second\n  --no-cache-dir",
        "RUN pip install \\\n  # one\n  --no-cache-dir \\\n  # two\n  flask",
        "RUN pip install flask && rm -rf /tmp/x \\\n  # the cache\n  /root/.cache/pip",
        "USER app\nRUN pip install flask",
        "RUN conda install flask",
        "RUN if true; then pip install flask; fi",
        "ONBUILD RUN pip install flask",
        "COPY <<EOF /x\nRUN pip install flask\nEOF",
    ],
)
def test_leaves_alone(text: str) -> None:
    before = f"FROM python:3.12\n{text}\n"

    got = mount(before)

    assert got.text == before
    assert got.reasons == ()


@pytest.mark.parametrize("base", ["registry.example.com/python:3", "continuumio/miniconda3"])
def test_leaves_unknown_users_alone(base: str) -> None:
    before = f"FROM {base}\nRUN pip install flask\n"

    assert mount(before).text == before


REMOVED_WITH_OTHERS = "the command removes the cache together with other things"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ENV PIP_NO_CACHE_DIR=1\nRUN pip install flask", "`PIP_NO_CACHE_DIR` turns the cache off"),
        ("ENV PIP_NO_CACHE_DIR off\nRUN pip install flask", "`PIP_NO_CACHE_DIR` turns the cache off"),
        ("ARG PIP_NO_CACHE_DIR=0\nRUN pip install flask", "`PIP_NO_CACHE_DIR` turns the cache off"),
        ("ARG C\nENV UV_NO_CACHE=$C\nRUN uv sync", "`UV_NO_CACHE` turns the cache off"),
        ("ENV UV_NO_CACHE=1\nRUN uv sync", "`UV_NO_CACHE` turns the cache off"),
        ("RUN pip install flask && rm -rf /root", REMOVED_WITH_OTHERS),
        ("RUN pip install flask && ./download && rm -rf /root/.cache", REMOVED_WITH_OTHERS),
        ("RUN pip install flask && rm -rf $CACHE", REMOVED_WITH_OTHERS),
        ("RUN pip install flask && (cd /root/.cache && rm -r pip)", REMOVED_WITH_OTHERS),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    before = f"FROM python:3.12\n{text}\n"

    got = mount(before)

    assert got.text == before
    assert got.reasons == (reason,)


def test_gives_the_cache_to_the_user() -> None:
    got = mount("FROM node:20\nUSER node\nRUN pip install x\n\nFROM python:3.12\n")

    assert "target=/home/node/.cache/pip,uid=1000,gid=1000" in got.text


def test_every_stage_and_crlf() -> None:
    got = mount("FROM python:3.12 AS a\r\nRUN pip install x\r\nFROM python:3.12\r\nRUN pip install y")

    assert got.text == (
        f"FROM python:3.12 AS a\r\nRUN {PIP} \\\r\n    pip install x\r\nFROM python:3.12\r\n"
        f"RUN {PIP} \\\r\n    pip install y"
    )


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (
            "# Using `--no-cache-dir` reduces image size.\nRUN pip install --no-cache-dir -r requirements.txt",
            "--no-cache-dir",
        ),
        ("RUN pip install \\\n    # no-cache-dir: small\n    --no-cache-dir flask", "--no-cache-dir"),
        ("# pip cache purge saves space\nRUN pip install flask && pip cache purge", "pip cache purge"),
    ],
)
def test_a_comment_that_speaks_of_what_would_be_taken_out(run: str, name: str) -> None:
    text = f"FROM python:3.12\n{run}\n"

    got = mount(text)

    assert got.text == text
    assert got.reasons == (f"the comment speaks of `{name}`, which would be taken out",)


@pytest.mark.parametrize("comment", ["keep it small", "see --no-cache-directory", "pip cache"])
def test_a_comment_of_other_things(comment: str) -> None:
    got = mount(f"FROM python:3.12\n# {comment}\nRUN pip install --no-cache-dir flask\n")

    assert "--no-cache-dir " not in got.text
    assert "--mount" in got.text
