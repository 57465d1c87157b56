"""What programs read, write and run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.nesting import is_too_deep
from dockerslim.languages.python.source import LocatedPath, ProgramFacts, program_facts

HEAD = (
    "import io, os, logging, logging.handlers, sqlite3, shutil, subprocess, shelve, tempfile\n"
    "from pathlib import Path\nimport pandas as pd\nfrom os.path import dirname, join as pjoin\n"
    "HERE = os.path.abspath(os.path.dirname(__file__))\nBASE_DIR = Path(__file__).resolve().parent\n"
)


def facts(source: str, path: str = "app.py", files: dict[str, str] | None = None) -> ProgramFacts:
    return program_facts(BuildContext.in_memory({path: source, **(files or {})}), [path], [""])


def places(paths: tuple[LocatedPath, ...]) -> list[tuple[str, str]]:
    return [(path.kind, path.path) for path in paths]


@pytest.mark.parametrize(
    ("line", "kind", "path"),
    [
        ('open("out.txt", "w")', "cwd", "out.txt"),
        ('open("/data/out.txt", mode="ab")', "cwd", "/data/out.txt"),
        ('open("x", "r+")', "cwd", "x"),
        ('open("x", MODE)', "cwd", "x"),
        ('io.open(os.path.join(HERE, "out.txt"), "x")', "file", "out.txt"),
        ('open(HERE + "/out.txt", "w")', "file", "out.txt"),
        ('open(f"{HERE}/data/out.txt", "w")', "file", "data/out.txt"),
        ('open(pjoin(dirname(__file__), "a", "b"), "w")', "file", "a/b"),
        ('(BASE_DIR / "x" / "y.txt").write_text("")', "file", "x/y.txt"),
        ('(BASE_DIR / "x").mkdir(parents=True)', "file", "x"),
        ('Path("x").touch()', "cwd", "x"),
        ('Path("x", "y").open("w")', "cwd", "x/y"),
        ('BASE_DIR.joinpath("x").write_bytes(b"")', "file", "x"),
        ('os.makedirs("x/y", exist_ok=True)', "cwd", "x/y/"),
        ('os.makedirs("x/y")', "cwd", "x/y"),
        ('logging.FileHandler("a.log")', "cwd", "a.log"),
        ('logging.handlers.RotatingFileHandler(filename="a.log")', "cwd", "a.log"),
        ('logging.basicConfig(level=1, filename="a.log")', "cwd", "a.log"),
        ('sqlite3.connect("a.db")', "cwd", "a.db"),
        ('shelve.open("s")', "cwd", "s"),
        ('URL = "sqlite:///a.db"', "cwd", "a.db"),
        ('URL = "sqlite:////data/a.db"', "cwd", "/data/a.db"),
        ('URL = "sqlite+aiosqlite:///./a.db?x=1"', "cwd", "./a.db"),
        ('URL = "sqlite:///" + os.path.join(HERE, "a.db")', "file", "a.db"),
        ('URL = f"sqlite:///{BASE_DIR}/a.db"', "file", "a.db"),
        ('pd.DataFrame().to_csv("a.csv")', "cwd", "a.csv"),
        ('shutil.copy("a", "b")', "cwd", "b"),
        ('os.remove("a")', "cwd", "a"),
        ('img.save("a.png")', "cwd", "a.png"),
        ('open("uploads/" + name, "wb")', "cwd", "uploads/"),
        ('open(os.path.join(HERE, "up", name), "wb")', "file", "up/"),
        ('open("up/%s.txt" % name, "wb")', "cwd", "up/"),
        ('open(f"log-{name}.txt", "w")', "cwd", "./"),
        ('open(os.path.expanduser("~/.tool/x"), "w")', "home", ".tool/x"),
        ('(Path.home() / "x").write_text("")', "home", "x"),
    ],
)
def test_writes(line: str, kind: str, path: str) -> None:
    found = facts(HEAD + line + "\n")

    assert places(found.writes) == [(kind, path)]
    assert found.unknown_writes == ()
    assert found.writes[0].evidence.line == 7


@pytest.mark.parametrize(
    "line",
    [
        "open(name, 'w')",
        "open(os.environ['X'], 'w')",
        "sqlite3.connect(get())",
        "file.save(file.filename)",
        "os.makedirs(where)",
        "p.write_text('x')",
        "logging.FileHandler(x)",
        "f'sqlite:///{x}'",
        "'sqlite:///{}'.format(x)",
        "open(os.path.join(HERE, '..', 'x'), 'w')",
        "x = 'a'\nx = 'b'\nopen(x, 'w')",
        "def f(x='a'):\n    open(x, 'w')",
    ],
)
def test_unknown_writes(line: str) -> None:
    found = facts(HEAD + line + "\n")

    assert found.writes == ()
    assert len(found.unknown_writes) == 1


@pytest.mark.parametrize(
    "line",
    [
        'open("x")',
        'open("x", "rb").read()',
        'Path("x").read_text()',
        'sqlite3.connect(":memory:")',
        '"sqlite://"',
        '"sqlite:///:memory:"',
        "form.save(commit=False)",
        "model.save()",
        "buffer = io.BytesIO()\nimage.save(buffer, 'PNG')",
        "open(os.path.join(tempfile.gettempdir(), 'x'), 'w')",
        "with tempfile.NamedTemporaryFile() as t:\n    open(t.name, 'w')",
        'open("/dev/null", "w")',
        'df.to_csv("s3://bucket/x")',
        "text = df.to_json()",
        "text.replace('a', 'b')",
        'cache.touch("key")',
        'sftp.mkdir("x")',
        '"postgresql:///x"',
    ],
)
def test_no_writes(line: str) -> None:
    found = facts(HEAD + line + "\n")

    assert (found.writes, found.unknown_writes) == ((), ())


@pytest.mark.parametrize(
    "line",
    [
        'open(os.environ.get("LOG", "a.log"), "w")',
        'open(os.getenv("LOG", default="a.log"), "w")',
        'open(os.getenv("LOG") or "a.log", "w")',
    ],
)
def test_a_path_that_the_environment_may_change(line: str) -> None:
    (path,) = facts(HEAD + line).writes

    assert (path.path, path.is_default) == ("a.log", True)


def test_reads() -> None:
    found = facts(HEAD + 'open("a.json")\npd.read_csv(BASE_DIR / "b.csv")\n(BASE_DIR / "c").read_text()\n')

    assert places(found.reads) == [("cwd", "a.json"), ("file", "b.csv"), ("file", "c")]


def test_constants_of_other_modules() -> None:
    found = facts(
        "import settings\nfrom settings import LOG, Config\nfrom lib import paths as p\n"
        "open(LOG, 'w')\nopen(settings.DB, 'w')\nopen(Config.OUT, 'w')\nopen(p.CACHE, 'w')\n",
        files={
            "settings.py": "import os\nLOG = 'a.log'\nDB = os.path.join(os.path.dirname(__file__), 'a.db')\n"
            "class Config:\n    OUT = 'o'\n",
            "lib/__init__.py": "",
            "lib/paths.py": "from pathlib import Path\nCACHE = Path(__file__).parent.parent / 'cache'\n",
        },
    )

    assert places(found.writes) == [("cwd", "a.log"), ("file", "a.db"), ("cwd", "o"), ("file", "cache")]


def test_flask_configuration() -> None:
    found = facts(
        "import os\nfrom flask import Flask\napp = Flask(__name__)\n"
        "app.config['UPLOAD_FOLDER'] = 'up'\napp.config.update(SESSION_TYPE='filesystem')\n"
        "def f(file):\n    file.save(os.path.join(app.config['UPLOAD_FOLDER'], file.filename))\n"
    )

    assert {path for _, path in places(found.writes)} == {"up/", "flask_session/"}
    assert found.unknown_writes == ()


def test_flask_sqlalchemy_uses_the_instance_folder() -> None:
    found = facts("from flask_sqlalchemy import SQLAlchemy\nURI = 'sqlite:///a.db'\n", path="web/app.py")

    assert places(found.writes) == [("cwd", "a.db"), ("file", "web/instance/a.db")]


SETTINGS = """
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
INSTALLED_APPS = ["django.contrib.admin", "shop", "blog.apps.BlogConfig"]
ROOT_URLCONF = "site.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "cache"}}
LOGGING = {"handlers": {"file": {"class": "logging.FileHandler", "filename": BASE_DIR / "logs" / "x.log"}}}
MEDIA_ROOT = BASE_DIR / "media"
STATIC_ROOT = BASE_DIR / "static"
"""


def test_django() -> None:
    found = facts(
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n",
        path="manage.py",
        files={
            "site/__init__.py": "",
            "site/settings.py": SETTINGS,
            "site/urls.py": "",
            "shop/models.py": "",
            "shop/tests.py": "",
            "shop/migrations/0001.py": "",
            "blog/__init__.py": "",
            "blog/apps.py": "",
            "blog/tasks.py": "from django.conf import settings\nopen(settings.MEDIA_ROOT / 'x', 'w')\n",
            "other/views.py": "",
        },
    )

    assert set(found.files) == {"manage.py", "site/__init__.py", "site/settings.py", "site/urls.py"} | {
        "shop/models.py",
        "blog/__init__.py",
        "blog/apps.py",
        "blog/tasks.py",
    }
    assert {path for _, path in places(found.writes)} == {"db.sqlite3", "cache", "logs/x.log", "media/", "media/x"}
    assert found.static_root is not None
    assert found.static_root.path == "static/"
    assert found.complete


def test_the_closure_of_imports() -> None:
    found = facts(
        "import a.b\nfrom c import d\nfrom . import e\nimport requests, os.path\nfrom yaml.x import y\nimport ns.m\n",
        files={
            "a/__init__.py": "",
            "a/b.py": "from .f import g\nfrom ..h import i\n",
            "a/f.py": "import tkinter\n",
            "c/__init__.py": "from .z import *\n",
            "c/d.py": "",
            "c/z.py": "",
            "e.py": "",
            "ns/m.py": "",
            "unused.py": "import never\n",
        },
    )

    assert set(found.files) == {
        "app.py",
        "a/__init__.py",
        "a/b.py",
        "a/f.py",
        "c/__init__.py",
        "c/d.py",
        "c/z.py",
        "e.py",
        "ns/m.py",
    }
    assert found.imports == {"requests", "yaml"}
    assert found.standard_library == {"os", "tkinter"}
    assert found.complete


def test_programs() -> None:
    found = facts(
        HEAD + 'subprocess.run(["ffmpeg", "-i", x])\nos.system("convert a b | gs -x && A=1 /usr/bin/tar c")\n'
        'subprocess.Popen(f"git clone {x}", shell=True)\nCMD = ["nc", "-l"]\nsubprocess.call(CMD)\n'
        'shutil.which("curl")\n'
        "subprocess.run([sys.executable, '-m', 'x'])\nsubprocess.run(x)\nos.system(f'{x} y')\n"
        "import sys\nsubprocess.run(['dot'] + x)\n"
    )

    assert found.programs == ("ffmpeg", "convert", "gs", "/usr/bin/tar", "git", "nc", "curl", "python", "dot")
    assert [place.line for place in found.unknown_programs] == [14, 15]


def test_home_data() -> None:
    found = facts(
        "import nltk\nfrom transformers import AutoModel\nnltk.download('punkt')\nAutoModel.from_pretrained('x')\n"
        "from playwright.sync_api import sync_playwright\n"
    )

    assert len(found.home_data) == 3


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("print 'python 2'\n", {}),
        ("import other\n", {"other.py": "def f(:\n"}),
        ("import importlib\nimportlib.import_module(name)\n", {}),
        ("exec(code)\n", {}),
    ],
)
def test_what_makes_facts_incomplete(source: str, more: dict[str, str]) -> None:
    assert not facts(source, files=more).complete


def test_unreadable_files_are_named() -> None:
    assert [place.file for place in facts("import other\n", files={"other.py": "def f(:\n"}).unreadable] == ["other.py"]


def test_a_literal_dynamic_import_is_followed() -> None:
    assert facts("import importlib\nimportlib.import_module('plug')\n", files={"plug.py": ""}).files == (
        "app.py",
        "plug.py",
    )


def test_no_entry() -> None:
    assert not program_facts(BuildContext.in_memory({}), [], [""]).complete
    assert not program_facts(BuildContext.in_memory({}), ["gone.py"], [""]).complete


HOSTILE = {
    "brackets": "x=" + "(" * 20_000 + "1" + ")" * 20_000,
    "lists": ("x=" + "[" * 50 + "]" * 50 + "\n") * 5_000,
    "sum": "x=" + "+".join("1" * 20_000),
    "multi-line sum": "x=(" + "\n+".join("1" * 20_000) + ")",
    "sum of pairs": "x=" + "+".join(["(1,1)"] * 20_000),
    "not": "x=" + "not " * 20_000 + "1",
    "signs": "x=" + "-" * 20_000 + "1",
    "attributes": "a" + ".b" * 20_000,
    "calls": "f" + "()" * 20_000,
    "lambdas": "x=" + "lambda a, b:" * 20_000 + "1",
    "conditions": "x=" + "1if 1else " * 20_000 + "1",
    "branches": "if a:\n pass\n" + "elif b:\n pass\n" * 20_000,
    "strings": "x=(" + '"a" ' * 20_000 + ")",
    "replacement field": 'f"{' + "+".join("1" * 20_000) + '}"',
    "fields in fields": 'f"' + "{a:" * 2_000 + "}" * 2_000 + '"',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_source_that_would_hurt_the_parser_is_left_unread(text: str) -> None:
    assert is_too_deep(text)
    assert [place.file for place in facts(text).unreadable] == ["app.py"]


def test_names_of_names_are_not_followed_for_ever() -> None:
    doubled = "".join(f"x{n} = x{n + 1} + x{n + 1}\n" for n in range(60))

    assert facts(doubled + "x60 = 'a'\nopen(x0, 'w')\na = b\nb = a\nopen(a, 'w')\n").unknown_writes


PARTS = st.sampled_from(
    [
        "open(",
        ")",
        "'sqlite:///",
        '"',
        "\n",
        " ",
        "f'{",
        "}",
        "import ",
        "from . import ",
        "x",
        "=",
        "os.path.join(",
        "*",
        ",",
        "Path(",
        "/",
        "{'ENGINE':",
        "lambda",
        "\\",
        "#",
        "'w'",
        "class A:\n ",
        "async ",
        "\t",
        "\x0c",
        "é",
        ".parents[9]",
    ]
)


@settings(max_examples=300)
@given(st.lists(PARTS | st.text(max_size=5), max_size=20).map("".join))
def test_never_raises(source: str) -> None:
    facts(source.encode("utf-8", "replace").decode())


@given(st.binary(max_size=200))
def test_never_raises_on_bytes(data: bytes) -> None:
    program_facts(BuildContext.in_memory({"app.py": data}), ["app.py"], ["", "..", "/x"])


INI = (
    "[loggers]\nkeys=root\n[handler_a]\nclass=handlers.RotatingFileHandler\nargs={}\n[handler_b]\nclass=StreamHandler\n"
)
JSON = '{"handlers": {"a": {"class": "logging.FileHandler", "filename": "logs/a.log"}, "b": {"class": "x.Stream"}}}'
YAML = (
    "handlers:\n  a: &a\n    class: logging.handlers.TimedRotatingFileHandler\n    filename: /var/log/a.log\n  b: *a\n"
)
TOML = "[handlers.a]\nclass = 'logging.FileHandler'\nfilename = 'a.log'\n"
LOGGING = "import json, yaml, uvicorn, logging.config\n"


@pytest.mark.parametrize(
    ("source", "files", "written"),
    [
        ('logging.config.fileConfig("l.ini")', {"l.ini": INI.format("('a.log', 'a')")}, ["a.log"]),
        ("logging.config.fileConfig(NAME)", {"conf/l.ini": INI.format('("/x/a.log",)')}, ["/x/a.log"]),
        ('logging.config.dictConfig(json.load(open("l.json")))', {"l.json": JSON}, ["logs/a.log"]),
        ('logging.config.dictConfig(yaml.safe_load(open("l.yaml")))', {"l.yaml": YAML}, ["/var/log/a.log"]),
        ("logging.config.dictConfig(read())", {"l.toml": TOML}, ["a.log"]),
        ('uvicorn.run("app:app", log_config="l.json")', {"l.json": JSON}, ["logs/a.log"]),
        ('logging.config.fileConfig("l.ini")', {"l.ini": "[handler_a]\nclass=StreamHandler\n"}, []),
        ('logging.config.dictConfig({"version": 1})', {"l.json": JSON}, []),
        ('uvicorn.run("app:app", log_config=None)', {"l.json": JSON}, []),
        ('uvicorn.run("app:app")', {"l.json": JSON}, []),
    ],
)
def test_log_files_of_configurations(source: str, files: dict[str, str], written: list[str]) -> None:
    found = facts(LOGGING + source, files=files)

    assert [path.path for path in found.writes] == written
    assert found.unknown_writes == ()


@pytest.mark.parametrize(
    ("source", "files"),
    [
        ('logging.config.fileConfig("l.ini")', {"l.ini": INI.format("('%(name)s',)")}),
        ('logging.config.fileConfig("l.ini")', {"l.ini": INI.format("(os.path.join(a, b),)")}),
        ('logging.config.fileConfig("l.ini")', {"l.ini": "class=FileHandler\n"}),
        ("logging.config.dictConfig(x)", {"l.json": JSON.replace("logs/", "${LOGS}/")}),
        ("logging.config.dictConfig(x)", {"l.json": "FileHandler {"}),
        ("logging.config.dictConfig(x)", {"l.json": "[" * 100_000 + '"FileHandler"'}),
        ("logging.config.dictConfig(x)", {"l.yaml": "FileHandler: [\n"}),
    ],
)
def test_log_files_that_are_not_known(source: str, files: dict[str, str]) -> None:
    assert facts(LOGGING + source, files=files).unknown_writes != ()


def settings_of(source: str, files: dict[str, str] | None = None) -> ProgramFacts:
    context = BuildContext.in_memory({"gunicorn.conf.py": source, **(files or {})})
    return program_facts(context, ["gunicorn.conf.py"], [""], ["gunicorn.conf.py"])


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ('accesslog = "a.log"', ["a.log"]),
        ('import os\nerrorlog = os.environ.get("LOG", "/var/log/e.log")', ["/var/log/e.log"]),
        ('pidfile = "/run/g.pid"', ["/run/g.pid"]),
        ('worker_tmp_dir = "/srv/tmp"', ["/srv/tmp/"]),
        ('worker_tmp_dir = "/dev/shm"', []),
        ('bind = ["0.0.0.0:80", "unix:/srv/app.sock"]', ["/srv/app.sock"]),
        ("bind = f'0.0.0.0:{port}'", []),
        ('accesslog = "-"\nerrorlog = None\nworkers = 4', []),
        ('logconfig = "l.ini"', ["a.log"]),
    ],
)
def test_settings_of_a_server(source: str, written: list[str]) -> None:
    found = settings_of(source, {"l.ini": INI.format("('a.log',)")})

    assert [path.path for path in found.writes] == written
    assert found.unknown_writes == found.changes_user == ()


def test_settings_that_are_not_known() -> None:
    assert [str(e.text) for e in settings_of("accesslog = name()").unknown_writes] == ["accesslog"]
    assert [str(e.text) for e in settings_of('logconfig = "gone.ini"').unknown_writes] == ["logconfig"]
    assert [str(e.text) for e in settings_of('user = "www-data"').changes_user] == ["user"]


def test_settings_are_a_servers_own() -> None:
    assert facts('accesslog = "a.log"\nuser = "me"').writes == ()
    assert facts('accesslog = "a.log"\nuser = "me"').changes_user == ()


@pytest.mark.parametrize(
    ("line", "libraries"),
    [
        ('ctypes.CDLL("libmagic.so.1")', ("libmagic.so.1",)),
        ('ctypes.cdll.LoadLibrary("/usr/lib/libx.so")', ("/usr/lib/libx.so",)),
        ('find_library("pq")', ("pq",)),
        ('ctypes.CDLL(find_library("pq"))', ("pq",)),
        ('p = find_library("pq")\nctypes.CDLL(p)', ("pq",)),
        ('ffi.dlopen("libx.so.2")', ("libx.so.2",)),
        ("ctypes.CDLL(None)", ()),
        ('ctypes.CDLL(os.path.join(HERE, "own.so"))', ()),
    ],
)
def test_shared_libraries(line: str, libraries: tuple[str, ...]) -> None:
    found = facts(HEAD + "import ctypes\nfrom ctypes.util import find_library\n" + line)

    assert found.libraries == libraries
    assert found.unknown_libraries == ()


def test_a_shared_library_that_is_computed() -> None:
    assert [e.line for e in facts("import ctypes\nctypes.CDLL(name)").unknown_libraries] == [2]


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ('x = ["/usr/local/bin/python", "-c", "pass"]', [("/usr/local/bin/python", 1)]),
        ('def f():\n    run(f"/usr/bin/python3 {name}")', [("/usr/bin/python3", 2)]),
        ('os.execv("/usr/local/bin/python3.11", [])', [("/usr/local/bin/python3.11", 1)]),
        ('"""Start it by /usr/local/bin/python."""', []),
        ("#!/usr/local/bin/python\nx = 1", []),
        ('x = "/usr/local/bin/chromedriver"', []),
    ],
)
def test_paths_of_the_interpreter(source: str, paths: list[tuple[str, int]]) -> None:
    assert [(path.path, path.evidence.line) for path in facts(source).interpreter_paths] == paths


@pytest.mark.parametrize(
    ("requirements", "places_of_it"),
    [
        ("Flask-SQLAlchemy==3.1.1\n", [("cwd", "site.db"), ("file", "instance/site.db")]),
        ("flask_sqlalchemy\n", [("cwd", "site.db"), ("file", "instance/site.db")]),
        ("Flask-SQLAlchemy==2.5.1\n", [("cwd", "site.db"), ("file", "web/site.db")]),
        ("flask-sqlalchemy<2.6\n", [("cwd", "site.db"), ("file", "web/site.db")]),
    ],
)
def test_database_of_flask_sqlalchemy(requirements: str, places_of_it: list[tuple[str, str]]) -> None:
    source = (
        "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\napp = Flask(__name__)\n"
        'app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///site.db"\n'
    )

    assert places(facts(source, "web/__init__.py", {"requirements.txt": requirements}).writes) == places_of_it


@pytest.mark.parametrize(
    ("source", "files", "expected"),
    [
        ("import mimetypes\n", {}, True),
        ("from flask import send_file\n", {}, True),
        ("import flask\nflask.send_from_directory('x', 'y')\n", {}, True),
        ("from flask import Flask\napp = Flask(__name__)\n", {}, False),
        ("from flask import Flask\napp = Flask(__name__)\n", {"static/a.woff2": ""}, True),
        ("from flask import Flask\napp = Flask(__name__)\n", {"static/a.css": ""}, False),
        ("from flask import Flask\napp = Flask(__name__, static_folder=None)\n", {"static/a.css": ""}, False),
        ("from flask import Flask\napp = Flask(__name__, static_folder='public')\n", {}, True),
        (
            "from flask import Flask\napp = Flask(__name__, static_folder='public', static_url_path='')\n",
            {"public/a.js": "", "public/b/c.css": ""},
            False,
        ),
        ("from flask import Flask\napp = Flask(__name__, static_folder='public')\n", {"public/a.woff2": ""}, True),
        ("from flask import Flask\napp = Flask(__name__, '', 'public')\n", {"public/a.js": ""}, False),
        (
            "import os\nfrom flask import Flask\n"
            "app = Flask(__name__, static_folder=os.path.join(os.path.dirname(__file__), 'public'))\n",
            {"public/a.js": ""},
            False,
        ),
        (
            "import os\nfrom flask import Flask\napp = Flask(__name__, static_folder=os.environ['X'])\n",
            {"public/a.js": ""},
            True,
        ),
        (
            "from flask import Flask\napp = Flask(__name__, static_folder='/srv/public')\n",
            {"srv/public/a.js": ""},
            True,
        ),
        (
            "from flask import Blueprint\npage = Blueprint('page', __name__, static_folder='static')\n",
            {"static/a.css": ""},
            False,
        ),
        ("from flask import Blueprint\npage = Blueprint('page', __name__)\n", {"static/a.css": ""}, False),
        ("from flask import Blueprint\npage = Blueprint('page', __name__, static_folder='static')\n", {}, True),
        ("from aiohttp import web\nx = web.FileResponse('a')\n", {}, True),
        ("app.router.add_static('/static', 'static')\n", {}, True),
        ("from starlette.responses import FileResponse as F\n", {}, True),
        ("INSTALLED_APPS = ['django.contrib.staticfiles']\nMIDDLEWARE = ['whitenoise.middleware.X']\n", {}, False),
        ("from .flask import send_file\n", {}, False),
    ],
)
def test_guesses_media_types(source: str, files: dict[str, str], expected: bool) -> None:
    assert facts(source, files=files).guesses_media_types is expected


@pytest.mark.parametrize(
    "line",
    [
        "subprocess.check_call([sys.executable, '-m', 'pip', 'install', x])",
        "subprocess.run(['/usr/local/bin/pip3.12', 'install', 'x'])",
        "os.system('python -m spacy download en_core_web_sm')",
        "os.system(f'{sys.executable} -m playwright install')",
        "PIP = [sys.executable, '-m', 'pip']\nsubprocess.run([*PIP, 'install'])",
        "PIP = [sys.executable, '-m', 'pip']\nsubprocess.run(PIP + ['install'])",
        "os.execlp('pip', 'pip', 'install', 'x')",
        "subprocess.run('python -m nltk.downloader punkt', shell=True)",
        "import pip\npip.main(['install', 'x'])",
        "import spacy\nspacy.cli.download('en')",
    ],
)
def test_installs_when_it_runs(line: str) -> None:
    found = facts("import os, subprocess, sys\n" + line + "\n")

    assert [place.line for place in found.installs] == [1 + len(line.split("\n"))]


@pytest.mark.parametrize(
    "line",
    ["subprocess.run([sys.executable, '-m', 'pip', 'list'])", "run(['pip', 'install'])", "X = [X]\nos.system(X)"],
)
def test_installs_nothing(line: str) -> None:
    assert facts("import os, subprocess, sys\n" + line + "\n").installs == ()
