"""Images that uv publishes: those of Python with uv in them."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from tests.transforms.python.managers import PROJECT, UV
from tests.transforms.rewriting import Rewritten, rewrite

UV_NAME = "ghcr.io/astral-sh/uv"
SOURCE = "WORKDIR /app\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --locked --no-dev\nCOPY . .\n"
BUILD = "WORKDIR /app\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --locked --no-dev\n"
CARRIED = "WORKDIR /app\nCOPY --from=build /app/.venv /app/.venv\n"
PATH = "ENV PATH=/app/.venv/bin:$PATH\n"
CMD = 'CMD ["python", "app.py"]\n'


def split(text: str, files: dict[str, str] | None = None, options: Options | None = None) -> Rewritten:
    return rewrite("python/split-stages", text, files or UV, options=options or Options())


@pytest.mark.parametrize(
    ("base", "runtime"),
    [
        (f"{UV_NAME}:python3.12-bookworm", "python:3.12-slim-bookworm"),
        (f"{UV_NAME}:python3.13-trixie", "python:3.13-slim-trixie"),
        (f"{UV_NAME}:0.9.2-python3.12-bookworm", "python:3.12-slim-bookworm"),
        (f"docker.io/astral/uv:0.9-python3.12-bookworm@sha256:{'0' * 64}", "python:3.12-slim-bookworm"),
    ],
)
def test_the_program_runs_on_the_slim_image_of_python(base: str, runtime: str) -> None:
    got = split(f"FROM {base}\n{SOURCE}{PATH}{CMD}")

    assert got.text == f"FROM {base} AS build\n{BUILD}\nFROM {runtime}\n{CARRIED}COPY . .\n{PATH}{CMD}"


@pytest.mark.parametrize(
    ("base", "runtime"),
    [
        (f"{UV_NAME}:python3.12-bookworm", f"{UV_NAME}:python3.12-bookworm-slim"),
        (f"{UV_NAME}:0.9.2-python3.12-trixie", f"{UV_NAME}:0.9.2-python3.12-trixie-slim"),
    ],
)
def test_uv_run_keeps_an_image_with_uv(base: str, runtime: str) -> None:
    command = 'CMD ["uv", "run", "--no-sync", "app.py"]\n'

    got = split(f"FROM {base}\n{SOURCE}{command}")

    assert got.text == f"FROM {base} AS build\n{BUILD}\nFROM {runtime}\n{CARRIED}COPY . .\n{command}"


def test_the_authors_variable_names_the_version() -> None:
    got = split(f"ARG V=3.12\nFROM {UV_NAME}:python${{V}}-bookworm\n{SOURCE}{PATH}{CMD}")

    assert "\nFROM python:${V}-slim-bookworm\n" in got.text


def test_the_authors_variable_names_the_release() -> None:
    got = split(f"ARG R=bookworm\nFROM {UV_NAME}:python3.12-$R\n{SOURCE}{PATH}{CMD}")

    assert f"\nFROM {UV_NAME}:python3.12-$R-slim\n" in got.text


def test_a_compiler_stays_behind_with_uv() -> None:
    compiler = "RUN apt-get update && apt-get install -y gcc\n"

    got = split(f"FROM {UV_NAME}:python3.12-bookworm-slim\n{compiler}{SOURCE}{PATH}{CMD}")

    assert got.text == (
        f"FROM {UV_NAME}:python3.12-bookworm-slim AS build\n{compiler}{BUILD}\n"
        f"FROM python:3.12-slim-bookworm\n{CARRIED}COPY . .\n{PATH}{CMD}"
    )


def test_the_interpreters_packages_go_into_an_environment() -> None:
    text = (
        f"FROM {UV_NAME}:python3.12-trixie\nENV UV_SYSTEM_PYTHON=1\nWORKDIR /app\nCOPY pyproject.toml ./\n"
        f"RUN uv pip install -r pyproject.toml\nCOPY app.py ./\n{CMD}"
    )

    got = split(text)

    assert got.text == (
        f"FROM {UV_NAME}:python3.12-trixie AS build\nENV VIRTUAL_ENV=/opt/venv\nWORKDIR /app\n"
        "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nCOPY pyproject.toml ./\n"
        "RUN uv pip install -r pyproject.toml\n\nFROM python:3.12-slim-trixie\nWORKDIR /app\n"
        f"COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nCOPY app.py ./\n{CMD}"
    )


@pytest.mark.parametrize(
    "base",
    [
        "python3.12-bookworm-slim",
        "python3.12-alpine",
        "0.9.2-python3.12-alpine3.22",
        "debian",
        "trixie-slim",
        "alpine",
        "latest",
        "0.9.2",
        "python3.12-dhi",
    ],
)
def test_small_images_and_unknown_ones_stay(base: str) -> None:
    text = f"FROM {UV_NAME}:{base}\n{SOURCE}{PATH}{CMD}"

    got = split(text)

    assert got.text == text
    assert got.reasons == ()


@pytest.mark.parametrize(
    ("text", "files", "options", "reason"),
    [
        (
            f"FROM {UV_NAME}:python3.12-bookworm\n{SOURCE}{PATH}{CMD}",
            {**UV, "pyproject.toml": PROJECT.replace("3.11", "3.13")},
            Options(),
            "`requires-python` asks for >=3.13, which the image's Python is not",
        ),
        (
            f"FROM {UV_NAME}:python3.12-bookworm\n{SOURCE}{PATH}{CMD}",
            UV,
            Options(runtime="distroless"),
            "distroless has Python 3.13 only, and `ghcr.io/astral-sh/uv:python3.12-bookworm` may have another one",
        ),
    ],
)
def test_refuses(text: str, files: dict[str, str], options: Options, reason: str) -> None:
    got = split(text, files, options)

    assert got.text == text
    assert got.reasons == (reason,)


def test_all_transforms_on_a_slim_one() -> None:
    text = (
        f"FROM {UV_NAME}:python3.12-trixie-slim\n\nENV UV_SYSTEM_PYTHON=1\nWORKDIR /app\n"
        "COPY pyproject.toml ./\n# no cache in the image\nRUN uv pip install --no-cache -r pyproject.toml\n\n"
        "COPY app.py ./\nUSER 1000\n" + CMD
    )

    got = rewrite("", text, UV)

    assert got.text == (
        f"# syntax=docker/dockerfile:1\nFROM {UV_NAME}:python3.12-trixie-slim\n\nENV UV_SYSTEM_PYTHON=1\n"
        "WORKDIR /app\nCOPY pyproject.toml ./\n# no cache in the image\n"
        "RUN --mount=type=cache,target=/root/.cache/uv \\\n"
        "    UV_LINK_MODE=copy uv pip install -r pyproject.toml\n\nCOPY app.py ./\nUSER 1000\n" + CMD
    )
