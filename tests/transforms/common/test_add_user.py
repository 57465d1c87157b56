"""Who the final stage runs as, what that user owns, and where root must stay."""

from __future__ import annotations

import pytest

from dockerslim.context.usage import Mount, Usage
from tests.transforms.rewriting import UNSAFE, Rewritten, mounts, rewrite, service

GO = {"go.mod": "module m\n", "main.go": "package main\n\nfunc main() {}\n"}
BUILD = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n\n"
COPY = "COPY --from=build /src/app /app\n"
CMD = 'CMD ["/app"]\n'
ALPINE = "RUN adduser -D -u 1000 app\n"
DEBIAN = "RUN useradd --uid 1000 --create-home app\n"
ROOT_ONLY = "`/root` can be read by root only"
OWNER_ONLY = "files are made readable for their owner only"


def add_user(stage: str, files: dict[str, str] | None = None, **options: object) -> Rewritten:
    """What becomes of a runtime stage whose program is built above it."""
    got = rewrite("add-user", BUILD + stage, GO if files is None else files, **options)  # type: ignore[arg-type]
    assert got.text.startswith(BUILD)
    return Rewritten(got.text.removeprefix(BUILD), got.reasons, got.risks, got.ignore_lines)


def program(*calls: str, **files: str) -> dict[str, str]:
    body = "".join(f"\t{call}\n" for call in calls)
    return {**GO, "main.go": f'package main\n\nimport "os"\n\nfunc main() {{\n{body}}}\n', **files}


def writes(*paths: str, **files: str) -> dict[str, str]:
    return program(*(f'os.WriteFile("{path}", nil, 0o644)' for path in paths), **files)


# --- each base image


@pytest.mark.parametrize(
    ("base", "make", "user"),
    [
        ("alpine:3.20", ALPINE, "1000:1000"),
        ("alpine", ALPINE, "1000:1000"),
        ("busybox", ALPINE, "1000:1000"),
        ("python:3.12-alpine", ALPINE, "1000:1000"),
        ("debian:bookworm-slim", DEBIAN, "1000:1000"),
        ("python:3.12-slim", DEBIAN, "1000:1000"),
        ("ubuntu:22.04", DEBIAN, "1000:1000"),
        ("ubuntu:24.04", "", "1000:1000"),
        ("ubuntu", "", "1000:1000"),
        ("node:20-slim", "", "1000:1000"),
        ("node:20-alpine", "", "1000:1000"),
        ("scratch", "", "65532:65532"),
        ("gcr.io/distroless/static", "", "65532:65532"),
        ("gcr.io/distroless/base-debian12:latest", "", "65532:65532"),
        ("gcr.io/distroless/static-debian13:debug", "", "65532:65532"),
    ],
)
def test_each_base(base: str, make: str, user: str) -> None:
    got = add_user(f"FROM {base}\n{COPY}{CMD}")

    assert got.text == f"FROM {base}\n{make}{COPY}USER {user}\n{CMD}"


@pytest.mark.parametrize(
    "base",
    [
        "gcr.io/distroless/static-debian13:nonroot",
        "gcr.io/distroless/static:debug-nonroot",
        "nginxinc/nginx-unprivileged",
    ],
)
def test_a_base_that_is_not_root(base: str) -> None:
    stage = f"FROM {base}\n{COPY}{CMD}"

    got = add_user(stage)

    assert (got.text, got.reasons, got.risks) == (stage, (), ())


@pytest.mark.parametrize("base", ["example.com/x", "$BASE", f"gcr.io/distroless/static@sha256:{'0' * 64}", "redis:7"])
def test_a_base_that_is_not_known(base: str) -> None:
    got = add_user(f"FROM {base}\n{COPY}{CMD}")

    assert got.reasons == (f"which users `{base}` has is not known",)


def test_distroless_makes_the_work_folder_for_its_user() -> None:
    """Only the `nonroot` tag does, and its own work folder is another: nothing may lie in the plain image's."""
    stage = "FROM gcr.io/distroless/static-debian13\nWORKDIR /srv/x\n" + COPY + CMD

    assert add_user(stage).text == stage.replace("13\n", "13:nonroot\n").replace("CMD", "USER 65532:65532\nCMD")
    relative = "FROM gcr.io/distroless/static\nCOPY --from=build /src/app ./\nWORKDIR /srv/x\n" + 'CMD ["/app"]\n'
    assert add_user(relative).text == relative.replace("CMD", "USER 65532:65532\nCMD")


def test_a_stage_that_is_built_from_distroless_keeps_its_name() -> None:
    text = f"{BUILD}FROM gcr.io/distroless/static AS base\n\nFROM base\nWORKDIR /srv/x\n{COPY}{CMD}"

    assert rewrite("add-user", text, GO).text == text.replace("CMD", "USER 65532:65532\nCMD")


# --- what the program writes


@pytest.mark.parametrize(
    ("files", "command"),
    [
        (writes("/tmp/x"), ""),
        (writes("data/x.db"), "mkdir -p data && chown -R 1000:1000 data"),
        (writes("data/x.db", "logs/a/b.log"), "mkdir -p data logs/a && chown -R 1000:1000 data logs/a"),
        (writes("x.txt"), "chown 1000:1000 ."),
        (writes("/var/lib/x/a"), "mkdir -p /var/lib/x && chown -R 1000:1000 /var/lib/x"),
        (program('os.MkdirAll("a/b", 0o755)'), "mkdir -p a && chown -R 1000:1000 a"),
    ],
)
def test_one_run_gives_the_written_folders_away(files: dict[str, str], command: str) -> None:
    stage = f"FROM alpine:3.20\nWORKDIR /srv/x\n{COPY}{CMD}"
    run = f"RUN {command}\n" if command else ""

    assert add_user(stage, files).text == (
        f"FROM alpine:3.20\nWORKDIR /srv/x\n{ALPINE}{COPY}{run}USER 1000:1000\n{CMD}"
    )


def test_a_file_that_is_there_is_given_away_too() -> None:
    stage = f"FROM alpine:3.20\nWORKDIR /srv/x\n{COPY}COPY app.db ./\n{CMD}"

    assert "RUN chown 1000:1000 . app.db\nUSER" in add_user(stage, {**writes("app.db"), "app.db": ""}).text


def test_a_copy_gives_away_where_there_is_no_shell() -> None:
    data = "COPY --from=build /src/data ./data/\n"
    stage = f"FROM gcr.io/distroless/static-debian13:latest\nWORKDIR /srv/x\n{COPY}{data}{CMD}"

    assert add_user(stage, {**writes("data/x.db"), "data/seed": ""}).text == stage.replace(
        "--from=build /src/data", "--from=build --chown=65532:65532 /src/data"
    ).replace("CMD", "USER 65532:65532\nCMD")


def test_the_work_folder_of_a_nonroot_image_is_the_users() -> None:
    stage = f"FROM gcr.io/distroless/static-debian13\nWORKDIR /srv/x\n{COPY}{CMD}"

    for files in (writes("x.txt"), writes("data/x.db"), program('os.MkdirAll("a/b", 0o755)')):
        assert add_user(stage, files).risks == ()


@pytest.mark.parametrize(
    ("base", "work", "copies", "files", "risk"),
    [
        ("alpine:3.20", "/srv/x", "", writes("/etc/a"), "the program writes into `/etc`"),
        ("alpine:3.20", "/srv/x", "", writes("/usr/local/bin/a"), "the program writes into `/usr/local/bin`"),
        ("alpine:3.20", "/srv/x", "", writes("/a"), "the program writes into `/`"),
        ("alpine:3.20", "/", "", writes("a"), "the program writes into `/`"),
        (
            "alpine:3.20",
            "/srv/x",
            "",
            writes("a;rm -rf x/out.txt"),
            "the program writes into `/srv/x/a;rm -rf x`, a name that means something else to a shell",
        ),
        (
            "alpine:3.20",
            "/srv/x",
            "",
            writes("-rf/out.txt"),
            "the program writes into `/srv/x/-rf`, a name that means something else to a shell",
        ),
        (
            "alpine:3.20",
            "/srv/x",
            "",
            writes("my $(id)/out.txt"),
            "the program writes into `/srv/x/my $(id)`, a name that means something else to a shell",
        ),
        (
            "alpine:3.20",
            "/srv/x",
            "",
            program("os.WriteFile(os.Args[1], nil, 0o644)"),
            "a path that the program writes is computed (main.go:6)",
        ),
        ("scratch", "/srv/x", "", writes("x.txt"), "the program writes into `/srv/x`, which stays root's"),
        ("scratch", "/srv/x", "", writes("/tmp/x"), "the program writes into `/tmp`, which stays root's"),
        (
            "gcr.io/distroless/static:latest",
            "/srv/x",
            "",
            writes("x.txt"),
            "the program writes into `/srv/x`, which stays root's",
        ),
        ("gcr.io/distroless/static", "/opt", "", writes("x.txt"), "the program writes into `/opt`, which stays root's"),
        (
            "gcr.io/distroless/static",
            "/srv/x",
            "",
            writes("/var/lib/x/a"),
            "the program writes into `/var/lib/x`, which stays root's",
        ),
        (
            "gcr.io/distroless/static",
            "/srv/x",
            "COPY --from=build /src/web ./web/\n",
            {**writes("web/up/a"), "web/b": ""},
            "the program writes into `/srv/x/web/up`, which stays root's",
        ),
        (
            "gcr.io/distroless/static",
            "/srv/x",
            "COPY --from=build /src/web ./data/web/\n",
            {**writes("data/a"), "web/b": ""},
            "the program writes into `/srv/x/data`, which stays root's",
        ),
        (
            "gcr.io/distroless/static",
            "/srv/x",
            "COPY --from=build --chown=5:5 /src/data ./data/\n",
            {**writes("data/a"), "data/b": ""},
            "`/srv/x/data`, which the program writes, is given to `5:5`",
        ),
    ],
)
def test_written_where_ownership_is_not_enough(
    base: str, work: str, copies: str, files: dict[str, str], risk: str
) -> None:
    stage = f"FROM {base}\nWORKDIR {work}\n{COPY}{copies}{CMD}"

    got = add_user(stage, files)

    assert (got.text, got.risks) == (stage, (risk,))


# --- an author's root for the steps


@pytest.mark.parametrize("root", ["root", "0", "root:root"])
def test_root_said_anew_for_the_steps_below(root: str) -> None:
    stage = f"FROM alpine:3.20\nUSER {root}\nRUN apk add --no-cache tzdata\n{COPY}{CMD}"

    got = add_user(stage)

    assert got.text == (
        f"FROM alpine:3.20\nUSER {root}\nRUN apk add --no-cache tzdata\nRUN adduser -D -u 1000 app\n"
        f"{COPY}USER 1000:1000\n{CMD}"
    )


# --- left alone


@pytest.mark.parametrize(
    "stage",
    [
        f"FROM alpine:3.20\n{COPY}USER 10001\n{CMD}",
        f"FROM alpine:3.20\nRUN adduser -D x\n{COPY}USER x\n{CMD}",
        f"FROM alpine:3.20\nARG U=app\nUSER $U\n{COPY}{CMD}",
        f"FROM alpine:3.20\n{COPY}",
        f"FROM alpine:3.20 AS base\nRUN adduser -D x\nUSER x\n\nFROM base\n{COPY}{CMD}",
    ],
)
def test_leaves_alone(stage: str) -> None:
    got = add_user(stage)

    assert (got.text, got.reasons, got.risks) == (stage, (), ())


# --- refused


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        (f"FROM alpine:3.20\n{COPY}USER root\n{CMD}", "the author set the user to root"),
        (f"FROM alpine:3.20\n{COPY}USER 0\n{CMD}", "the author set the user to root"),
        (f"FROM alpine:3.20\nUSER 5\nRUN x\nUSER root\n{COPY}{CMD}", "the author set the user to root"),
        (f"FROM alpine:3.20 AS b\nUSER root\n\nFROM b\n{COPY}{CMD}", "the author set the user to root"),
        (f"FROM alpine:3.20\nARG U\nUSER $U\n{COPY}{CMD}", "which user `$U` is, is known at build time only"),
        (f"FROM alpine:3.20\nRUN adduser -D x\n{COPY}{CMD}", "a user is made here and not used"),
        (f"FROM debian:12\nRUN groupadd -g 1000 x\n{COPY}{CMD}", "a user is made here and not used"),
        (f"FROM debian:12 AS b\nRUN useradd x\n\nFROM b\n{COPY}{CMD}", "a user is made here and not used"),
        (f"FROM alpine:3.20\n{COPY}RUN chmod 600 /app\n{CMD}", OWNER_ONLY),
        (f"FROM alpine:3.20\n{COPY}RUN chmod go-rwx /app\n{CMD}", OWNER_ONLY),
        (f"FROM alpine:3.20\n{COPY}RUN <<EOF\nchmod 700 /app\nEOF\n{CMD}", OWNER_ONLY),
        (f"FROM alpine:3.20 AS b\nRUN umask 077 && touch /x\n\nFROM b\n{COPY}{CMD}", OWNER_ONLY),
        (f"FROM alpine:3.20\nCOPY --from=build --chmod=0700 /src/app /app\n{CMD}", OWNER_ONLY),
        ('FROM alpine:3.20\nWORKDIR /root\nCOPY --from=build /src/app ./\nCMD ["./app"]\n', ROOT_ONLY),
        ('FROM alpine:3.20\nCOPY --from=build /src/app /root/app\nCMD ["/root/app"]\n', ROOT_ONLY),
        (f'FROM alpine:3.20\n{COPY}CMD ["/app", "-c", "/root/x.yml"]\n', ROOT_ONLY),
        (f'FROM alpine:3.20\n{COPY}CMD ["/app", "--config=/root/x.yml"]\n', ROOT_ONLY),
        (f"FROM alpine:3.20\n{COPY}COPY --from=build /src/x /root/.config/x\n{CMD}", ROOT_ONLY),
        (f"FROM alpine:3.20\n{COPY}ENV CONFIG=/root/x.json\n{CMD}", ROOT_ONLY),
        (f"FROM alpine:3.20\n{COPY}ENV HOME=/root\n{CMD}", ROOT_ONLY),
        (f"FROM alpine:3.20\n{COPY}ENV PATH=/root/.local/bin:$PATH\n{CMD}", ROOT_ONLY),
        (f'FROM alpine:3.20\n{COPY}CMD ["crond", "-f"]\n', "`crond` needs root when the container starts"),
        (f'FROM alpine:3.20\n{COPY}CMD ["/usr/sbin/sshd", "-D"]\n', "`sshd` needs root when the container starts"),
        (f'FROM alpine:3.20\n{COPY}CMD ["supervisord"]\n', "`supervisord` needs root when the container starts"),
        (f'FROM alpine:3.20\n{COPY}CMD ["sudo", "/app"]\n', "`sudo` needs root when the container starts"),
        (f"FROM alpine:3.20\n{COPY}CMD chown x /data && /app\n", "`chown` needs root when the container starts"),
        (
            f'FROM alpine:3.20\n{COPY}ENTRYPOINT ["tini", "--", "su-exec", "x"]\n{CMD}',
            "`su-exec` needs root when the container starts",
        ),
        (
            f'FROM alpine:3.20\n{COPY}ENTRYPOINT ["/entry.sh"]\n{CMD}',
            "what `/entry.sh` does when the container starts is not known",
        ),
        (
            f"FROM nginx:alpine\n{COPY}{CMD}",
            "`nginx:alpine` starts as root and changes to its own user for the work",
        ),
    ],
)
def test_refuses(stage: str, reason: str) -> None:
    got = add_user(stage)

    assert (got.text, got.reasons, got.risks) == (stage, (reason,), ())


def test_root_s_folder_is_like_any_other_in_an_empty_image() -> None:
    stage = 'FROM scratch\nWORKDIR /root\nCOPY --from=build /src/app ./\nCMD ["./app"]\n'

    assert add_user(stage).text == stage.replace("CMD", "USER 65532:65532\nCMD")


@pytest.mark.parametrize("name", ["entry.sh", "docker-entrypoint"])
@pytest.mark.parametrize(
    ("line", "program"),
    [
        ('exec gosu app "$@"', "gosu"),
        ('exec /usr/local/bin/gosu app "$@"', "gosu"),
        ('exec /sbin/su-exec app "$@"', "su-exec"),
        ("su app -c ./app", "su"),
        ("chown -R app /data", "chown"),
        ("adduser app", "adduser"),
        ("service cron start", "service"),
    ],
)
def test_an_entrypoint_script_that_needs_root(name: str, line: str, program: str) -> None:
    stage = f'FROM alpine:3.20\n{COPY}COPY {name} /{name}\nENTRYPOINT ["/{name}"]\n{CMD}'

    got = add_user(stage, {**GO, name: f"#!/bin/sh\n# chown\n{line}\n"})

    assert (got.text, got.reasons) == (stage, (f"`/{name}` runs `{program}`, which needs root",))


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (
            mounts("/var/run/docker.sock", "/var/run/docker.sock"),
            "`compose.yml` mounts the Docker socket, which is root's",
        ),
        (service(develop_watch=True), "`compose.yml` syncs files into the container, which are root's then"),
    ],
)
def test_use_that_needs_root(usage: Usage, reason: str) -> None:
    got = add_user(f"FROM alpine:3.20\n{COPY}{CMD}", usage=usage)

    assert got.reasons == (reason,)


# --- volumes


def test_a_volume_that_nothing_else_speaks_of() -> None:
    got = add_user(f"FROM alpine:3.20\nWORKDIR /work\n{COPY}VOLUME /unused\n{CMD}")

    assert (got.risks, "USER 1000:1000\n" in got.text) == ((), True)


@pytest.mark.parametrize(
    "lines",
    [
        "WORKDIR /data/work\nVOLUME /data\n",
        "WORKDIR /work\nENV FILES=/data/files\nVOLUME /data\n",
        "WORKDIR /work\nRUN mkdir /data\nVOLUME /data\n",
        "WORKDIR /work\nVOLUME /work/data\n",
    ],
)
def test_a_volume_that_may_be_written(lines: str) -> None:
    got = add_user(f"FROM alpine:3.20\n{lines}{COPY}{CMD}")

    assert got.risks == ("files of an existing VOLUME stay owned by root",)


# --- unsafe


@pytest.mark.parametrize(
    ("stage", "usage", "risk"),
    [
        (
            f"FROM alpine:3.20\n{COPY}VOLUME /data\n{CMD}",
            Usage.none(),
            "files of an existing VOLUME stay owned by root",
        ),
        (
            f"FROM alpine:3.20 AS b\nVOLUME /data\n\nFROM b\n{COPY}{CMD}",
            Usage.none(),
            "files of an existing VOLUME stay owned by root",
        ),
        (
            f"FROM alpine:3.20\n{COPY}{CMD}",
            mounts("./data", "/data"),
            "`compose.yml` mounts `./data`, whose files may be root's",
        ),
        (
            f"FROM alpine:3.20\n{COPY}{CMD}",
            mounts("data", "/data", "volume"),
            "`compose.yml` mounts `data`, whose files may be root's",
        ),
        (
            f"FROM alpine:3.20\n{COPY}RUN ./setup.sh\n{CMD}",
            Usage.none(),
            "whether `./setup.sh` makes files that only root can read is not known",
        ),
        (
            f"FROM alpine:3.20\n{COPY}RUN wget -O /root/.x http://y\n{CMD}",
            Usage.none(),
            "whether `wget /root/.x` makes files that only root can read is not known",
        ),
        (f'FROM alpine:3.20\n{COPY}CMD ["/other"]\n', Usage.none(), "what the program writes is not known"),
        (
            f"FROM alpine:3.20\n{COPY}CMD echo hi > /etc/x && /app\n",
            Usage.none(),
            "the command writes a file (`> /etc/x`)",
        ),
    ],
)
def test_waits_for_a_persons_word(stage: str, usage: Usage, risk: str) -> None:
    got = add_user(stage, usage=usage)

    assert (got.text, got.reasons, got.risks) == (stage, (), (risk,))
    assert "USER 1000:1000\n" in add_user(stage, usage=usage, options=UNSAFE).text


@pytest.mark.parametrize(
    "usage",
    [
        mounts("", "/data", "tmpfs"),
        service(user="1000"),
        service(user="1000", volumes=(Mount("./d", "/d", "bind", 1),)),
    ],
)
def test_use_that_harms_nothing(usage: Usage) -> None:
    assert add_user(f"FROM alpine:3.20\n{COPY}{CMD}", usage=usage).risks == ()


@pytest.mark.parametrize("run", ["RUN rm -rf /root/.cache ~/.npm\n", "RUN ls > /dev/null\n"])
def test_runs_that_harm_nothing(run: str) -> None:
    assert add_user(f"FROM alpine:3.20\n{COPY}{run}{CMD}").risks == ()


# --- where the lines go


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (
            f'FROM alpine:3.20\n{COPY}EXPOSE 80\nENTRYPOINT ["/app"]\nCMD ["-x"]\n',
            f'FROM alpine:3.20\n{ALPINE}{COPY}EXPOSE 80\nUSER 1000:1000\nENTRYPOINT ["/app"]\nCMD ["-x"]\n',
        ),
        # Steps below the CMD still run as root.
        (
            f"FROM alpine:3.20\n{CMD}{COPY}# end\n",
            f"FROM alpine:3.20\n{CMD}{ALPINE}{COPY}USER 1000:1000\n# end\n",
        ),
        (
            "FROM alpine:3.20\n\n# certificates\nRUN apk add ca-certificates\n\n"
            f"# the program\n{COPY}\n# start\n{CMD}# end\n",
            f"FROM alpine:3.20\n\n# certificates\nRUN apk add ca-certificates\n\n{ALPINE}\n# the program\n{COPY}\n"
            f"USER 1000:1000\n\n# start\n{CMD}# end\n",
        ),
        (
            f"FROM alpine:3.20 AS base\n{COPY}{CMD}\nFROM base\nLABEL a=b\n",
            f"FROM alpine:3.20 AS base\n{COPY}{CMD}\nFROM base\n{ALPINE}USER 1000:1000\nLABEL a=b\n",
        ),
    ],
)
def test_order(stage: str, expected: str) -> None:
    assert add_user(stage).text == expected


def test_crlf_lower_case_and_no_last_newline() -> None:
    text = (BUILD + f"FROM alpine:3.20\n{COPY}{CMD}").lower().replace("cgo_enabled", "CGO_ENABLED").rstrip()

    got = rewrite("add-user", "\ufeff" + text.replace("\n", "\r\n"), GO)

    assert got.text == "\ufeff" + (
        text.replace("from alpine:3.20\n", "from alpine:3.20\nrun adduser -D -u 1000 app\n")
        .replace("cmd", "user 1000:1000\ncmd")
        .replace("\n", "\r\n")
    )


@pytest.mark.parametrize("usage", [mounts("data", "/data", "volume"), Usage.none()])
def test_a_new_volume_is_the_users(usage: Usage) -> None:
    volume = "" if usage.services else "VOLUME /data\n"

    got = add_user(f"FROM alpine:3.20\n{COPY}{volume}{CMD}", usage=usage, options=UNSAFE)

    gift = "RUN mkdir -p data && chown -R 1000:1000 data\n"
    assert got.text == f"FROM alpine:3.20\n{ALPINE}{COPY}{volume}{gift}USER 1000:1000\n{CMD}"


@pytest.mark.parametrize("command", ["echo a > ~/.netrc", "echo a >>$HOME/.netrc", "cat x 2> /root/log"])
def test_a_run_that_writes_below_the_home_of_root(command: str) -> None:
    got = add_user(f"FROM alpine:3.20\n{COPY}RUN {command}\n{CMD}")

    assert len(got.risks) == 1
    assert got.risks[0].endswith("makes files that only root can read is not known")
