"""What a refused split says, what it says would help, and which words it marks."""

from __future__ import annotations

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.transform import Skip
from dockerslim.images.catalogue import Catalogue

FILES = {
    "requirements.txt": "seldom-seen\n",
    "other.txt": "flask\n",
    "app.py": "import flask\n",
    "Pipfile": '[packages]\nflask = "*"\n[requires]\npython_version = "3.9"\n',
    "Pipfile.lock": '{"default": {"flask": {"version": "==3.0.3"}}, "develop": {}}',
}
OTHER = "COPY other.txt ./\nRUN pip install -r other.txt\n"


def skip_of(lines: str) -> tuple[str, str, str]:
    """The reason, the help, and the marked words."""
    text = f'FROM python:3.11\nWORKDIR /app\n{lines}COPY . .\nCMD ["python", "app.py"]\n'
    case = Case(Dockerfile.of_text(text), BuildContext.in_memory(FILES), Usage.none(), Catalogue.load())
    transform = next(t for t in load() if t.name == "python/split-stages")
    (skip,) = transform(case)
    assert isinstance(skip, Skip)
    return skip.reason, skip.help, skip.span.cut(text)


@pytest.mark.parametrize(
    ("lines", "why", "advice"),
    [
        (
            f"{OTHER}RUN make install\n",
            "what `make install` does for the image is not known",
            "split the file by hand",
        ),
        (
            f"RUN curl -sSL https://example.com/x | python3 -\n{OTHER}",
            "what the RUN does is not known: it is more than plain commands",
            "split the file by hand",
        ),
        (
            OTHER.replace("-r", "--user -r"),
            "`--user` installs packages outside the interpreter's own folder",
            "take `--user` out",
        ),
        (f"RUN sudo mkdir /x\n{OTHER}", "`sudo` runs a command as another user", "take `sudo` out"),
        (
            "RUN pip install pipenv\nCOPY Pipfile* ./\nRUN pipenv install --system --deploy\n",
            "`Pipfile` asks for Python 3.9, the image has 3.11",
            "set python_version to 3.11",
        ),
    ],
)
def test_says_what_would_help(lines: str, why: str, advice: str) -> None:
    assert skip_of(lines)[:2] == (why, advice)


def test_marks_the_install_that_brings_the_distribution() -> None:
    why, _, marked = skip_of(
        f"RUN pip install --upgrade pip\n{OTHER}COPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
    )

    assert why == "which libraries `seldom-seen` needs of the full image is not known"
    assert marked == "pip install -r requirements.txt"
