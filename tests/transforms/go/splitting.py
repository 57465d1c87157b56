"""What the tests of the split share: a small server, and what a rewrite of it holds."""

from __future__ import annotations

from collections.abc import Mapping

from dockerslim.context.usage import Usage
from tests.transforms.rewriting import Rewritten, rewrite

MODULE = "module example.com/app\n\ngo 1.23\n"
SERVER = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
FILES = {"go.mod": MODULE, "main.go": SERVER}
SOURCE = "WORKDIR /src\nCOPY . .\n"
BUILD = "RUN go build -o app .\n"
CMD = 'CMD ["./app"]\n'
STATIC = "gcr.io/distroless/static-debian13"
APP = "COPY --from=build /src/app ./\n"
SLIM = "debian:bookworm-slim"


def split(text: str, files: dict[str, str] | None = None, usage: Usage | None = None) -> Rewritten:
    return rewrite("go/split-stages", text, FILES if files is None else files, usage=usage)


def apt(*packages: str) -> str:
    return (
        "RUN apt-get update && apt-get install -y --no-install-recommends \\\n"
        f"    {' '.join(packages)} \\\n    && rm -rf /var/lib/apt/lists/*\n"
    )


def image_of(got: Rewritten) -> str:
    return got.runtime.split()[1]


def calls(*lines: str, imports: tuple[str, ...] = ("os",), more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A server that does this first."""
    body = "".join(f"\t{line}\n" for line in lines)
    named = "".join(f'\t"{name}"\n' for name in ("net/http", *imports))
    source = f'package main\n\nimport (\n{named})\n\nfunc main() {{\n{body}\thttp.ListenAndServe(":8080", nil)\n}}\n'
    return {**FILES, "main.go": source, **(more or {})}
