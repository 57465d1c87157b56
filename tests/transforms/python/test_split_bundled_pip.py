"""Splits on releases of Python whose `venv` module brings an older pip than the image has."""

from __future__ import annotations

import pytest

from tests.transforms.python.rewriting import rewrite

FILES = {"requirements.txt": "Flask==1.1.4\n", "app.py": "import flask\n"}
PLAIN = "RUN python -m venv /opt/venv\nENV "
WITH_PIP = (
    "RUN python -m venv /opt/venv \\\n    # the image's own pip: the one that venv brings is older\n"
    "    && /opt/venv/bin/pip install \"pip==$(pip --version | cut -d ' ' -f 2)\"\nENV PATH=/opt/venv/bin:$PATH\n"
)


def split(tag: str, install: str = "pip install -r requirements.txt") -> str:
    text = f"FROM python:{tag}\nCOPY requirements.txt ./\nRUN {install}\nCOPY . .\n" + 'CMD ["python", "app.py"]\n'
    got = rewrite("split-stages", text, FILES)
    assert got.reasons == ()
    return got.text


@pytest.mark.parametrize("tag", ["3.6", "3.6.15", "3.7.4", "3.8.12-buster", "3.9.10", "3.10.2"])
def test_the_environment_gets_the_pip_of_the_image(tag: str) -> None:
    assert WITH_PIP in split(tag)


@pytest.mark.parametrize("tag", ["3.7", "3.8", "3.8.13", "3.9.11", "3.10.3", "3.10", "3.11.0", "3.12", "3", "latest"])
def test_a_release_that_brings_a_newer_pip(tag: str) -> None:
    assert PLAIN in split(tag)


@pytest.mark.parametrize("upgrade", ["pip install -U pip", "python -m pip install --upgrade 'pip<22' wheel"])
def test_the_author_installs_a_pip_first(upgrade: str) -> None:
    assert PLAIN in split("3.6", f"{upgrade} && pip install -r requirements.txt")


def test_uv_needs_no_pip() -> None:
    assert PLAIN in split("3.8.2", "pip install uv\nRUN uv pip install --system -r requirements.txt")
