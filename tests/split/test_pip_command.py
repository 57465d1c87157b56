"""pip's command line, as pip reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.dockerfile import Dockerfile
from dockerslim.dockerfile.shell import run_script
from dockerslim.split.python.pip_command import PipCommand, is_local_path, pip_command


def read(text: str) -> PipCommand | None:
    dockerfile = Dockerfile.of_text(f"FROM x\nRUN {text}\n")
    if dockerfile.problem is not None:
        return None
    instruction = dockerfile.instructions[1]
    script = run_script(instruction, dockerfile.text)
    return pip_command(instruction, script, script.commands[0], "/") if script.commands else None


@pytest.mark.parametrize(
    "text", ["pip", "pip3", "pip3.11", "/venv/bin/pip", "python -m pip", "python3.11 -m pip", "env A=1 pip", "sudo pip"]
)
def test_how_pip_is_started(text: str) -> None:
    found = read(f"{text} install flask")

    assert found is not None
    assert (found.verb, found.names) == ("install", ("flask",))


@pytest.mark.parametrize(
    "text", ["pipx install x", "python app.py", "python -m venv x", "pip-compile", "echo pip install"]
)
def test_what_is_no_pip(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("options", "requirements", "names"),
    [
        ("-r a.txt", ("a.txt",), ()),
        ("-ra.txt", ("a.txt",), ()),
        ("--requirement=a.txt", ("a.txt",), ()),
        ("-r a.txt -r b.txt x", ("a.txt", "b.txt"), ("x",)),
        ("--no-cache-dir --upgrade -r a.txt", ("a.txt",), ()),
        ("-i https://pypi.example.com/simple x", (), ("x",)),
        ("--trusted-host pypi.example.com x", (), ("x",)),
        ("'x>=1,<2' y==2.* z[a,b]", (), ("x>=1,<2", "y==2.*", "z[a,b]")),
    ],
)
def test_options(options: str, requirements: tuple[str, ...], names: tuple[str, ...]) -> None:
    found = read(f"pip install {options}")

    assert found is not None
    assert found.is_known
    assert (found.requirement_files, found.names) == (requirements, names)


@pytest.mark.parametrize("text", ["pip install $X", "pip install -r $X", "pip install $(cat x)", "pip install -r `x`"])
def test_computed_words_are_not_known(text: str) -> None:
    found = read(text)

    assert found is not None
    assert not found.is_known


@pytest.mark.parametrize(
    ("word", "is_local"),
    [
        (".", True),
        (".[dev]", True),
        ("./x", True),
        ("/x", True),
        ("libs/x", True),
        ("x.whl", True),
        ("x-1.0.tar.gz", True),
        ("x", False),
        ("x[a]", False),
        ("git+https://example.com/x.git", False),
        ("https://example.com/x.whl", False),
        ("x@https://example.com/x.whl", False),
        ("git@example.com:x/y.git", False),
    ],
)
def test_paths(word: str, is_local: bool) -> None:
    assert is_local_path(word) is is_local


@given(st.text(alphabet="pinstal -r=./[]$'\"\\&|;<>é\n", max_size=40))
def test_never_raises(text: str) -> None:
    read("pip " + text)


@pytest.mark.parametrize("options", ["-Ur r.txt", "-qr r.txt", "-qqUr r.txt", "-Urr.txt", "-U -r r.txt", "-r=r.txt"])
def test_letters_that_stand_together(options: str) -> None:
    found = read(f"pip install {options} flask")

    assert found is not None
    assert (found.requirement_files, found.names) == (("r.txt",), ("flask",))
