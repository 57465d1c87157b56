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
        ("import mlflow\nmlflow.sklearn.autolog()", "mlflow.db"),
        ("import gradio as gr\ngr.Interface(fn=f, inputs='text', outputs='text')", "flagged"),
        ("import gradio as gr\ngr.Interface(f, 'text', 'text')", ".gradio"),
        ("import gradio as gr\ngr.Interface(f, 'text', 'text', flagging_dir='/data/f')", "/data/f/"),
        ("from gradio.interface import Interface\nInterface(f, 'text', 'text', allow_flagging='auto')", "flagged"),
        ("import gradio as gr\ngr.Interface.load('huggingface/gpt2')", "flagged"),
        ("import gradio as gr\ngr.ChatInterface(f, flagging_mode='manual')", ".gradio"),
        ("import gradio as gr\ngr.ChatInterface(f, examples=e, cache_examples=True)", "gradio_cached_examples"),
        ("import gradio as gr\ngr.Examples(e, i, o, f, cache_examples='lazy')", ".gradio"),
        ("import gradio as gr\ngr.Interface(f, 'a', 'b', allow_flagging='never', cache_examples=x)", ".gradio"),
        ("from catboost import CatBoostClassifier\nCatBoostClassifier(iterations=9).fit(x, y)", "catboost_info/"),
        ("import catboost as cb\ncb.CatBoostRegressor(train_dir='out')", "out/"),
        ("bot.enable_save_next_step_handlers(delay=2)", ".handler-saves/"),
        ("bot.enable_save_reply_handlers(120, 'saves/step')", "saves/step"),
        ("from telebot.storage import StatePickleStorage\nStatePickleStorage()", ".state-save/"),
        ("import chromadb\nchromadb.PersistentClient()", "chroma/"),
        ("import chromadb\nchromadb.PersistentClient(path='store')", "store"),
        ("import tensorflow as tf\ntf.train.Checkpoint().save(file_prefix='ckpt/x')", "ckpt/x"),
        ("def f(model): model.save(filepath='m.keras')", "m.keras"),
        ("def f(image): image.save(fp='a.png')", "a.png"),
        ("from openpyxl import Workbook\nWorkbook().save(filename='a.xlsx')", "a.xlsx"),
        ("from docx import Document\nDocument().save(path_or_stream='a.docx')", "a.docx"),
        ("from pptx import Presentation\nPresentation().save(file='a.pptx')", "a.pptx"),
        ("import keras\nkeras.callbacks.ModelCheckpoint('best.keras')", "best.keras"),
        ("from tensorflow import keras\nkeras.callbacks.ModelCheckpoint(filepath='c/{epoch}.h5')", "c/{epoch}.h5"),
        ("from tensorflow.keras.callbacks import TensorBoard\nTensorBoard()", "logs/"),
        ("import tensorflow as tf\ntf.keras.callbacks.TensorBoard(log_dir='tb')", "tb/"),
        ("from keras.callbacks import CSVLogger\nCSVLogger('log.csv')", "log.csv"),
        ("import tensorflow as tf\ntf.summary.create_file_writer('runs/a')", "runs/a/"),
        ("import tensorflow as tf\ntf.saved_model.save(model, 'out/1')", "out/1/"),
        ("import keras\nkeras.models.save_model(model, 'm.keras')", "m.keras"),
        ("from keras.utils import get_file\nget_file('/data/w.h5', u)", "/data/w.h5"),
        ("from keras.utils import get_file\nget_file('w.h5', u, cache_dir='/data')", "/data/"),
        ("import tensorflow_datasets as tfds\ntfds.load('mnist', data_dir='data')", "data/"),
        ("from torchvision import datasets\ndatasets.MNIST('data', download=True)", "data/"),
        ("import vcr\nmine = vcr.VCR(cassette_library_dir='cassettes')", "cassettes/"),
        ("import vcr\nwith vcr.use_cassette('c/x.yaml'):\n    pass", "c/x.yaml"),
        ("import vcr\nmine = vcr.VCR()\n@mine.use_cassette('c/x.yaml')\ndef f(): pass", "c/x.yaml"),
        ("from jax.experimental.compilation_cache import compilation_cache as cc\ncc.initialize_cache('c')", "c/"),
        ("import jax\njax.config.update('jax_compilation_cache_dir', '/jax')", "/jax/"),
        ("def f(app): app.worker_main(['worker', '-B', '--loglevel=info'])", "celerybeat-schedule"),
        ("def f(app): app.worker_main(argv=['worker', '-B', '-s', '/tmp/../var/x'])", "/tmp/../var/x"),
        ("def f(app): app.start(['beat'])", "celerybeat.pid"),
        ("from lightning.pytorch import Trainer\nTrainer(default_root_dir='out')", "out/"),
        ("import lightning as L\nL.Trainer(max_epochs=1)", "lightning_logs/"),
        ("from pytorch_lightning.callbacks import ModelCheckpoint\nModelCheckpoint(dirpath='c')", "c/"),
        ("import wandb\nwandb.init(project='x')", "wandb/"),
        ("import wandb\nwandb.init(project='x', dir='/w')", "/w/"),
        ("from dvclive import Live\nLive()", "dvclive/"),
        ("from scrapy.crawler import CrawlerProcess\nCrawlerProcess({'FILES_STORE': 'files'})", "files"),
        ("from scrapy.crawler import CrawlerProcess\nCrawlerProcess({'HTTPCACHE_ENABLED': True})", ".scrapy"),
        ("class S:\n    custom_settings = {'JOBDIR': 'crawls/a'}", "crawls/a"),
        (
            "from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore\n"
            "SQLAlchemyJobStore(url='sqlite:///jobs.sqlite')",
            "jobs.sqlite",
        ),
        ("def f(clip): clip.write_videofile('/tmp/a.mp4')", "./"),
        ("import ffmpeg\ndef f(a, b): ffmpeg.output(a, b, 'out/x.mp4')", "out/x.mp4"),
        ("import ffmpeg\nffmpeg.input('a.mkv').output('x.mp4').run()", "x.mp4"),
        ("import imageio\nimageio.get_writer('a.gif')", "a.gif"),
        ("import imageio.v2 as iio\niio.mimsave('a.gif', [])", "a.gif"),
        ("import cairosvg\ncairosvg.svg2png(url='a.svg', write_to='a.png')", "a.png"),
        ("from fpdf import FPDF\nFPDF().output('x.pdf')", "x.pdf"),
        ("import segno\nsegno.make('x').save('x.svg')", "x.svg"),
        ("import fiona\nfiona.open('a.shp', 'w')", "a.shp"),
        ("import rasterio\nrasterio.open('a.tif', mode='w')", "a.tif"),
        ("from netCDF4 import Dataset\nDataset('a.nc', 'w')", "a.nc"),
        ("import zarr\nzarr.open('a.zarr')", "a.zarr"),
        ("def f(data): data.to_netcdf('a.nc')", "a.nc"),
        ("def f(data): data.to_zarr('a.zarr', mode='w')", "a.zarr"),
        ("def f(figure): figure.write_json('a.json')", "a.json"),
        ("settings = {'LOG_FILE': 'a.log'}", "a.log"),
        ("def f(frame): frame.write_ndjson('a.ndjson')", "a.ndjson"),
        ("def f(frame): frame.sink_parquet('a.parquet')", "a.parquet"),
        ("from sqlalchemy.engine import URL\nURL.create('sqlite', database='a.db')", "a.db"),
        ("import databases\ndatabases.Database('sqlite+aiosqlite:///a.db')", "a.db"),
        ("import dataset\ndataset.connect('sqlite:///a.db')", "a.db"),
        ("from ZODB.FileStorage import FileStorage\nFileStorage('Data.fs')", "Data.fs"),
        ("from flask_migrate import init\ninit()", "migrations"),
        ("import coverage\ncoverage.Coverage()", ".coverage"),
        ("import zipfile\nwith zipfile.ZipFile('a.zip') as z: z.extract('m', 'out')", "out"),
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
        "import gradio as gr\ngr.Interface(f, 'text', 'text', allow_flagging='never')",
        "from catboost import CatBoostClassifier\nCatBoostClassifier(allow_writing_files=False)",
        "import gradio as gr\ngr.Interface(f, 'text', 'text', flagging_mode='never', cache_examples=False)",
        "import gradio as gr\ngr.ChatInterface(f)",
        "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Examples(e, i)",
        "import jax\njax.config.update('jax_enable_x64', True)",
        "def f(app): app.worker_main(['worker', '-l', 'info'])",
        "def f(thread, argv): thread.start()",
        "from torchvision import datasets\ndatasets.MNIST('data')",
        "import rasterio\nrasterio.open(path)",
        "import zarr\nzarr.open('a.zarr', mode='r')[:]",
        "import cairosvg\ndef f(t): return cairosvg.svg2png(bytestring=t)",
        "from sqlalchemy import URL\nURL.create('postgresql', database='a')",
        "from x import Spider\nclass S:\n    custom_settings = {'HTTPCACHE_ENABLED': False, 'JOBDIR': None}",
        "def f(handler): handler.write_json({'a': 1})",
        "import os\nsettings = {'LOG_FILE': os.environ['LOG_FILE']}",
        "def f(series): return series.str.extract(r'(x)', expand=False)",
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


CRAWLER = (
    "from scrapy.crawler import CrawlerProcess\nfrom scrapy.utils.project import get_project_settings\n"
    "CrawlerProcess(get_project_settings())\n"
)


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        ("HTTPCACHE_ENABLED = True\nJOBDIR = 'crawls'\n", [("cwd", "crawls"), ("cwd", ".scrapy")]),
        ("FILES_STORE = 's3://bucket/x'\nLOG_FILE = None\nHTTPCACHE_ENABLED = False\n", []),
        ("BOT_NAME = 'x'\n", []),
    ],
)
def test_the_settings_of_scrapy(settings: str, paths: list[tuple[str, str]]) -> None:
    files = {"scrapy.cfg": "[settings]\ndefault = mine.settings\n", "mine/__init__.py": ""}
    found = facts(CRAWLER, files={**files, "mine/settings.py": "SPIDER_MODULES = ['mine.spiders']\n" + settings})

    assert "mine/settings.py" in found.files
    assert places(found.writes) == paths
    assert found.unknown_writes == ()


def test_the_spiders_are_read() -> None:
    files = {
        "scrapy.cfg": "[settings]\ndefault = mine.settings\n",
        "mine/__init__.py": "",
        "mine/settings.py": "SPIDER_MODULES = ['mine.spiders']\n",
        "mine/spiders/__init__.py": "",
        "mine/spiders/first.py": "open('items.jl', 'a')\n",
    }

    assert places(facts(CRAWLER, files=files).writes) == [("cwd", "items.jl")]


@pytest.mark.parametrize("files", [{}, {"scrapy.cfg": "no section"}, {"scrapy.cfg": "[settings]\ndefault = x.y\n"}])
def test_settings_of_scrapy_that_are_not_there(files: dict[str, str]) -> None:
    assert facts(CRAWLER, files=files).writes == ()


@pytest.mark.parametrize("source", ["demo.launch(share=True)", "demo.queue().launch(server_name='0', share=True)"])
def test_a_program_that_is_fetched_beside_the_modules(source: str) -> None:
    assert _read(source + "\n").installs


@pytest.mark.parametrize("source", ["demo.launch()", "demo.launch(share=False)", "browser.launch(headless=True)"])
def test_a_plain_launch_fetches_nothing(source: str) -> None:
    assert not _read(source + "\n").installs


def test_a_folder_of_its_own_is_not_below_home() -> None:
    found = _read("from transformers import pipeline\np = pipeline('x')\n")
    named = _read("from huggingface_hub import snapshot_download\nsnapshot_download('x', local_dir='m')\n")

    assert found.home_data
    assert not named.home_data
