"""What libraries write by themselves, or by an argument that names no file in the usual place."""

from __future__ import annotations

import pytest

from dockerslim.languages.python.source import ProgramFacts
from tests.languages.python.test_source import facts, places


def _read(source: str) -> ProgramFacts:
    return facts(source)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("from telethon import TelegramClient\nc = TelegramClient('anon', 1, 'x')", "anon"),
        ("from pyrogram import Client\nc = Client('mine')", "mine"),
        ("from telegram.ext import PicklePersistence\np = PicklePersistence(filepath='state')", "state"),
        ("import requests_cache\nrequests_cache.install_cache()", "http_cache.sqlite"),
        ("import requests_cache\nrequests_cache.install_cache('mine')", "mine"),
        ("import chainlit", ".chainlit/"),
        ("from nicegui import ui", ".nicegui/"),
        ("from ultralytics import YOLO\nYOLO('yolov8n.pt')", "yolov8n.pt"),
        ("import yt_dlp\nyt_dlp.YoutubeDL({'outtmpl': 'down/%(id)s'})", "down/%(id)s"),
        ("from huggingface_hub import snapshot_download\nsnapshot_download('m', local_dir='./m')", "./m/"),
        ("from transformers import AutoModel\nAutoModel.from_pretrained('x', cache_dir='c')", "c/"),
        ("from x import Chroma\nChroma.from_documents([], persist_directory='db')", "db/"),
        ("import xlsxwriter\nxlsxwriter.Workbook('a.xlsx')", "a.xlsx"),
        ("import pdfkit\npdfkit.from_string('x', 'a.pdf')", "a.pdf"),
        ("import boto3\nboto3.client('s3').download_file('b', 'k', 'models/x')", "models/x"),
        ("import zipfile\nzipfile.ZipFile('a.zip').extractall()", "./"),
        ("import tempfile\ntempfile.mkdtemp(dir='work')", "work/"),
        ("import os\nos.open('x.lock', os.O_CREAT)", "x.lock"),
        ("from tortoise import Tortoise\nTortoise.init(db_url='sqlite://db.sqlite3')", "db.sqlite3"),
        ("from pony.orm import Database\nDatabase().bind(provider='sqlite', filename='d')", "d"),
        ("import wget\nwget.download('u')", "./"),
        ("import mlflow\nmlflow.start_run()", "mlruns/"),
    ],
)
def test_written(source: str, path: str) -> None:
    found = _read(source + "\n")

    assert ("cwd", path) in places(found.writes)
    assert found.unknown_writes == ()


@pytest.mark.parametrize(
    "source",
    [
        "from telethon import TelegramClient\nfrom telethon.sessions import StringSession\n"
        "c = TelegramClient(StringSession('x'), 1, 'x')",
        "import pdfkit\ndef f(html): return pdfkit.from_string(html, False)",
        "import io, xlsxwriter\nw = xlsxwriter.Workbook(io.BytesIO())",
        "from reportlab.pdfgen import canvas\ndef f(response): return canvas.Canvas(response)",
        "from fpdf import FPDF\ndef f(p, name): return p.output(name)",
        "def f(df): return df.to_csv(None)",
        "import tempfile\nt = tempfile.mkdtemp()",
        "from sqlalchemy import create_engine\ne = create_engine('sqlite://')",
    ],
)
def test_nothing_written(source: str) -> None:
    found = _read(source + "\n")

    assert found.writes == ()
    assert found.unknown_writes == ()


def test_a_file_that_is_there_is_not_fetched() -> None:
    found = facts("from ultralytics import YOLO\nYOLO('best.pt')\n", files={"best.pt": ""})

    assert found.writes == ()


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nm = torch.compile(None)",
        "import torch\n@torch.compile\ndef f(x): return x",
        "import torch\n@torch.compile(mode='x')\ndef f(x): return x",
        "import pyximport",
        "from torch.utils import cpp_extension",
    ],
)
def test_compiles_while_it_runs(source: str) -> None:
    assert "g++" in _read(source + "\n").programs


def test_a_folder_of_its_own_is_not_below_home() -> None:
    found = _read("from transformers import pipeline\np = pipeline('x')\n")
    named = _read("from huggingface_hub import snapshot_download\nsnapshot_download('x', local_dir='m')\n")

    assert found.home_data
    assert not named.home_data
