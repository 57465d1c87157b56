"""RUNs that install packages and do something for the image that runs: each stage gets its own commands."""

from __future__ import annotations

import pytest

from tests.transforms.python.rewriting import Rewritten, rewrite

APP = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n", "pip.conf": "[global]\n"}
COPY = "WORKDIR /app\nCOPY requirements.txt ./\n"
CMD = 'CMD ["python", "app.py"]\n'
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"


def split(text: str, **files: str) -> Rewritten:
    return rewrite("split-stages", text, {**APP, **files})


def two_stages(build: str, runtime: str, base: str = "python:3.12", twin: str = "python:3.12-slim") -> str:
    return f"FROM {base} AS build\nWORKDIR /app\n{VENV}COPY requirements.txt ./\n{build}\nFROM {twin}\n{runtime}"


@pytest.mark.parametrize(
    ("run", "build", "runtime"),
    [
        # Folders and owners are for the program.
        (
            "RUN mkdir /data && pip install -r requirements.txt",
            "RUN pip install -r requirements.txt",
            "RUN mkdir /data",
        ),
        (
            "RUN set -ex \\\n    && pip install -r requirements.txt \\\n    && mkdir -p /data/db \\\n"
            "    && chown -R nobody:nogroup /data",
            "RUN set -ex \\\n    && pip install -r requirements.txt",
            "RUN set -ex \\\n    && mkdir -p /data/db \\\n    && chown -R nobody:nogroup /data",
        ),
        (
            "RUN useradd -m app && \\\n    pip install -r requirements.txt && \\\n    rm -rf /root/.cache",
            "RUN pip install -r requirements.txt && \\\n    rm -rf /root/.cache",
            "RUN useradd -m app",
        ),
        # Comments stay with what they are about.
        (
            "RUN \\\n    # what the program needs\n    pip install -r requirements.txt \\\n"
            "    # where it writes\n    && mkdir /data",
            "RUN \\\n    # what the program needs\n    pip install -r requirements.txt",
            "RUN \\\n    # where it writes\n    mkdir /data",
        ),
        (
            "RUN \\\n    # where it writes\n    mkdir /data && \\\n    # what it needs\n"
            "    pip install -r requirements.txt",
            "RUN \\\n    # what it needs\n    pip install -r requirements.txt",
            "RUN \\\n    # where it writes\n    mkdir /data",
        ),
        # What only talks is not said twice.
        (
            "RUN echo installing && pip install -r requirements.txt && echo done && mkdir /data && echo made",
            "RUN echo installing && pip install -r requirements.txt && echo done && echo made",
            "RUN mkdir /data",
        ),
        (
            "RUN pip install -r requirements.txt; mkdir /data",
            "RUN pip install -r requirements.txt",
            "RUN mkdir /data",
        ),
        # The author's own mount is for the install.
        (
            "RUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install -r requirements.txt && mkdir /data",
            "RUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install -r requirements.txt",
            "RUN mkdir /data",
        ),
        # A change of the system above the install may be for it.
        (
            "RUN mkdir -p /etc/x && sed -i s/a/b/ /etc/hosts && pip install -r requirements.txt && mkdir /data",
            "RUN mkdir -p /etc/x && sed -i s/a/b/ /etc/hosts && pip install -r requirements.txt",
            "RUN mkdir -p /etc/x && sed -i s/a/b/ /etc/hosts && mkdir /data",
        ),
        # The requirements file is only in the build stage.
        (
            "RUN pip install -r requirements.txt && rm requirements.txt && mkdir /data",
            "RUN pip install -r requirements.txt && rm requirements.txt",
            "RUN mkdir /data",
        ),
        (
            "RUN pip install -r requirements.txt && mkdir /data && rm -rf /root/.cache requirements.txt",
            "RUN pip install -r requirements.txt && rm -rf /root/.cache requirements.txt",
            "RUN mkdir /data",
        ),
        (
            "RUN umask 027; pip install -r requirements.txt; touch /data",
            "RUN umask 027; pip install -r requirements.txt",
            "RUN umask 027; touch /data",
        ),
    ],
)
def test_each_stage_has_its_own_commands(run: str, build: str, runtime: str) -> None:
    got = split(f"FROM python:3.12\n{COPY}{run}\nCOPY . .\n{CMD}")

    assert got.reasons == ()
    assert got.text == two_stages(build + "\n", f"WORKDIR /app\n{CARRIED}{runtime}\nCOPY . .\n{CMD}")


def test_line_ends_stay() -> None:
    text = f"FROM python:3.12\n{COPY}RUN mkdir /data \\\n    && pip install -r requirements.txt\nCOPY . .\n{CMD}"

    got = split(text.replace("\n", "\r\n"))

    expected = two_stages(
        "RUN pip install -r requirements.txt\n", f"WORKDIR /app\n{CARRIED}RUN mkdir /data\nCOPY . .\n{CMD}"
    )
    assert got.text == expected.replace("\n", "\r\n")


def test_lower_case_stays() -> None:
    got = split(
        'from python:3.12\nworkdir /app\ncopy . .\nrun mkdir /data && pip install flask\ncmd ["python", "app.py"]\n'
    )

    assert "run mkdir /data\n" in got.text
    assert "RUN" not in got.text


APT = "RUN apt-get update && apt-get install -y {} && rm -rf /var/lib/apt/lists/*"
LIBPQ = (
    "RUN apt-get update && apt-get install -y --no-install-recommends \\\n"
    "    libpq5 \\\n    && rm -rf /var/lib/apt/lists/*\n"
)
SLIM = "python:3.12-slim-bookworm"


def slim(run: str) -> str:
    return f"FROM {SLIM}\n{run}\n{COPY}RUN pip install -r requirements.txt\nCOPY . .\n{CMD}"


def slim_stages(build: str, runtime: str) -> str:
    return (
        f"FROM {SLIM} AS build\n{build}\nWORKDIR /app\n{VENV}COPY requirements.txt ./\n"
        f"RUN pip install -r requirements.txt\n\nFROM {SLIM}\n{runtime}WORKDIR /app\n{CARRIED}COPY . .\n{CMD}"
    )


@pytest.mark.parametrize(
    ("run", "build", "runtime"),
    [
        (APT.format("gcc libpq-dev") + " && useradd app", APT.format("gcc libpq-dev"), f"{LIBPQ}RUN useradd app\n"),
        (
            "RUN mkdir /data && apt-get update && apt-get install -y libpq-dev",
            "RUN apt-get update && apt-get install -y libpq-dev",
            f"{LIBPQ}RUN mkdir /data\n",
        ),
        # Where packages come from is said above the install of either stage.
        (
            "RUN sed -i s/deb/mirror/ /etc/apt/sources.list && apt-get update && apt-get install -y libpq-dev",
            "RUN sed -i s/deb/mirror/ /etc/apt/sources.list && apt-get update && apt-get install -y libpq-dev",
            f"RUN sed -i s/deb/mirror/ /etc/apt/sources.list\n{LIBPQ}",
        ),
    ],
)
def test_compilers_stay_behind_in_a_run_that_does_more(run: str, build: str, runtime: str) -> None:
    got = split(slim(run), **{"requirements.txt": "psycopg2\n"})

    assert got.reasons == ()
    assert got.text == slim_stages(build, runtime)


def test_a_user_that_a_copy_of_the_build_stage_names_is_made_there_too() -> None:
    run = APT.format("gcc") + " && useradd app"
    text = slim(run).replace("COPY requirements", "COPY --chown=app requirements")

    got = split(text)

    assert got.text.count("useradd app") == 2
    assert got.text.startswith(f"FROM {SLIM} AS build\n{run}\n")
    assert "gcc" not in got.text.rpartition("FROM ")[2]


def test_packages_for_running_are_installed_as_they_were() -> None:
    text = slim(APT.format("ffmpeg") + " && mkdir /data")

    assert split(text).text == text


@pytest.mark.parametrize(
    ("run", "other"),
    [
        ("RUN cd /tmp && pip install -r requirements.txt && mkdir /data", "mkdir /data"),
        ("RUN pip install -r requirements.txt && find /usr/local -name '*.pyc' -delete", "find /usr/local"),
        ("RUN --mount=type=secret,id=key pip install -r requirements.txt && mkdir /data", "mkdir /data"),
        ("RUN <<EOF\npip install -r requirements.txt\nmkdir /data\nEOF", "mkdir /data"),
        (
            "RUN sed -i s/a/b/ /x && apt-get install -y gcc && pip install -r requirements.txt && cp /x /y",
            "sed -i",
        ),
    ],
)
def test_refuses_what_can_not_be_told_apart(run: str, other: str) -> None:
    text = f"FROM python:3.12\nCOPY requirements.txt ./\n{run}\nWORKDIR /app\nCOPY . .\n{CMD}"

    got = split(text, **{"tmp/requirements.txt": ""})

    assert got.text == text
    assert got.reasons == (f"packages are installed in one RUN with `{other}`",)


def test_refuses_a_compiler_in_one_run_with_a_manager_that_the_image_runs() -> None:
    text = (
        f"FROM {SLIM}\nWORKDIR /app\nRUN apt-get update && apt-get install -y gcc && pip install pipenv\n"
        "COPY Pipfile Pipfile.lock ./\nENV PIPENV_VENV_IN_PROJECT=1\nRUN pipenv sync\nCOPY . .\n"
        'CMD ["pipenv", "run", "python", "app.py"]\n'
    )
    files = {
        "Pipfile": '[packages]\nflask = "*"\n',
        "Pipfile.lock": '{"default": {"flask": {}}, "develop": {}}\n',
    }

    got = split(text, **files)

    assert got.text == text
    assert got.reasons == ("`gcc` is installed in one RUN with `pipenv`, which the image needs",)
