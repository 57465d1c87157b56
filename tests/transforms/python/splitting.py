"""What the tests of the split share: a small application, and what a rewrite of it holds."""

from __future__ import annotations

from tests.transforms.python.rewriting import Rewritten, rewrite

APP = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n"}
INSTALL = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
CMD = 'CMD ["python", "app.py"]\n'
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
BUILD = "WORKDIR /app\n" + VENV + "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n"


def split(text: str, files: dict[str, str] | None = None, **options: object) -> Rewritten:
    return rewrite("split-stages", text, APP if files is None else files, **options)  # type: ignore[arg-type]


def apt(*names: str, lean: bool = True) -> str:
    flag = " --no-install-recommends" if lean else ""
    install = f"RUN apt-get update && apt-get install -y{flag} \\\n    {' '.join(names)} \\\n"
    return install + "    && rm -rf /var/lib/apt/lists/*\n"


def with_requirements(text: str, **files: str) -> dict[str, str]:
    return {**APP, "requirements.txt": text, **{name.replace("__", "/"): body for name, body in files.items()}}


def in_app(**files: str) -> dict[str, str]:
    return {**APP, **{name.replace("__", "/"): text for name, text in files.items()}}
