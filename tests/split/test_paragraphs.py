"""Blank lines and comments of the author's in the runtime stage."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite

FILES = {"requirements.txt": "flask\n", "app.py": "import flask\n"}
REST = "COPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n" + 'CMD ["python", "app.py"]\n'
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
END = 'COPY . .\nCMD ["python", "app.py"]\n'


def runtime(text: str) -> str:
    return rewrite("python/split-stages", text, FILES).runtime


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        pytest.param('LABEL a="b"\n', 'LABEL a="b"\n', id="none of the author's"),
        pytest.param('\nLABEL a="b"\n\n', '\nLABEL a="b"\n\n', id="above and below"),
        pytest.param('LABEL a="b"\n\n', 'LABEL a="b"\n\n', id="below"),
        pytest.param('\n# us\nLABEL a="b"\nEXPOSE 80\n\n', '\n# us\nLABEL a="b"\nEXPOSE 80\n\n', id="a paragraph"),
        pytest.param("\nWORKDIR /app\n\n", "WORKDIR /app\n", id="a copy of what stays has none"),
        pytest.param("\nWORKDIR /app\n\nLABEL a=b\n\n", "WORKDIR /app\n\nLABEL a=b\n\n", id="below a copy"),
    ],
)
def test_blank_lines_of_what_moves(above: str, expected: str) -> None:
    assert runtime(f"FROM python:3.12\n{above}{REST}") == f"FROM python:3.12-slim\n{expected}{CARRIED}{END}"


def test_the_comment_of_a_user_is_in_both_stages() -> None:
    text = f"FROM python:3.12\nWORKDIR /app\n\n# it binds a socket of the host\nUSER root\n\n{REST}"

    got = rewrite("python/split-stages", text, FILES)

    user = "\n# it binds a socket of the host\nUSER root\n"
    assert got.text.startswith(f"FROM python:3.12 AS build\nWORKDIR /app\n{user}")
    assert got.runtime == f"FROM python:3.12-slim\nWORKDIR /app\n{user}\n{CARRIED}{END}"


def test_crlf() -> None:
    text = f'FROM python:3.12\n\nLABEL a="b"\n\n{REST}'.replace("\n", "\r\n")

    assert runtime(text) == f'FROM python:3.12-slim\n\nLABEL a="b"\n\n{CARRIED}{END}'.replace("\n", "\r\n")
