"""RUNs that only install packages move above what changes more often."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import Rewritten, rewrite

HEAD = "FROM debian:bookworm-slim\nWORKDIR /app\n"
APT = "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n"
NPM = "RUN npm install -g serve@14 @nestjs/cli && npm cache clean --force\n"
CMD = 'CMD ["./a"]\n'
FILES = {"a": "", "sub/b": ""}


def moved(text: str) -> Rewritten:
    return rewrite("install-packages-first", text, FILES)


@pytest.mark.parametrize(
    "install",
    [
        APT,
        NPM,
        "RUN apk add --no-cache tini curl=8.5.0-r0\n",
        "RUN apk update && apk upgrade && apk add --virtual .build gcc >/dev/null 2>&1\n",
        "RUN set -eux; apt-get update; DEBIAN_FRONTEND=noninteractive apt-get -qq install libpq5:amd64 g++\n",
        "RUN --mount=type=cache,target=/root/.npm \\\n    npm i --global pm2@latest\n",
        "RUN apt-get update\nRUN apt-get install -y curl\n",
        "RUN <<EOF\napt-get update\napt-get install -y curl\nEOF\n",
        APT + NPM,
    ],
)
def test_moves_above_the_source(install: str) -> None:
    got = moved(f"{HEAD}COPY . .\n{install}{CMD}")

    assert got == Rewritten(f"{HEAD}{install}COPY . .\n{CMD}", (), (), ())
    assert moved(got.text) == got


@pytest.mark.parametrize(
    "between",
    [
        "EXPOSE 80\nLABEL a=b\n",
        "ENV NODE_ENV=production PORT=80\n",
        "COPY --chown=1000:1000 sub /srv/sub\nADD a /opt/\n",
        "WORKDIR /app/sub\n",
        'CMD ["x"]\nHEALTHCHECK CMD true\n',
    ],
)
def test_passes_what_no_installer_reads(between: str) -> None:
    assert moved(f"{HEAD}COPY . .\n{between}{APT}") == Rewritten(f"{HEAD}{APT}COPY . .\n{between}", (), (), ())


@pytest.mark.parametrize(
    "between",
    [
        "ENV NODE_ENV=production ACCEPT_EULA=Y\n",
        "ARG VERSION\n",
        "USER root\n",
        'SHELL ["/bin/bash", "-c"]\n',
        "RUN ./a\n",
        "COPY a /etc/apt/sources.list.d/\n",
        "COPY a /usr/local/bin/\n",
        "COPY a /root/.npmrc\n",
        "COPY sub /\n",
        "ADD https://example.com/key /opt/\n",
        "VOLUME /data\n",
    ],
)
def test_stays_below_what_it_may_depend_on(between: str) -> None:
    text = f"{HEAD}COPY . .\n{between}{APT}{CMD}"

    assert moved(text) == Rewritten(text, (), (), ())


def test_an_environment_of_python_is_no_matter_to_packages_of_the_system() -> None:
    copy = "COPY --from=example/python /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH PIP_NO_INPUT=1\n"

    assert moved(f"{HEAD}{copy}COPY . .\n{APT}").text == f"{HEAD}{APT}{copy}COPY . .\n"
    assert moved(f"{HEAD}{copy}COPY . .\n{NPM}").text == f"{HEAD}{copy}{NPM}COPY . .\n"


def test_goes_as_high_as_it_can() -> None:
    text = f"{HEAD}COPY a /etc/apt/\nCOPY sub ./sub\nCOPY . .\n{APT}"

    assert moved(text).text == f"{HEAD}COPY a /etc/apt/\n{APT}COPY sub ./sub\nCOPY . .\n"


def test_a_second_install_follows_the_first_or_stays() -> None:
    text = f"{HEAD}COPY . .\n{APT}RUN ./a\nCOPY sub ./sub\n{NPM}"

    assert moved(text).text == f"{HEAD}{APT}COPY . .\nRUN ./a\n{NPM}COPY sub ./sub\n"


@pytest.mark.parametrize(
    "run",
    [
        "RUN apt-get install -y ./tool.deb",
        "RUN apt-get install -y tool.deb",
        "RUN apt-get install -y $(cat packages.txt)",
        "RUN apt-get install -y $PACKAGES",
        "RUN xargs apt-get install -y < packages.txt",
        "RUN apt-get update && apt-get install -y make && make",
        "RUN --mount=type=bind,target=/src apt-get install -y curl",
        'RUN ["apt-get", "install", "-y", "curl"]',
        "RUN npm install -g .",
        "RUN npm install -g ./cli",
        "RUN npm install -g user/repository",
        "RUN npm install -g git+https://example.com/a.git",
        "RUN npm install -g",
        "RUN npm install serve",
        "RUN apk add --no-cache curl > /app/log",
        "RUN (apt-get install -y curl)",
    ],
)
def test_leaves_alone_what_may_read_the_source(run: str) -> None:
    text = f"{HEAD}COPY . .\n{run}\n"

    assert moved(text) == Rewritten(text, (), (), ())


@pytest.mark.parametrize("text", [f"{HEAD}{APT}COPY . .\n", f"{HEAD}{APT}", f"FROM a\nWORKDIR /\nCOPY . .\n{APT}"])
def test_leaves_alone(text: str) -> None:
    assert moved(text) == Rewritten(text, (), (), ())


@pytest.mark.parametrize("folder", ["/usr/src/app", "/var/www/html", "/usr/local/app", "/srv", "/home/app", "/data"])
def test_folders_of_applications(folder: str) -> None:
    head = f"FROM debian:bookworm-slim\nWORKDIR {folder}\n"

    assert moved(f"{head}COPY . .\n{APT}").text == f"{head}{APT}COPY . .\n"


@pytest.mark.parametrize("folder", ["/usr/local", "/etc/app", "/root/app", "/usr"])
def test_folders_of_the_system(folder: str) -> None:
    text = f"FROM debian:bookworm-slim\nWORKDIR {folder}\nCOPY . .\n{APT}"

    assert moved(text).text == text


def test_each_stage() -> None:
    one, two = "FROM golang:1.23 AS build\nWORKDIR /src\n", "\nFROM debian:bookworm-slim\n"
    build, copy = "RUN go build -o /a .\n", "COPY --from=build /a /opt/a\n"

    got = moved(f"{one}COPY . .\n{APT}{build}{two}{copy}{APT}").text

    assert got == f"{one}{APT}COPY . .\n{build}{two}{APT}{copy}"


def test_comments_and_paragraphs_stay() -> None:
    text = f"{HEAD}\n# the source\nCOPY . .\n\n# for health checks\n{APT}\n# start\n{CMD}"

    assert moved(text).text == f"{HEAD}\n# for health checks\n{APT}\n# the source\nCOPY . .\n\n# start\n{CMD}"


def test_a_paragraph_stays_one() -> None:
    text = f"{HEAD}COPY . .\n\n# for health checks\n{APT}\n{CMD}"

    assert moved(text).text == f"{HEAD}\n# for health checks\n{APT}\nCOPY . .\n\n{CMD}"


def test_crlf_and_no_newline_at_the_end() -> None:
    text = f"{HEAD}COPY . .\n{APT}".replace("\n", "\r\n").removesuffix("\r\n")

    assert moved(text).text == f"{HEAD}{APT}COPY . .".replace("\n", "\r\n")
