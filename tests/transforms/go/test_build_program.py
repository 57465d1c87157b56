"""`go run` as the command: built once, on a person's word."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import UNSAFE, Rewritten, mounts, rewrite

HEAD = "FROM golang:1.23\nWORKDIR /src\nCOPY . .\n"
FILES = {
    "go.mod": "module example.com/shop/v2\n\ngo 1.23\n",
    "main.go": "package main\n\nfunc main() {}\n",
    "cmd/api/main.go": "package main\n\nfunc main() {}\n",
    "lib/lib.go": "package lib\n",
}


def build(text: str, files: dict[str, str] | None = None) -> Rewritten:
    return rewrite("go/build-program", text, FILES if files is None else files, options=UNSAFE)


@pytest.mark.parametrize(
    ("command", "run", "after"),
    [
        ('CMD ["go", "run", "."]', "go build -o shop .", 'CMD ["./shop"]'),
        ('CMD ["go", "run", "main.go"]', "go build -o main main.go", 'CMD ["./main"]'),
        ('CMD ["go", "run", "/src/main.go"]', "go build -o main /src/main.go", 'CMD ["./main"]'),
        ('CMD ["go", "run", "./cmd/api", "-a", "x y"]', "go build -o api ./cmd/api", 'CMD ["./api", "-a", "x y"]'),
        ('ENTRYPOINT [ "go", "run", "." ]', "go build -o shop .", 'ENTRYPOINT ["./shop"]'),
        ('ENTRYPOINT ["go", "run", "."]\nCMD ["-v"]', "go build -o shop .", 'ENTRYPOINT ["./shop"]\nCMD ["-v"]'),
        ("CMD go run .", "go build -o shop .", "CMD ./shop"),
        (
            'CMD ["go", "run", "-tags", "a,b", "-mod=mod", "."]',
            "go build -tags a,b -mod=mod -o shop .",
            'CMD ["./shop"]',
        ),
    ],
)
def test_builds(command: str, run: str, after: str) -> None:
    got = build(f"{HEAD}EXPOSE 80\n{command}\n")

    assert got.text == f"{HEAD}RUN {run}\nEXPOSE 80\n{after}\n"


def test_a_name_that_is_free() -> None:
    got = build(f'{HEAD}CMD ["go", "run", "."]\n', {**FILES, "shop/x.txt": ""})

    assert "RUN go build -o app .\n" in got.text


@pytest.mark.parametrize(
    "command",
    [
        'CMD ["go", "test", "./..."]',
        'CMD ["go", "run"]',
        'CMD ["go", "run", "./lib"]',
        'CMD ["go", "run", "./nothing"]',
        'CMD ["go", "run", "example.com/x@latest"]',
        'CMD ["go", "run", "-exec", "x", "."]',
        "CMD go run . && echo done",
        "CMD A=1 go run .",
        'CMD go run . "a b"',
        'CMD ["air"]',
        'USER 1000\nCMD ["go", "run", "."]',
    ],
)
def test_leaves_alone(command: str) -> None:
    text = f"{HEAD}{command}\n"

    assert build(text).text == text


def test_a_mounted_source_is_run_as_it_is() -> None:
    text = f'{HEAD}CMD ["go", "run", "."]\n'

    assert rewrite("go/build-program", text, FILES, options=UNSAFE, usage=mounts(".", "/src")).text == text


def test_only_on_a_persons_word() -> None:
    text = f'{HEAD}CMD ["go", "run", "."]\n'

    got = rewrite("go/build-program", text, FILES)

    assert got.text == text
    assert len(got.risks) == 1


def test_crlf_lower_case_and_no_last_newline() -> None:
    got = build('from golang:1.23\r\nworkdir /src\r\ncopy . .\r\n# start\r\ncmd ["go", "run", "."]')

    assert got.text == (
        'from golang:1.23\r\nworkdir /src\r\ncopy . .\r\nrun go build -o shop .\r\n# start\r\ncmd ["./shop"]'
    )
