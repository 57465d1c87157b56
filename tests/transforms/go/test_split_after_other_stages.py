"""The last of several stages builds the program: what the others bring travels on, or is only compiled in."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite

WEB = "FROM node:20 AS web\nWORKDIR /web\nCOPY web .\nRUN npm ci\n\n"
HEAD = "FROM golang:1.23\nWORKDIR /src\nCOPY . .\n"
TAIL = 'RUN go build -o app .\nCMD ["./app"]\n'
PLAIN = "package main\n\nfunc main() {}\n"
EMBEDS = 'package main\n\nimport "embed"\n\n//go:embed all:web/dist\nvar pages embed.FS\n\nfunc main() { _ = pages }\n'
FILES = {"go.mod": "module example.com/app\n\ngo 1.23\n", "web/package.json": "{}\n"}


@pytest.mark.parametrize(
    ("copy", "main", "lines"),
    [
        ("COPY --from=web /web/dist ./web/dist\n", EMBEDS, ""),
        ("COPY --from=web /web/dist/ web/dist/\n", EMBEDS, ""),
        ("COPY --from=web /web/dist ./web/dist\n", PLAIN, "COPY --from=build /src/web/dist ./web/dist\n"),
        ("COPY --from=web /web/dist ./web/dist/\n", PLAIN, "COPY --from=build /src/web/dist ./web/dist/\n"),
        ("COPY --from=web /out/tool ./tool\n", PLAIN, "COPY --from=build /src/tool ./tool\n"),
        ("COPY --from=web /out/a.txt ./\n", PLAIN, "COPY --from=build /src/a.txt ./a.txt\n"),
        ("COPY --from=0 /web/.next /srv/.next\n", PLAIN, "COPY --from=build /srv/.next /srv/.next\n"),
    ],
)
def test_what_other_stages_bring(copy: str, main: str, lines: str) -> None:
    got = rewrite("go/split-stages", WEB + HEAD + copy + TAIL, {**FILES, "main.go": main})

    assert got.reasons == ()
    assert got.text.startswith(WEB + HEAD.replace("golang:1.23", "golang:1.23 AS build") + copy)
    assert got.runtime == (
        f'FROM gcr.io/distroless/static-debian13\nWORKDIR /src\nCOPY --from=build /src/app ./\n{lines}CMD ["./app"]\n'
    )


@pytest.mark.parametrize(
    "copy",
    [
        "COPY --from=web /web/dist ./\n",
        "COPY --from=web /usr/local/bin/tool /usr/local/bin/\n",
        "COPY --from=alpine:3.20 /etc/x ./x\n",
        "COPY --from=web /web/lib /usr/lib/x\n",
    ],
)
def test_what_can_not_be_told_apart(copy: str) -> None:
    text = WEB + HEAD + copy + TAIL

    got = rewrite("go/split-stages", text, {**FILES, "main.go": PLAIN})

    assert got.text == text
    assert got.reasons[0].startswith("whether the program needs what is copied from")


@pytest.mark.parametrize(
    "text",
    [
        'FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n\nFROM build\nCMD ["/src/app"]\n',
        "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o app .\n\nFROM golang:1.23\n"
        'COPY --from=build /src/app /app\nCMD ["/app"]\n',
    ],
)
def test_a_last_stage_that_builds_nothing(text: str) -> None:
    got = rewrite("go/split-stages", text, {**FILES, "main.go": PLAIN})

    assert (got.text, got.reasons) == (text, ())
