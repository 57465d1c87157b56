"""Whole runs over files as people write them, each of which a rewrite once broke or made worse."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import Rewritten, rewrite

FLASK = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n"}
INSTALL = "COPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
CMD = 'CMD ["python", "app.py"]\n'


def whole(text: str, files: dict[str, str] | None = None) -> Rewritten:
    return rewrite("", text, {**FLASK, **(files or {})})


@pytest.mark.parametrize("step", ["python init_db.py", "touch a.db", "flask db upgrade", "sh init.sh", "./init.py"])
def test_a_database_that_a_run_makes_is_the_users(step: str) -> None:
    files = {
        "app.py": "import flask, sqlite3\nsqlite3.connect('a.db')\n",
        "init.sh": "",
        "init.py": "",
        "init_db.py": "",
    }
    found = whole(f"FROM python:3.12-slim\nWORKDIR /app\n{INSTALL}RUN {step}\n{CMD}", files)

    assert "RUN chown -R 1000:1000 .\n" in found.text or found.risks


@pytest.mark.parametrize("step", ["mkdir x", "python manage.py collectstatic --noinput", "echo hello"])
def test_otherwise_the_folder_is(step: str) -> None:
    files = {"app.py": "import flask, sqlite3\nsqlite3.connect('a.db')\n", "manage.py": ""}
    found = whole(f"FROM python:3.12-slim\nWORKDIR /app\n{INSTALL}RUN {step}\n{CMD}", files)

    assert "-R 1000:1000 .\n" not in found.text
    assert "chown 1000:1000 .\n" in found.text


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("mkdir -p logs", "RUN chown -R 1000:1000 logs\n"),
        ("mkdir logs && chmod 755 logs", "RUN chown -R 1000:1000 logs\n"),
        ("cd /app && mkdir -p logs", "RUN chown -R 1000:1000 logs\n"),
        ("mkdir logs && rm -rf logs", "RUN mkdir -p logs && chown -R 1000:1000 logs\n"),
        ("mkdir /data && ln -s /data logs", "RUN chown -R 1000:1000 /data\n"),
        ("mkdir /data && ln -s /data /app/logs", "RUN chown -R 1000:1000 /data\n"),
        ("echo", "RUN mkdir -p logs && chown -R 1000:1000 logs\n"),
    ],
)
def test_folders_that_a_run_has_made(step: str, line: str) -> None:
    files = {"app.py": "import flask\nopen('logs/a', 'w')\n"}
    found = whole(f"FROM python:3.12-slim\nWORKDIR /app\n{INSTALL}RUN {step}\n{CMD}", files)

    assert line in found.text


def test_a_link_to_somewhere_is_a_risk() -> None:
    files = {"app.py": "import flask\nopen('logs/a', 'w')\n"}
    found = whole(f"FROM python:3.12-slim\nWORKDIR /app\n{INSTALL}RUN ln -s ../data logs\n{CMD}", files)

    assert found.risks == ("the program writes into `/app/logs`, which is a link",)


@pytest.mark.parametrize("target", ["/etc/pip.conf", "/usr/local/share/ca-certificates/x.crt", "/root/.netrc"])
def test_settings_of_the_install_are_in_both_stages(target: str) -> None:
    found = whole(f"FROM python:3.12\nCOPY settings {target}\nWORKDIR /app\n{INSTALL}{CMD}", {"settings": ""})

    assert found.text.count(f"COPY settings {target}\n") == 2


@pytest.mark.parametrize("name", ["PIP_USER=1", "PIP_TARGET=/app/lib", "PIP_PREFIX=/install"])
def test_variables_by_which_pip_installs_elsewhere(name: str) -> None:
    refused = f"`{name.partition('=')[0]}` makes pip install outside the interpreter's own folder"

    assert refused in whole(f"FROM python:3.12\nENV {name}\nWORKDIR /app\n{INSTALL}{CMD}").reasons
    text = INSTALL.replace("RUN pip", f"RUN {name} pip")
    assert refused in whole(f"FROM python:3.12\nWORKDIR /app\n{text}{CMD}").reasons
    off = whole(f"FROM python:3.12\nENV {name.partition('=')[0]}=\nWORKDIR /app\n{INSTALL}{CMD}")
    assert "/opt/venv" in off.text


def test_packages_below_roots_home_by_a_variable_keep_root() -> None:
    found = whole(f"FROM python:3.12-slim\nENV PIP_USER=1\nWORKDIR /app\n{INSTALL}{CMD}")

    assert "the packages are installed below /root, which only root can read" in found.reasons


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("from PIL import ImageFont\nImageFont.truetype('DejaVuSans.ttf')\n", "fonts-dejavu-core"),
        ("from PIL import ImageFont\nImageFont.truetype('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf')\n",
         "fonts-dejavu-core"),
        ("import subprocess\nsubprocess.run(['fc-list'])\n", "fontconfig"),
    ],
)  # fmt: skip
def test_what_the_full_image_brought(source: str, package: str) -> None:
    assert f"    {package} \\\n" in whole(f"FROM python:3.12\nWORKDIR /app\n{INSTALL}{CMD}", {"app.py": source}).runtime


def test_a_font_of_its_own() -> None:
    source = "from PIL import ImageFont\nImageFont.truetype('fonts/DejaVuSans.ttf')\n"
    files = {"app.py": source, "fonts/DejaVuSans.ttf": ""}

    assert "apt-get" not in whole(f"FROM python:3.12\nWORKDIR /app\n{INSTALL}{CMD}", files).text


def test_a_program_named_by_its_path() -> None:
    check = 'HEALTHCHECK CMD ["/usr/bin/curl", "-f", "http://localhost"]\n'

    assert "    curl \\\n" in whole(f"FROM python:3.12\nWORKDIR /app\n{INSTALL}{check}{CMD}").runtime


@pytest.mark.parametrize("name", ["rasterio", "fiona", "rioxarray", "geopandas", "rdkit"])
def test_wheels_that_take_libexpat_for_granted(name: str) -> None:
    found = whole(f"FROM python:3.12\nWORKDIR /app\n{INSTALL}{CMD}", {"requirements.txt": f"{name}\n"})

    assert "libexpat1" in found.runtime


def test_what_compiles_while_it_runs_keeps_its_compiler() -> None:
    files = {"app.py": "import torch\n@torch.compile\ndef f(x): return x\n", "requirements.txt": "torch\n"}

    assert (
        "the program runs `g++`, which is for building"
        in whole(f"FROM python:3.12\nWORKDIR /app\n{INSTALL}{CMD}", files).reasons
    )


@pytest.mark.parametrize("verb", ["makemigrations", "compilemessages"])
def test_djangos_commands_that_write_among_the_source(verb: str) -> None:
    command = f'CMD ["sh", "-c", "python manage.py {verb} && python app.py"]\n'
    found = whole(f"FROM python:3.12-slim\nWORKDIR /app\n{INSTALL}{command}", {"manage.py": ""})

    assert found.risks == (f"`{verb}` writes among the source",)


def test_a_divided_run_comes_after_its_source() -> None:
    found = whole(
        "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"
        "RUN export PIP_RETRIES=9 && pip install -r requirements.txt && chmod +x app.py\n" + CMD
    )

    assert "COPY . .\nRUN chmod +x app.py\n" in found.runtime
    assert found.text.count("COPY . .\n") == 1


def test_a_loop_is_more_than_plain_commands() -> None:
    found = whole(
        f'FROM python:3.12-slim\nWORKDIR /app\n{INSTALL}CMD ["sh", "-c", "while :; do python app.py; done"]\n'
    )

    assert found.risks == ("the command is more than plain commands",)


WAIT = """#!/usr/bin/env bash
echoerr() { if [[ $QUIET -ne 1 ]]; then echo "$@" 1>&2; fi }
usage()
{
    cat << USAGE >&2
Usage:
    $cmdname host:port [-- command args]
USAGE
}
while [[ $# -gt 0 ]]
do
    case "$1" in
        --)
        shift
        CLI=("$@")
        break
        ;;
    esac
done
(echo -n > /dev/tcp/$HOST/$PORT) >/dev/null 2>&1
echoerr "there"
exec "${CLI[@]}"
"""


def test_what_wait_for_it_hands_over_to_is_seen() -> None:
    command = 'CMD ["./wait-for-it.sh", "db:5432", "--", "python", "app.py"]\n'
    found = whole(f"FROM python:3.12-slim\nWORKDIR /app\n{INSTALL}{command}", {"wait-for-it.sh": WAIT})

    assert "USER 1000:1000\n" in found.text
