"""What scripts write that people run in the container by hand."""

from __future__ import annotations

import pytest

from tests.split.test_running_python import written
from tests.transforms.rewriting import rewrite

MIGRATE = "#!/bin/bash\nset -e\nif [ ! -d migrations ]; then\n  flask db init\nfi\nflask db migrate || true\n"
FILES = {"app.py": "import flask\n", "migrate.sh": MIGRATE, "seed.py": "open('seed.log', 'w')\n"}
COMMAND = "CMD gunicorn app:app"


@pytest.mark.parametrize(
    ("runs", "paths"),
    [
        ("RUN chmod +x migrate.sh", ("/app/migrations",)),
        ("RUN chmod 755 /app/migrate.sh", ("/app/migrations",)),
        ("RUN sed -i 's/x/y/' migrate.sh && chmod a+x ./migrate.sh", ("/app/migrations",)),
        ("RUN chmod +x *.sh", ("/app/migrations",)),
        ("RUN cd /app && chmod -v +x migrate.sh", ("/app/migrations",)),
        ("RUN chmod 644 migrate.sh", ()),
        ("RUN chmod +x app.py", ()),
        ("RUN chmod +x other.sh", ()),
        ("RUN cd $X && chmod +x migrate.sh", ()),
        ("", ()),
    ],
)
def test_a_script_that_is_made_executable(runs: str, paths: tuple[str, ...]) -> None:
    assert written(f"FROM python:3.12\nWORKDIR /app\nCOPY . .\n{runs}\n{COMMAND}\n", FILES) == paths


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("#!/bin/sh\npython seed.py\n", ("/app/seed.log",)),
        ("#!/bin/sh\nalembic init db\n", ("/app/db", "/app/alembic.ini")),
        ("#!/bin/sh\nflask db upgrade\n", ()),
        ("#!/bin/sh\n", ()),
    ],
)
def test_the_programs_of_such_a_script(script: str, paths: tuple[str, ...]) -> None:
    text = f"FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN chmod +x migrate.sh\n{COMMAND}\n"

    assert written(text, {**FILES, "migrate.sh": script}) == paths


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\nmystery --all\n",
        "#!/bin/sh\npython manage.py makemigrations\n",
        "#!/bin/sh\npython computed.py\n",
        '#!/bin/sh\nexec "$@"\n',
    ],
)
def test_what_is_not_known_of_it_takes_no_user_away(script: str) -> None:
    files = {**FILES, "migrate.sh": script, "manage.py": "", "computed.py": "open(name, 'w')\n"}

    assert written(f"FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN chmod +x migrate.sh\n{COMMAND}\n", files) == ()


def test_a_script_that_the_image_starts_is_read_as_its_start() -> None:
    text = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN chmod +x migrate.sh\nENTRYPOINT ["./migrate.sh"]\n'

    assert written(text, {**FILES, "migrate.sh": "#!/bin/sh\npython seed.py\n"}) == ("/app/seed.log",)


def test_the_work_folder_is_the_users_for_folders_that_are_made_later() -> None:
    text = f"FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN chmod +x migrate.sh\n{COMMAND}\n"
    found = rewrite("add-user", text, FILES)

    # a folder made beforehand would make the script skip `flask db init`
    assert "RUN chown 1000:1000 .\nUSER 1000:1000\n" in found.text


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("gr.Interface(f, 'text', 'text')", "RUN chown 1000:1000 .\nUSER"),
        (
            "gr.Interface(f, 'text', 'text', flagging_dir='flags')",
            "RUN mkdir -p flags && chown -R 1000:1000 flags\nUSER",
        ),
    ],
)
def test_the_folders_of_gradio_are_the_users(call: str, line: str) -> None:
    text = "FROM python:3.12-slim\nWORKDIR /app\nCOPY app.py .\nCMD python app.py\n"
    found = rewrite("add-user", text, {"app.py": f"import gradio as gr\ndemo = {call}\ndemo.launch()\n"})

    assert line in found.text
