"""Requirements before the source."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from tests.transforms.python.rewriting import Rewritten, rewrite

FLASK = {"requirements.txt": "Flask==3.0.3\n", "app.py": "", "templates/index.html": ""}
TREE = {
    "requirements/base.txt": "Flask\n",
    "requirements/prod.txt": "-r base.txt\n-c ../constraints.txt\ngunicorn\n",
    "constraints.txt": "Flask<4\n",
    "app.py": "",
}


def order(text: str, files: dict[str, str] | None = None, **options: object) -> Rewritten:
    return rewrite("copy-dependencies-first", text, FLASK if files is None else files, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "files"),
    [
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\nCOPY . /app\nRUN pip3 install -r requirements.txt\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt ./\n"
            "RUN pip3 install -r requirements.txt\nCOPY . /app\n",
            FLASK,
            id="an absolute target",
        ),
        pytest.param(
            "FROM python:3.12\nADD . /srv\nWORKDIR /srv\nRUN python -m pip install -r requirements.txt\n",
            "FROM python:3.12\nCOPY requirements.txt /srv/\nWORKDIR /srv\n"
            "RUN python -m pip install -r requirements.txt\n"
            "ADD . /srv\n",
            FLASK,
            id="above the WORKDIR",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"
            "RUN pip install -r requirements.txt && python manage.py collectstatic\nEXPOSE 80\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
            "COPY . .\nRUN python manage.py collectstatic\nEXPOSE 80\n",
            FLASK,
            id="what the RUN does for the image comes after",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\n# all\nCOPY . .\nRUN export PIP_INDEX_URL=https://a.org/ \\\n"
            "    # packages\n    && pip install -r requirements.txt \\\n    # it is a script\n    && chmod +x app.py\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt ./\nRUN export PIP_INDEX_URL=https://a.org/ \\\n"
            "    # packages\n    && pip install -r requirements.txt\n\n# all\nCOPY . .\nRUN \\\n"
            "    # it is a script\n    chmod +x app.py\n",
            FLASK,
            id="with its comments, and without a variable that it does not look at",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt\n",
            "FROM python:3.12\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n",
            FLASK,
            id="no WORKDIR",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements/prod.txt\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY requirements/prod.txt requirements/base.txt ./requirements/\n"
            "COPY constraints.txt ./\nRUN pip install -r requirements/prod.txt\nCOPY . .\n",
            TREE,
            id="what the files include",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"
            "RUN pip install --requirement=requirements/base.txt -cconstraints.txt\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY requirements/base.txt ./requirements/\nCOPY constraints.txt ./\n"
            "RUN pip install --requirement=requirements/base.txt -cconstraints.txt\nCOPY . .\n",
            TREE,
            id="other spellings of the options",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\nCOPY web /app\nRUN pip install -r requirements.txt\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY web/requirements.txt ./\nRUN pip install -r requirements.txt\n"
            "COPY web /app\n",
            {"web/requirements.txt": "Flask\n", "web/app.py": ""},
            id="a sub-folder of the context",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN cd web && pip install -r requirements.txt\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY web/requirements.txt ./web/\n"
            "RUN cd web && pip install -r requirements.txt\n"
            "COPY . .\n",
            {"web/requirements.txt": "Flask\n", "app.py": ""},
            id="another working folder",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY --chown=1000:1000 . /app/\nRUN pip install -r /app/requirements.txt\n",
            "FROM python:3.12\nCOPY --chown=1000:1000 requirements.txt /app/\n"
            "RUN pip install -r /app/requirements.txt\n"
            "COPY --chown=1000:1000 . /app/\n",
            FLASK,
            id="an owner",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY . .\nRUN pip install --upgrade pip\nRUN pip install -r requirements.txt\n"
            "RUN pip install gunicorn 'uvicorn[standard]>=0.2' celery[redis]==5.*\n",
            "FROM python:3.12\nCOPY requirements.txt ./\nRUN pip install --upgrade pip\n"
            "RUN pip install -r requirements.txt\n"
            "RUN pip install gunicorn 'uvicorn[standard]>=0.2' celery[redis]==5.*\nCOPY . .\n",
            FLASK,
            id="several installs",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY . .\nRUN pip install --upgrade pip && pip install -r requirements.txt\n",
            "FROM python:3.12\nCOPY requirements.txt ./\n"
            "RUN pip install --upgrade pip && pip install -r requirements.txt\nCOPY . .\n",
            FLASK,
            id="two in one RUN",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY . .\nENV PIP_INDEX_URL=https://pypi.example.com\n"
            "RUN apt-get update && apt-get install -y gcc\nRUN chmod +x entrypoint.sh\n"
            "RUN pip install -r requirements.txt\n",
            "FROM python:3.12\nCOPY requirements.txt ./\nENV PIP_INDEX_URL=https://pypi.example.com\n"
            "RUN apt-get update && apt-get install -y gcc\nRUN pip install -r requirements.txt\nCOPY . .\n"
            "RUN chmod +x entrypoint.sh\n",
            {**FLASK, "entrypoint.sh": ""},
            id="what belongs to the source goes with it",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY app.py .\nCOPY requirements.txt .\n"
            "RUN pip install -r requirements.txt\nCMD python app.py\n",
            "FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
            "COPY app.py .\nCMD python app.py\n",
            FLASK,
            id="the requirements in a COPY below",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY pip.conf /etc/pip.conf\nCOPY . /app\nRUN pip install -r /app/requirements.txt\n",
            "FROM python:3.12\nCOPY pip.conf /etc/pip.conf\nCOPY requirements.txt /app/\n"
            "RUN pip install -r /app/requirements.txt\nCOPY . /app\n",
            {**FLASK, "pip.conf": ""},
            id="settings of pip stay above",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY . .\nRUN pip install git+https://git.example.com/x.git -r requirements.txt\n",
            "FROM python:3.12\nCOPY requirements.txt ./\n"
            "RUN pip install git+https://git.example.com/x.git -r requirements.txt\nCOPY . .\n",
            {**FLASK, "requirements.txt": "git+https://git.example.com/y.git@v1#egg=y\n"},
            id="packages out of repositories",
        ),
        pytest.param(
            "from python:3.12\ncopy . .\nrun pip install -r requirements.txt\n",
            "from python:3.12\ncopy requirements.txt ./\nrun pip install -r requirements.txt\ncopy . .\n",
            FLASK,
            id="lower case",
        ),
        pytest.param(
            "FROM python:3.12\r\nCOPY . .\r\nRUN pip install \\\r\n    -r requirements.txt",
            "FROM python:3.12\r\nCOPY requirements.txt ./\r\nRUN pip install \\\r\n    -r requirements.txt\r\nCOPY . .",
            FLASK,
            id="CRLF and no newline at the end",
        ),
        pytest.param(
            "FROM python:3.12\n\n# all of it\nCOPY . .\n\n# packages\nRUN pip install \\\n"
            "    # pinned\n    -r requirements.txt\n\n"
            'CMD ["python"]\n',
            "FROM python:3.12\n\nCOPY requirements.txt ./\n\n# packages\nRUN pip install \\\n    # pinned\n"
            '    -r requirements.txt\n\n# all of it\nCOPY . .\n\nCMD ["python"]\n',
            FLASK,
            id="comments and paragraphs",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /app\n\n# the source\nCOPY . .\nRUN pip install -r requirements.txt\n",
            "FROM python:3.12\nWORKDIR /app\n\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n\n"
            "# the source\nCOPY . .\n",
            FLASK,
            id="a comment begins a paragraph",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY . .\nRUN <<EOF\npip install -r requirements.txt\nEOF\n",
            "FROM python:3.12\nCOPY requirements.txt ./\nRUN <<EOF\npip install -r requirements.txt\nEOF\nCOPY . .\n",
            FLASK,
            id="a heredoc",
        ),
        pytest.param(
            'FROM python:3.12\nCOPY . .\nRUN ["pip", "install", "-r", "requirements.txt"]\n',
            'FROM python:3.12\nCOPY requirements.txt ./\nRUN ["pip", "install", "-r", "requirements.txt"]\nCOPY . .\n',
            FLASK,
            id="exec form",
        ),
        pytest.param(
            "FROM python:3.12 AS one\nCOPY . .\nRUN pip install -r requirements.txt\n\n"
            "FROM python:3.12\nCOPY --from=one / /\n",
            "FROM python:3.12 AS one\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n\n"
            "FROM python:3.12\nCOPY --from=one / /\n",
            FLASK,
            id="a stage of several",
        ),
        pytest.param(
            "FROM python:3.12\nARG DIR=/app\nWORKDIR $DIR\nCOPY . $DIR\nRUN pip install -r requirements.txt\n",
            "FROM python:3.12\nARG DIR=/app\nWORKDIR $DIR\nCOPY requirements.txt ./\n"
            "RUN pip install -r requirements.txt\n"
            "COPY . $DIR\n",
            FLASK,
            id="a variable in the target",
        ),
    ],
)
def test_moves_the_install_up(before: str, after: str, files: dict[str, str]) -> None:
    got = order(before, files)

    assert got.text == after
    assert got.reasons == ()


@pytest.mark.parametrize(
    ("text", "files"),
    [
        pytest.param("FROM python:3.12\nCOPY . .\n", FLASK, id="no install"),
        pytest.param("FROM python:3.12\nRUN pip install flask\nCOPY . .\n", FLASK, id="installed first"),
        pytest.param(
            "FROM python:3.12\nCOPY requirements*.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n",
            FLASK,
            id="a pattern",
        ),
        pytest.param(
            "FROM python:3.12\n"
            "RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt\nCOPY . .\n",
            FLASK,
            id="a bind mount",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY libs/common /tmp/common\n"
            "RUN pip install /tmp/common -r /tmp/common/r.txt\nCOPY . .\n",
            {"libs/common/setup.py": "", "libs/common/r.txt": "flask\n", "app.py": ""},
            id="a library that is copied for the install",
        ),
        pytest.param(
            "FROM python:3.12\nCOPY --from=ghcr.io/x/y /wheels /wheels\nRUN pip install flask\n",
            FLASK,
            id="another image",
        ),
        pytest.param("FROM python:3.12\nCOPY . .\nRUN echo pip install flask\n", FLASK, id="no command"),
        pytest.param("FROM python:3.12\nCOPY . .\nRUN hatch env create\n", FLASK, id="another tool"),
        pytest.param("FROM python:3.12\nCOPY . .\nONBUILD RUN pip install flask\n", FLASK, id="a trigger"),
    ],
)
def test_leaves_alone(text: str, files: dict[str, str]) -> None:
    got = order(text, files)

    assert got.text == text
    assert got.reasons == ()


@pytest.mark.parametrize(
    ("text", "files", "reason"),
    [
        ("COPY . .\nRUN pip install .", FLASK, "`.` is installed from the source"),
        ("COPY . .\nRUN pip install -e .[dev]", FLASK, "`.[dev]` is installed from the source"),
        ("COPY . .\nRUN pip install ./libs/x", FLASK, "`./libs/x` is installed from the source"),
        (
            "COPY . .\nRUN pip install -r requirements.txt",
            {**FLASK, "requirements.txt": "flask\n-e .\n"},
            "`-e .` is installed from the source",
        ),
        (
            "COPY . .\nRUN pip install -r requirements.txt",
            {**FLASK, "requirements.txt": "-r base.txt\n"},
            "`-r base.txt` in requirements.txt names a file that the build context lacks",
        ),
        ("COPY . .\nRUN pip install -r other.txt", FLASK, "`other.txt` is not copied from the build context"),
        ("COPY . .\nRUN pip install -r $FILE", FLASK, "what `pip install` installs is computed"),
        ("COPY . .\nRUN pip install $(cat packages)", FLASK, "what `pip install` installs is computed"),
        (
            "COPY . .\nRUN pip install -t vendor -r requirements.txt",
            FLASK,
            "`-t` installs into a folder, over which the later COPY might lay files",
        ),
        (
            "COPY . .\nRUN pip install -r requirements.txt && ./prepare.sh",
            FLASK,
            "`./prepare.sh` in the RUN of the install may need the source",
        ),
        (
            "COPY . .\nRUN python manage.py check && pip install -r requirements.txt",
            FLASK,
            "`python` in the RUN of the install may need the source",
        ),
        (
            "COPY . /app\nRUN cd /app && pip install -r requirements.txt && chmod +x app.py",
            FLASK,
            "`chmod` in the RUN of the install may need the source",
        ),
        (
            "COPY . .\nRUN if true; then echo x; fi; pip install -r requirements.txt",
            FLASK,
            "the install is part of a longer script",
        ),
        (
            "COPY . .\nRUN make generate\nRUN pip install -r requirements.txt",
            FLASK,
            "`make` runs between the source's COPY and the install, and may do something for either",
        ),
        (
            "COPY . .\nRUN sed -i s/x/y/ requirements.txt\nRUN pip install -r requirements.txt",
            FLASK,
            "`sed` runs between the source's COPY and the install, and may do something for either",
        ),
        (
            "COPY . app\nWORKDIR app\nRUN pip install -r requirements.txt",
            FLASK,
            "WORKDIR stands between the source's COPY and the install, and changes what either does",
        ),
        (
            "COPY . .\nRUN chmod +x app.py\nUSER 1000\nRUN pip install -r requirements.txt",
            FLASK,
            "USER stands between the source's COPY and the install, and changes what either does",
        ),
        (
            "COPY . /app\nVOLUME /app\nRUN pip install -r /app/requirements.txt",
            FLASK,
            "VOLUME stands between the source's COPY and the install, and changes what either does",
        ),
        (
            "COPY . /app\nCOPY prod.txt /app/requirements.txt\nRUN pip install -r /app/requirements.txt",
            {**FLASK, "prod.txt": "gunicorn\n"},
            "this COPY lays files over the source, and would change places with it",
        ),
    ],
)
def test_refuses(text: str, files: dict[str, str], reason: str) -> None:
    before = f"FROM python:3.12\n{text}\n"

    got = order(before, files)

    assert got.text == before
    assert got.reasons == (reason,)


VENV = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN python -m venv {} && {}/bin/pip install -r requirements.txt\n"


def test_a_hosts_environment_is_kept_out() -> None:
    got = order(VENV.format("venv", "venv"))

    assert got.text.index("RUN") < got.text.index("COPY . .")
    assert got.ignore_lines == ("venv",)


@pytest.mark.parametrize(
    ("folder", "ignore"), [("/opt/venv", None), ("venv", "venv\n"), ("venv", "**/venv\n"), ("/app/venv", "*\n!*.*\n")]
)
def test_no_line_where_none_is_needed(folder: str, ignore: str | None) -> None:
    got = order(VENV.format(folder, folder), ignore=ignore)

    assert got.text.index("RUN") < got.text.index("COPY . .")
    assert got.ignore_lines == ()


def test_refuses_where_the_line_may_not_be_written() -> None:
    got = order(VENV.format("venv", "venv"), options=Options(can_write_ignore=False))

    assert got.reasons == ("the source's COPY could lay a virtual environment of the host over the installed one",)


@pytest.mark.parametrize(
    ("variable", "file"),
    [("PIP_CONSTRAINT=/app/pins.txt", "pins.txt"), ("PIP_CONFIG_FILE=pip.conf", "pip.conf")],
)
def test_files_that_variables_name_come_along(variable: str, file: str) -> None:
    found = order(
        f"FROM python:3.12\nENV {variable}\nWORKDIR /app\nCOPY . .\nRUN pip install -Ur requirements.txt\n",
        {**FLASK, file: ""},
    )

    line = next(line for line in found.text.split("\n") if line.startswith("COPY "))
    assert set(line.split()[1:-1]) == {file, "requirements.txt"}


def test_a_folder_that_a_variable_names_is_refused() -> None:
    found = order(
        "FROM python:3.12\nENV PIP_FIND_LINKS=/app/wheels\nWORKDIR /app\nCOPY . .\n"
        "RUN pip install -r requirements.txt\n"
    )

    assert found.reasons == ("`PIP_FIND_LINKS` names a folder that it reads",)


def test_a_user_of_the_divided_run_is_not_made_too_late() -> None:
    text = (
        "FROM python:3.12\nWORKDIR /app\nCOPY --chown=app . .\n"
        "RUN useradd app && pip install -r requirements.txt && chown -R app .\n"
    )

    assert order(text).text == text
