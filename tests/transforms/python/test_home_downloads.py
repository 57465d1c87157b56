"""Data that a RUN downloads into root's home folder: where it goes instead, and where nobody can tell."""

from __future__ import annotations

import pytest

from dockerslim.split.home_data import VARIABLES
from dockerslim.split.python.home_downloads import _tools
from tests.transforms.rewriting import Rewritten, mounts, rewrite

BASE = "FROM python:3.12-slim\n"
USER = "RUN useradd --uid 1000 --create-home app\n"
END = 'USER 1000:1000\nCMD ["python", "app.py"]\n'
CMD = 'CMD ["python", "app.py"]\n'
RISK = "the program looks for data below HOME, where root may have put it (Dockerfile:{})"

TEXTS = {"app.py": "import nltk\nprint(nltk.word_tokenize('x'))\n"}
CORPUS = {"app.py": "from nltk.corpus import stopwords\nprint(stopwords.words('english'))\n"}
MODEL = {"app.py": "from transformers import AutoModel\nmodel = AutoModel.from_pretrained('x')\n"}
OTHER = {"app.py": "print('x')\n"}

NLTK = "ENV NLTK_DATA=/opt/nltk_data\nRUN mkdir -p /opt/nltk_data && "
HUGGING_FACE = "ENV HF_HOME=/opt/huggingface\nRUN mkdir -p /opt/huggingface && "
OWNED = " && chown -R 1000:1000 /opt/huggingface\n"
FROM_HUB = "python -c \"from transformers import AutoModel; AutoModel.from_pretrained('x')\""


def add_user(runs: str, files: dict[str, str], **options: object) -> Rewritten:
    return rewrite("add-user", f"{BASE}WORKDIR /app\nCOPY . .\n{runs}{CMD}", files, **options)  # type: ignore[arg-type]


def test_the_variables_that_the_table_names_may_be_set() -> None:
    assert {name for tool in _tools() for name in tool.variables} < VARIABLES


@pytest.mark.parametrize(
    ("runs", "files", "became"),
    [
        ("RUN python -m nltk.downloader punkt\n", TEXTS, NLTK + "python -m nltk.downloader punkt\n"),
        ("RUN python -m nltk.downloader punkt\n", CORPUS, NLTK + "python -m nltk.downloader punkt\n"),
        (
            "RUN python -c \"import nltk; nltk.download('punkt')\"\n",
            TEXTS,
            NLTK + "python -c \"import nltk; nltk.download('punkt')\"\n",
        ),
        (
            "RUN python -m nltk.downloader \\\n        punkt \\\n        # common words\n        stopwords\n",
            TEXTS,
            "ENV NLTK_DATA=/opt/nltk_data\nRUN mkdir -p /opt/nltk_data && \\\n        python -m nltk.downloader \\\n"
            "        punkt \\\n        # common words\n        stopwords\n",
        ),
        (
            "# tokens\nRUN python -m nltk.downloader punkt\n",
            TEXTS,
            "ENV NLTK_DATA=/opt/nltk_data\n\n# tokens\n"
            "RUN mkdir -p /opt/nltk_data && python -m nltk.downloader punkt\n",
        ),
        (
            "RUN python -m nltk.downloader punkt\nRUN python -m nltk.downloader stopwords\n",
            TEXTS,
            NLTK + "python -m nltk.downloader punkt\nRUN python -m nltk.downloader stopwords\n",
        ),
        (f"RUN {FROM_HUB}\n", MODEL, HUGGING_FACE + FROM_HUB + OWNED),
        (f"RUN {FROM_HUB}\n", OTHER, HUGGING_FACE + FROM_HUB + OWNED),
        (
            f"RUN pip install transformers \\\n    && {FROM_HUB}\n",
            MODEL,
            "ENV HF_HOME=/opt/huggingface\nRUN mkdir -p /opt/huggingface && \\\n    pip install transformers \\\n"
            f"    && {FROM_HUB} \\\n    && chown -R 1000:1000 /opt/huggingface\n",
        ),
        ("RUN hf download a/b\n", MODEL, HUGGING_FACE + "hf download a/b" + OWNED),
        ("RUN huggingface-cli download a/b\n", MODEL, HUGGING_FACE + "huggingface-cli download a/b" + OWNED),
        (
            "RUN python -c 'from sentence_transformers import *; SentenceTransformer(\"x\")'\n",
            MODEL,
            "ENV HF_HOME=/opt/huggingface SENTENCE_TRANSFORMERS_HOME=/opt/huggingface/sentence_transformers\n"
            "RUN mkdir -p /opt/huggingface && "
            "python -c 'from sentence_transformers import *; SentenceTransformer(\"x\")'" + OWNED,
        ),
        (
            "RUN python load.py\n",
            {**MODEL, "load.py": MODEL["app.py"]},
            HUGGING_FACE + "python load.py" + OWNED,
        ),
        (
            "RUN python load.py\n",
            {**MODEL, "load.py": "from transformers import pipeline\npipeline('x')\n"},
            HUGGING_FACE + "python load.py" + OWNED,
        ),
        (
            f"ENV HF_HOME=/models\nRUN {FROM_HUB}\n",
            MODEL,
            f"ENV HF_HOME=/models\nRUN mkdir -p /models && {FROM_HUB} && chown -R 1000:1000 /models\n",
        ),
    ],
)
def test_the_download_goes_where_the_user_can_read_it(runs: str, files: dict[str, str], became: str) -> None:
    got = add_user(runs, files)

    assert (got.reasons, got.risks) == ((), ())
    assert got.text == f"{BASE}WORKDIR /app\n{USER}COPY . .\n{became}{END}"


def test_a_program_that_downloads_itself_owns_the_data() -> None:
    got = add_user("RUN python -m nltk.downloader punkt\n", {"app.py": "import nltk\nnltk.download('punkt')\n"})

    assert "python -m nltk.downloader punkt && chown -R 1000:1000 /opt/nltk_data\n" in got.text


@pytest.mark.parametrize(
    "runs",
    [
        "",
        "RUN pip install nltk easyocr && python -m compileall .\n",
        "RUN python -m spacy download en_core_web_sm\n",
        "RUN apt-get update && apt-get install -y git\n",
        "RUN python -m nltk.downloader -d /usr/local/share/nltk_data punkt\n",
        "RUN python -c \"import nltk; nltk.download('punkt', download_dir='/usr/share/nltk_data')\"\n",
        "RUN python -c \"import tiktoken; tiktoken.get_encoding('cl100k_base')\"\n",
        "RUN python check.py\n",
    ],
)
def test_a_run_that_leaves_nothing_below_home_stays(runs: str) -> None:
    files = {"app.py": CORPUS["app.py"] + MODEL["app.py"], "check.py": "print('fine')\n"}

    got = add_user(runs, files)

    assert got.text == f"{BASE}WORKDIR /app\n{USER}COPY . .\n{runs}{END}"
    assert got.risks == ()


@pytest.mark.parametrize(
    ("runs", "files"),
    [
        ('RUN ["python", "-m", "nltk.downloader", "punkt"]\n', TEXTS),
        ("RUN <<EOF\npython -m nltk.downloader punkt\nEOF\n", TEXTS),
        ("RUN python -m nltk.downloader punkt || true\n", TEXTS),
        ("RUN python -m nltk.downloader $PACKAGES\n", TEXTS),
        ("RUN --mount=type=cache,target=/root/.cache/huggingface hf download a/b\n", MODEL),
        ("RUN hf download a/b --cache-dir /models\n", MODEL),
        ("RUN HF_HOME=/models hf download a/b\n", MODEL),
        ("RUN python -c \"import whisper; whisper.load_model('base')\"\n", MODEL),
        ("RUN prefetch\n", MODEL),
        (f"RUN {FROM_HUB} && python -c 'import easyocr; easyocr.Reader([1])'\n", MODEL),
        ("RUN python load.py\n", {**MODEL, "load.py": "from ultralytics import YOLO\nYOLO('x.pt')\n"}),
        ("RUN python load.py\n", {**MODEL, "load.py": "import importlib\nimportlib.import_module(name)\n"}),
        ("RUN python missing.py\n", MODEL),
        ("RUN playwright install --with-deps chromium\n", OTHER),
    ],
)
def test_refuses_where_the_data_can_not_be_told_another_place(runs: str, files: dict[str, str]) -> None:
    got = add_user(runs, files)

    assert got.text == f"{BASE}WORKDIR /app\nCOPY . .\n{runs}{CMD}"
    assert got.risks == (RISK.format(4),)


def test_a_mounted_cache_is_refused_as_any_volume() -> None:
    got = add_user(f"RUN {FROM_HUB}\n", MODEL, usage=mounts("models", "/root/.cache/huggingface", "volume"))

    assert got.risks == ("`compose.yml` mounts `models`, whose files may be root's",)


def test_a_folder_of_models_that_the_author_names_belongs_to_the_user() -> None:
    got = add_user("ENV HF_HOME=/models\n", MODEL)

    assert "RUN mkdir -p /models && chown -R 1000:1000 /models\nUSER 1000:1000\n" in got.text


def test_a_split_downloads_in_the_stage_that_runs() -> None:
    install = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
    download = "RUN python -m nltk.downloader punkt\n"
    files = {**TEXTS, "requirements.txt": "nltk==3.9.1\n"}

    got = rewrite("", f"FROM python:3.12-bookworm\n{install}{download}COPY . .\n{CMD}", files)

    assert got.text.count("nltk.downloader") == 1
    assert got.runtime == (
        "FROM python:3.12-slim-bookworm\nWORKDIR /app\n"
        f"{USER}COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
        f"{NLTK}python -m nltk.downloader punkt\nCOPY . .\n{END}"
    )
    assert got.reasons == got.risks == ()


def test_line_ends_stay() -> None:
    text = f"{BASE}COPY . .\nRUN python -m nltk.downloader punkt\n{CMD}".replace("\n", "\r\n")

    got = rewrite("add-user", text, TEXTS)

    assert "ENV NLTK_DATA=/opt/nltk_data\r\nRUN mkdir -p /opt/nltk_data && python" in got.text
