"""Programs whose verdict is easily got wrong: what is chance is no difference, and what fails proves nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dockerslim.engine.registry import choose
from dockerslim.verify.options import Limits, VerifyOptions
from dockerslim.verify.progress import Progress
from dockerslim.verify.rewriting import Rewrites
from dockerslim.verify.verification import Comparison, Verification
from dockerslim.verify.verify_file import verify_files

pytestmark = pytest.mark.docker

DOCKERFILE = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nEXPOSE 8000\nCMD python app.py\n"
BEHAVIOUR_ONLY = VerifyOptions(limits=Limits(start_seconds=20, answer_seconds=5), measure=False, reads_images=False)

JOB = """\
import random

print("job", random.randrange(10**9))
print("3 rows")
"""
SERVER = """\
import gzip
import random
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = random.randrange(10**9)
PAGES = {"/": f"<p>{NAME}</p><a href=/about>x</a>", "/about": "<img src=/deep/logo.svg>", "/deep/logo.svg": "<svg/>"}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        text = PAGES.get(self.path)
        body = gzip.compress((text or "not found").encode())
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""
FAILING_SERVER = """\
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(500 if self.path == "/" else 404)


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""


def verified(folder: Path, program: str, options: VerifyOptions = BEHAVIOUR_ONLY) -> tuple[Verification, Comparison]:
    (folder / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    (folder / "app.py").write_text(program, "utf-8")
    with Progress(io.StringIO(), quiet=True) as progress:
        [verification] = verify_files([folder / "Dockerfile"], Rewrites(choose()), options, progress)
    assert verification.comparison is not None
    return verification, verification.comparison


def test_an_output_with_something_random_in_it(tmp_path: Path) -> None:
    verification, comparison = verified(tmp_path, JOB)

    assert (verification.verdict, verification.culprits) == ("same", ())
    assert "command: exit code 0, 1 line of output that is always there" in comparison.checks


def test_a_page_that_is_another_in_each_container(tmp_path: Path) -> None:
    verification, comparison = verified(tmp_path, SERVER)

    assert (verification.verdict, verification.culprits) == ("same", ())
    assert {"GET :8000/ 200", "GET :8000/about 200", "GET :8000/deep/logo.svg 200"} <= set(comparison.checks)
    assert any(note.startswith("GET :8000/: the body differs from one run") for note in comparison.notes)


def test_a_server_that_fails_before_as_after(tmp_path: Path) -> None:
    verification, _ = verified(tmp_path, FAILING_SERVER)

    assert verification.verdict == "fails the same way"
    assert verification.reason == "the program answers with errors alone, before as after"
