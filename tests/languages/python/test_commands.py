"""What a command line runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.command import Command
from dockerslim.languages.python.commands import resolve_command

FILES = {
    "app.py": "",
    "main.py": "",
    "manage.py": "",
    "gunicorn.conf.py": "",
    "site/__init__.py": "",
    "site/wsgi.py": "",
    "site/settings.py": "",
    "pkg/__init__.py": "",
    "pkg/__main__.py": "",
    "pkg/web.py": "",
    "proj/celery.py": "",
    "src/tool/cli.py": "",
    "log.ini": "[handler_a]\nclass=FileHandler\nargs=('app.log',)\n",
    "opaque.ini": "[handler_a]\nclass=FileHandler\nargs=(name(),)\n",
    "hypercorn.toml": 'bind = "0.0.0.0:80"\n',
    "logged.toml": 'accesslog = "a.log"\n',
    "logged.ini": "[uwsgi]\nmodule = site.wsgi\nlogto = /var/log/u.log\nsocket = :3031\nsocket=/run/u.sock\n",
    "computed.ini": "[uwsgi]\nmodule = site.wsgi\npidfile = /run/%n.pid\n",
    "uwsgi.ini": "[uwsgi]\nmodule = site.wsgi:application\n",
    "user.ini": "[uwsgi]\nmodule = site.wsgi\n# uid = 2\ngid = 1\n",
    "pyproject.toml": '[project.scripts]\nserve = "tool.cli:main"\n',
}
CONTEXT = BuildContext.in_memory(FILES)


def resolve(line: str, **environment: str) -> Command:
    return resolve_command(CONTEXT, "", line.split(), environment, workdir="/srv")


@pytest.mark.parametrize(
    ("line", "kind", "files"),
    [
        ("python app.py", "script", ["app.py"]),
        ("python3.11 -u -O app.py --port 80", "script", ["app.py"]),
        ("python -W ignore -X dev app.py", "script", ["app.py"]),
        ("/usr/local/bin/python /srv/app.py", "script", ["app.py"]),
        ("./app.py", "script", ["app.py"]),
        ("python -m pkg", "script", ["pkg/__init__.py", "pkg/__main__.py"]),
        ("python -um pkg.web", "script", ["pkg/__init__.py", "pkg/web.py"]),
        ("gunicorn app:app", "server", ["gunicorn.conf.py", "app.py"]),
        (
            "gunicorn -b 0.0.0.0:80 -w 4 --preload site.wsgi",
            "server",
            ["gunicorn.conf.py", "site/__init__.py", "site/wsgi.py"],
        ),
        ("gunicorn --bind=:80 -k uvicorn.workers.UvicornWorker main:app", "server", ["gunicorn.conf.py", "main.py"]),
        ("gunicorn -w4 app:create_app()", "server", ["gunicorn.conf.py", "app.py"]),
        ("gunicorn --chdir src tool.cli:app", "server", ["gunicorn.conf.py", "src/tool/cli.py"]),
        ("python -m gunicorn app:app", "server", ["gunicorn.conf.py", "app.py"]),
        ("exec env A=1 gunicorn app:app", "server", ["gunicorn.conf.py", "app.py"]),
        ("tini -- gunicorn app:app", "server", ["gunicorn.conf.py", "app.py"]),
        ("poetry run gunicorn app:app", "server", ["gunicorn.conf.py", "app.py"]),
        ("uv run --no-sync --extra x uvicorn main:app", "server", ["main.py"]),
        ("uvicorn main:app --host 0.0.0.0 --port 80 --proxy-headers", "server", ["main.py"]),
        ("uvicorn --factory pkg.web:make", "server", ["pkg/__init__.py", "pkg/web.py"]),
        ("uvicorn --app-dir src tool.cli:app", "server", ["src/tool/cli.py"]),
        ("hypercorn main:app --bind 0.0.0.0:80", "server", ["main.py"]),
        ("daphne -b 0.0.0.0 -p 80 site.wsgi:application", "server", ["site/__init__.py", "site/wsgi.py"]),
        ("waitress-serve --listen=*:80 app:app", "server", ["app.py"]),
        ("flask run --host=0.0.0.0", "server", ["app.py"]),
        ("flask --app pkg.web run", "server", ["pkg/__init__.py", "pkg/web.py"]),
        ("python -m flask run", "server", ["app.py"]),
        ("flask db upgrade", "script", ["app.py"]),
        ("fastapi run", "server", ["main.py"]),
        ("fastapi run app.py --port 80", "server", ["app.py"]),
        ("celery -A proj worker -l info", "server", ["proj/celery.py"]),
        ("celery --app=proj.celery:app worker", "server", ["proj/celery.py"]),
        ("streamlit run app.py --server.port=80", "server", ["app.py"]),
        ("python manage.py migrate", "script", ["manage.py"]),
        ("uwsgi --ini uwsgi.ini", "server", ["site/__init__.py", "site/wsgi.py"]),
        ("uwsgi --http :80 --wsgi-file app.py", "server", ["app.py"]),
        ("serve --port 80", "script", ["src/tool/cli.py"]),
        ("python manage.py runserver 0.0.0.0:80", "dev-server", ["manage.py"]),
        ("uvicorn main:app --reload", "dev-server", ["main.py"]),
        ("gunicorn --reload app:app", "dev-server", ["gunicorn.conf.py", "app.py"]),
        ("flask run --debug", "dev-server", ["app.py"]),
        ("flask --debug run", "dev-server", ["app.py"]),
        ("fastapi dev main.py", "dev-server", ["main.py"]),
        ("watchmedo auto-restart -- python app.py", "dev-server", []),
        ("jupyter lab", "dev-server", []),
        ("python -m jupyter notebook", "dev-server", []),
    ],
)
def test_kind_and_files(line: str, kind: str, files: list[str]) -> None:
    found = resolve(line)

    assert (found.kind, list(found.entry_files)) == (kind, files)
    assert bool(found.development_tool) is (kind == "dev-server")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "python",
        "python -c print()",
        "python gone.py",
        "python /elsewhere/app.py",
        "node x.js",
        "gunicorn",
        "fastapi",
    ],
)
def test_unknown_says_why(line: str) -> None:
    found = resolve(line)

    assert found.kind == "unknown"
    assert found.reason


@pytest.mark.parametrize(("name", "value"), [("FLASK_ENV", "development"), ("FLASK_DEBUG", "1")])
def test_the_environment_makes_flask_a_development_server(name: str, value: str) -> None:
    assert resolve("flask run", **{name: value}).development_tool == f"{name}={value}"
    assert resolve("gunicorn app:app", **{name: value}).kind == "server"
    assert resolve("flask run", **{name: "0"}).kind == "server"


def test_the_environment_names_the_application() -> None:
    assert resolve("flask run", FLASK_APP="pkg/web.py").entry_files == ("pkg/web.py",)
    assert resolve("flask run", FLASK_APP="main:create()").entry_files == ("main.py",)
    assert "site/settings.py" in resolve("python manage.py x", DJANGO_SETTINGS_MODULE="site.settings").entry_files
    assert resolve("gunicorn tool.cli:app", PYTHONPATH="/srv/src").entry_files[-1] == "src/tool/cli.py"


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("celery -A proj beat", ("celerybeat-schedule", "celerybeat.pid")),
        ("celery -A proj worker -B -s /data/beat", ("/data/beat",)),
        (
            "gunicorn --access-logfile - --pid=run/app.pid --error-logfile logs/e.log app:app",
            ("run/app.pid", "logs/e.log"),
        ),
    ],
)
def test_files_that_options_make_it_write(line: str, writes: tuple[str, ...]) -> None:
    assert resolve(line).writes == writes


def test_a_folder_of_the_context() -> None:
    context = BuildContext.in_memory({"api/app.py": ""})

    assert resolve_command(context, "api", ["gunicorn", "app:app"]).entry_files == ("api/app.py",)
    assert resolve_command(context, "", ["gunicorn", "app:app"]).entry_files == ()


def test_a_console_script_of_a_distribution_is_named() -> None:
    found = resolve("superset run")

    assert (found.kind, found.console_script) == ("unknown", "superset")


WORDS = st.sampled_from(
    ["python", "-m", "gunicorn", "flask", "run", "-c", "env", "uv", "--", "app:app", "../x.py", "/", "celery", "uwsgi"]
)


@given(st.lists(WORDS | st.text(max_size=10), max_size=6), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_never_raises(argv: list[str], environment: dict[str, str]) -> None:
    resolve_command(CONTEXT, "", argv, environment, workdir="/srv")


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("gunicorn -b 0.0.0.0:80 app:app", ()),
        ("gunicorn -b unix:/run/app.sock app:app", ("/run/app.sock",)),
        ("gunicorn --log-config log.ini app:app", ("app.log",)),
        ("uvicorn app:app --log-config=log.ini", ("app.log",)),
        ("uvicorn app:app --uds /run/app.sock", ("/run/app.sock",)),
        ("hypercorn -c hypercorn.toml app:app", ()),
        ("uwsgi --ini uwsgi.ini", ()),
        ("uwsgi --ini logged.ini", ("/var/log/u.log", "/run/u.sock")),
        ("uwsgi --module site.wsgi --logto x.log --http-socket :80", ("x.log",)),
    ],
)
def test_files_that_servers_write(line: str, written: tuple[str, ...]) -> None:
    found = resolve(line)

    assert (found.writes, found.unknown_writes) == (written, ())


@pytest.mark.parametrize(
    "line",
    [
        "gunicorn --log-config opaque.ini app:app",
        "gunicorn --log-config gone.ini app:app",
        "gunicorn -c /etc/gunicorn.py app:app",
        "hypercorn -c logged.toml app:app",
        "uwsgi --ini computed.ini",
    ],
)
def test_files_that_servers_write_and_that_are_not_known(line: str) -> None:
    assert resolve(line).unknown_writes != ()


def test_settings_of_gunicorn() -> None:
    assert resolve("gunicorn app:app").settings_files == ("gunicorn.conf.py",)
    assert resolve("gunicorn -c app.py app:app").settings_files == ("app.py",)
    assert resolve("gunicorn -c python:site.settings app:app").settings_files == ("site/settings.py",)
    assert resolve("gunicorn app:app", GUNICORN_CMD_ARGS="--log-file=x.log").writes == ("x.log",)
    assert resolve("gunicorn -u www-data app:app").changes_user == "-u"


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("uwsgi --ini user.ini", "gid"),
        ("uwsgi --ini uwsgi.ini --uid www-data", "--uid"),
        ("uwsgi --wsgi-file app.py --immediate-gid=33", "--immediate-gid"),
        ("uwsgi --ini uwsgi.ini", ""),
    ],
)
def test_uwsgi_that_works_as_another_user(line: str, setting: str) -> None:
    assert resolve(line).changes_user == setting


def test_uwsgi_that_changes_its_root() -> None:
    assert resolve("uwsgi --ini uwsgi.ini --chroot /srv").unknown_writes == (
        "uWSGI changes its root folder (`chroot`), which needs root",
    )


@pytest.mark.parametrize(
    ("settings", "line", "entry", "folder"),
    [
        ('chdir = "src"\n', "gunicorn tool:app", "src/tool.py", "src"),
        ("pythonpath = 'lib, src'  # ours\n", "gunicorn tool:app", "src/tool.py", ""),
        ('wsgi_app = "tool:app"\nchdir = "src"\n', "gunicorn", "src/tool.py", "src"),
        ('chdir = "lib"\n', "gunicorn --chdir src tool:app", "src/tool.py", "src"),
        ("", "gunicorn --pythonpath lib,src tool:app", "src/tool.py", ""),
        ("", "gunicorn --chdir src --pythonpath deep tool2:app", "src/deep/tool2.py", "src"),
    ],
)
def test_gunicorn_is_told_where_the_application_is(settings: str, line: str, entry: str, folder: str) -> None:
    files = {"src/tool.py": "", "src/deep/tool2.py": "", "gunicorn.conf.py": settings}

    command = resolve_command(BuildContext.in_memory(files), "", line.split(), {}, "/app")

    assert command.entry_files[-1] == entry
    assert (command.working_folder, command.reason) == (folder, "")


def test_a_computed_folder_of_gunicorn_is_named() -> None:
    files = {"src/tool.py": "", "gunicorn.conf.py": "import os\nchdir = os.environ['HERE']\n"}

    command = resolve_command(BuildContext.in_memory(files), "", ["gunicorn", "tool:app"], {}, "/app")

    assert command.reason == "`chdir` in `gunicorn.conf.py` is computed"
