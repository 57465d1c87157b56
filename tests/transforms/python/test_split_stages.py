"""Packages from a build stage, the program in an image without its build."""

from __future__ import annotations

import pytest

from tests.transforms.python.splitting import APP, BUILD, CARRIED, CMD, INSTALL, VENV, split


@pytest.mark.parametrize(
    ("base", "twin"),
    [
        ("python:3.12", "python:3.12-slim"),
        ("python:3.11-bookworm", "python:3.11-slim-bookworm"),
        ("python", "python:slim"),
        ("python:3.11.4-bullseye", "python:3.11.4-slim-bullseye"),
        ("docker.io/library/python:3.12", "docker.io/library/python:3.12-slim"),
        (f"python:3.12@sha256:{'0' * 64}", "python:3.12-slim"),
    ],
)
def test_runs_on_the_slim_twin(base: str, twin: str) -> None:
    got = split(f"FROM {base}\n{INSTALL}EXPOSE 8000\n{CMD}")

    assert got.text == (
        f"FROM {base} AS build\n{BUILD}\nFROM {twin}\nWORKDIR /app\n{CARRIED}COPY . .\nEXPOSE 8000\n{CMD}"
    )


@pytest.mark.parametrize(
    ("head", "build", "runtime"),
    [
        (
            "ARG V=3.12\nFROM python:${V}\n",
            "ARG V=3.12\nFROM python:${V} AS build\n",
            "FROM python:${V}-slim\n",
        ),
        (
            "ARG V=3.12\nFROM python:$V-bookworm\n",
            "ARG V=3.12\nFROM python:$V-bookworm AS build\n",
            "FROM python:$V-slim-bookworm\n",
        ),
        (
            "FROM --platform=linux/amd64 python:3.12\n",
            "FROM --platform=linux/amd64 python:3.12 AS build\n",
            "FROM --platform=linux/amd64 python:3.12-slim\n",
        ),
        ("FROM python:3.12 AS web\n", "FROM python:3.12 AS build\n", "FROM python:3.12-slim AS web\n"),
    ],
)
def test_from_is_written_as_the_author_wrote_it(head: str, build: str, runtime: str) -> None:
    got = split(head + INSTALL + CMD)

    assert got.text == f"{build}{BUILD}\n{runtime}WORKDIR /app\n{CARRIED}COPY . .\n{CMD}"


def test_what_builds_stays_and_what_runs_moves() -> None:
    got = split(
        "FROM python:3.12\n"
        "ENV PYTHONUNBUFFERED=1\nENV PIP_NO_CACHE_DIR=1\nARG VERSION=1\n"
        "RUN useradd --uid 1000 app\n"
        + INSTALL
        + "ENV APP_VERSION=$VERSION\nRUN python manage.py collectstatic --noinput\nRUN chmod +x app.py\n"
        'LABEL a=b\nVOLUME /data\nHEALTHCHECK CMD ["python", "check.py"]\nSTOPSIGNAL SIGINT\nUSER app\n' + CMD
    )

    assert got.text == (
        "FROM python:3.12 AS build\nENV PYTHONUNBUFFERED=1\nENV PIP_NO_CACHE_DIR=1\nARG VERSION=1\n" + BUILD + "\n"
        "FROM python:3.12-slim\nENV PYTHONUNBUFFERED=1\nARG VERSION=1\nRUN useradd --uid 1000 app\nWORKDIR /app\n"
        + CARRIED
        + "COPY . .\nENV APP_VERSION=$VERSION\nRUN python manage.py collectstatic --noinput\nRUN chmod +x app.py\n"
        'LABEL a=b\nVOLUME /data\nHEALTHCHECK CMD ["python", "check.py"]\nSTOPSIGNAL SIGINT\nUSER app\n' + CMD
    )


def test_comments_go_with_what_moves() -> None:
    got = split(
        "# the base\nFROM python:3.12\n\n# where it lives\nWORKDIR /app\n\n# what it needs\nCOPY requirements.txt .\n"
        "RUN pip install \\\n    # pinned\n    -r requirements.txt\n\n# the program\nCOPY . .\n\n# start\n"
        + CMD
        + "# end\n"
    )

    assert got.text == (
        "# the base\nFROM python:3.12 AS build\n\n# where it lives\nWORKDIR /app\n\n" + VENV + "\n"
        "# what it needs\nCOPY requirements.txt .\nRUN pip install \\\n    # pinned\n    -r requirements.txt\n\n"
        "FROM python:3.12-slim\nWORKDIR /app\n" + CARRIED + "\n# the program\nCOPY . .\n\n# start\n" + CMD + "# end\n"
    )


def test_crlf_lower_case_and_no_newline_at_the_end() -> None:
    text = "from python:3.12\ncopy requirements.txt .\nrun pip install -r requirements.txt\ncopy . .\ncmd python app.py"

    got = split(text.replace("\n", "\r\n"))

    assert got.text.replace("\r\n", "\n") == (
        "from python:3.12 as build\nrun python -m venv /opt/venv\nenv PATH=/opt/venv/bin:$PATH\n"
        "copy requirements.txt .\nrun pip install -r requirements.txt\n\nfrom python:3.12-slim\n"
        "copy --from=build /opt/venv /opt/venv\nenv PATH=/opt/venv/bin:$PATH\ncopy . .\ncmd python app.py"
    )
    assert "\n" not in got.text.replace("\r\n", "")


def test_a_source_that_comes_before_the_install_is_in_both_stages() -> None:
    got = split("FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n" + CMD)

    assert got.text == (
        "FROM python:3.12 AS build\nWORKDIR /app\nCOPY . .\n" + VENV + "RUN pip install -r requirements.txt\n\n"
        "FROM python:3.12-slim\nWORKDIR /app\n" + CARRIED + "COPY . .\n" + CMD
    )


def test_keeps_the_environment_that_the_author_made() -> None:
    own = "RUN python -m venv /venv\nENV PATH=/venv/bin:$PATH\n"

    got = split("FROM python:3.12\n" + own + INSTALL + CMD)

    assert got.text == (
        "FROM python:3.12 AS build\n" + own + INSTALL.removesuffix("COPY . .\n") + "\nFROM python:3.12-slim\n"
        "COPY --from=build /venv /venv\nENV PATH=/venv/bin:$PATH\nWORKDIR /app\nCOPY . .\n" + CMD
    )


# --- system packages


def test_the_environment_takes_a_folder_that_is_free() -> None:
    files = {**APP, "deploy/opt/venv/x": ""}

    got = split("FROM python:3.12\nCOPY deploy/ /\n" + INSTALL + CMD, files)

    assert "COPY --from=build /venv /venv\nENV PATH=/venv/bin:$PATH\n" in got.text


# --- left alone


@pytest.mark.parametrize(
    ("users", "copy", "in_build"),
    [
        ("RUN useradd -m app\n", "--chown=app:app ", True),
        ("RUN groupadd web\nRUN useradd -g web app\n", "--chown=app ", True),
        ("RUN addgroup web && adduser --ingroup web app\n", "--chown=:web ", True),
        ("ARG NAME=app\nRUN useradd $NAME\n", "--chown=${NAME} ", True),
        ("RUN useradd -u 1000 -d /app app\n", "--chown=1000:1000 ", False),
        ("RUN useradd -m app\n", "", False),
    ],
)
def test_users_are_made_in_each_stage_that_names_them(users: str, copy: str, in_build: bool) -> None:
    text = f"FROM python:3.12-bookworm\nWORKDIR /app\n{users}COPY {copy}requirements.txt ./\n"

    got = split(f"{text}RUN pip install -r requirements.txt\nCOPY {copy}. .\n{CMD}")

    build, _, runtime = got.text.partition("\n\nFROM ")
    lines = [line for line in users.splitlines() if line.startswith("RUN")]
    assert got.reasons == ()
    assert all(line in runtime for line in lines)
    assert all((line in build) is in_build for line in lines)


TINI = "ADD https://example.com/v0.19.0/tini /tini\nRUN chmod +x /tini\n"


def test_a_program_that_is_fetched_goes_to_the_stage_that_runs_it() -> None:
    got = split("FROM python:3.12\n" + TINI + INSTALL + 'ENTRYPOINT ["/tini", "--"]\n' + CMD)

    assert got.text == (
        f"FROM python:3.12 AS build\n{BUILD}\nFROM python:3.12-slim\n{TINI}WORKDIR /app\n{CARRIED}COPY . .\n"
        'ENTRYPOINT ["/tini", "--"]\n' + CMD
    )


def test_a_file_that_is_fetched_for_the_install_is_in_both_stages() -> None:
    fetched = "ADD https://example.com/pip.tar /opt/pip.tar\nRUN tar -xf /opt/pip.tar -C /etc\n"

    got = split("FROM python:3.12\n" + fetched + INSTALL + CMD)

    assert got.text.count(fetched) == 2


@pytest.mark.parametrize("base", ["python:2.7", "python:2-slim"])
def test_an_environment_of_the_authors_serves_python_2_too(base: str) -> None:
    text = (
        f"FROM {base}\nRUN apt-get update && apt-get install -y gcc\nRUN virtualenv /venv\nENV PATH=/venv/bin:$PATH\n"
        f"WORKDIR /app\nRUN pip install flask\nCOPY . .\n{CMD}"
    )

    got = split(text)

    assert got.reasons == ()
    assert "COPY --from=build /venv /venv\n" in got.text


@pytest.mark.parametrize(
    "link",
    [
        "COPY start.sh /usr/local/bin/start.sh\nRUN ln -s /usr/local/bin/start.sh /start\n",
        "RUN touch /usr/local/bin/x && ln -s /usr/local/bin/x /x\n",
    ],
)
def test_a_link_to_a_file_of_the_authors_is_made_where_it_runs(link: str) -> None:
    got = split("FROM python:3.12\n" + INSTALL + link + CMD, {**APP, "start.sh": "#!/bin/sh\npython app.py\n"})

    assert got.reasons == ()
    assert link in got.text.rpartition("FROM ")[2]


@pytest.mark.parametrize("options", ["", "-f "])
def test_what_the_install_has_read_is_removed_where_it_was(options: str) -> None:
    removal = f"RUN rm {options}requirements.txt\n"

    got = split("FROM python:3.12\n" + INSTALL.replace("COPY . .\n", removal + "COPY app.py ./\n") + CMD)

    assert got.text == (
        f"FROM python:3.12 AS build\n{BUILD}{removal}\n"
        f"FROM python:3.12-slim\nWORKDIR /app\n{CARRIED}COPY app.py ./\n{CMD}"
    )


def test_a_comment_of_the_author_begins_a_paragraph_below_what_is_new() -> None:
    install = "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
    text = f"FROM python:3.12\n{install}\n# the source\nENV A=1\nCOPY . .\n{CMD}"

    got = split(text)

    assert got.text.endswith(f"FROM python:3.12-slim\n{CARRIED}\n# the source\nENV A=1\nCOPY . .\n{CMD}")
