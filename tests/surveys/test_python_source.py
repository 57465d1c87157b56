"""What a distribution's source loads and runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.surveys.python_source import uses


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import ctypes\nctypes.CDLL('libmagic.so.1')", {"loads libmagic.so.1"}),
        ("from ctypes.util import find_library\nimport ctypes\nx = find_library('portaudio')", {"loads portaudio"}),
        ("import ctypes\nctypes.cdll.LoadLibrary(name)", {"loads name"}),
        ("from cffi import FFI\nffi = FFI()\nlib = ffi.dlopen('cairo')", {"loads cairo"}),
        ("import subprocess\nsubprocess.run(['git', 'status'])", {"runs git"}),
        ("import subprocess\nsubprocess.check_output('git log', shell=True)", {"runs git"}),
        ("import os\nos.system('/usr/bin/curl -s x')", {"runs curl"}),
        ("import shutil\nshutil.which('hg')", {"runs hg"}),
        ("import subprocess\nGIT = 'git'\nsubprocess.run([GIT, 'log'])", {"runs git"}),
        ("import subprocess\nsubprocess.run(f'ssh {host}', shell=True)", {"runs ssh"}),
        ("import asyncio\nasyncio.create_subprocess_exec('gcc', 'x.c')", {"runs gcc"}),
        ("print 'old'\nimport ctypes\nctypes.CDLL('libmagic.so.1')", {"loads what is not known"}),
        ("print 'old'\nimport subprocess\nsubprocess.call(['svn'])", {"runs svn"}),
    ],
)
def test_used(source: str, found: set[str]) -> None:
    assert uses(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "import ctypes\nctypes.CDLL(None)",
        "import ctypes\nctypes.CDLL('libc.so.6')",
        "from ctypes.util import find_library\nimport ctypes\nctypes.CDLL(find_library('c'))",
        "import ctypes\nctypes.CDLL('libpthread.so.0')",
        "import ctypes, sys\nif sys.platform == 'win32':\n    ctypes.CDLL('libmagic-1')",
        "import ctypes, os\nif os.name != 'nt':\n    pass\nelse:\n    ctypes.CDLL('foo')",
        "import ctypes\nctypes.windll.LoadLibrary('foo')",
        "import ctypes\nctypes.CDLL('libfoo.dylib')",
        "import ctypes\nctypes.WinDLL('kernel32')",
        "import ctypes, os\nctypes.CDLL(os.path.join(os.path.dirname(__file__), 'mine.so'))",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'x'])",
        "import subprocess\nsubprocess.run(['ffmpeg', '-i', x])",  # neither image has it
        "kind = 'git'",
        "import subprocess\nsubprocess.run(x)\nmessage = 'the file to convert'",
        "import re\nrun('git')",
        "def load_library(name): ...\nload_library('cairo')",
    ],
)
def test_not_used(source: str) -> None:
    assert uses(source) == frozenset()


def test_a_check_for_windows_doesnt_hide_the_rest() -> None:
    source = "import ctypes, sys\nif sys.platform == 'win32':\n    pass\nelse:\n    ctypes.CDLL('libmagic.so.1')"

    assert uses(source) == {"loads libmagic.so.1"}


@given(st.text())
def test_never_raises(text: str) -> None:
    uses(text)
