"""A rewrite that does harm is seen, its step is found, and the rest is kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerslim.engine.registry import Selection, choose
from dockerslim.verify.options import VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.rewriting import Rewrites
from dockerslim.verify.verify_file import verified_outcomes, verify_files

HARMFUL = Path(__file__).parent / "harmful_catalogue"
BEHAVIOUR_ONLY = VerifyOptions(measure=False, reads_images=False)

DOCKERFILE = """\
FROM python:3.12-slim
WORKDIR /app
COPY . .
RUN mkdir data
EXPOSE 8000
CMD python app.py
"""
APP = """\
import os
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self):
        with open("data/requests.log", "a") as log:
            log.write(self.path + "\\n")
        super().do_GET()


ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
"""
PAGE = '<!doctype html><link rel="stylesheet" href="static/style.css"><p>Hello.</p>\n'


@pytest.fixture
def dockerfile(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "static").mkdir()
    for name, text in (("Dockerfile", DOCKERFILE), ("app.py", APP), ("index.html", PAGE), ("static/style.css", "p {}")):
        (tmp_path / name).write_text(text, "utf-8")
    yield tmp_path / "Dockerfile"


def _with(*harmful: str) -> Selection:
    return Selection(choose().files + choose(harmful, folder=HARMFUL).files)


@pytest.mark.parametrize(
    ("harmful", "what"),
    [
        ("drop-static-files", "GET :8000/static/style.css"),
        ("give-folders-back", "GET :8000/"),
        ("move-port", "port 8000"),
    ],
)
def test_the_culprit_is_named_and_the_rest_is_kept(harmful: str, what: str, dockerfile: Path) -> None:
    with Progress(io.StringIO()) as progress:
        [(outcome, verification)] = verified_outcomes([dockerfile], Rewrites(_with(harmful)), BEHAVIOUR_ONLY, progress)

    assert verification.verdict == "same"
    assert [culprit.transform for culprit in verification.culprits] == [harmful]
    assert what in verification.culprits[0].difference.what
    assert outcome.change is not None
    assert b"USER 1000:1000" in outcome.change.after
    assert b'CMD ["python", "app.py"]' in outcome.change.after
    assert dockerfile.read_text("utf-8") == DOCKERFILE


def test_verify_judges_the_whole_rewrite_and_names_its_culprit(dockerfile: Path) -> None:
    rewrites = Rewrites(_with("drop-static-files"))
    with Progress(io.StringIO()) as progress:
        [verification] = verify_files([dockerfile], rewrites, BEHAVIOUR_ONLY, progress)

    assert verification.verdict == "differs"
    assert [culprit.transform for culprit in verification.culprits] == ["drop-static-files"]
