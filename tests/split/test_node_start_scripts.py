"""Shell scripts of the project that a Node image starts."""

from __future__ import annotations

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.languages.node import Command
from dockerslim.split.node.running import read
from dockerslim.split.node.start import node_start
from dockerslim.split.running import RunningProgram
from dockerslim.split.start import start_of
from tests.transforms.node.rewriting import manifest

HEAD = "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\n"
RUN = 'CMD ["node", "server.js"]\n'
ENTRY = f'ENTRYPOINT ["./docker-entrypoint.sh"]\n{RUN}'
SCRIPT = '#!/bin/sh\nset -e\nnpx knex migrate:latest\nexec "$@"\n'
FILES = {
    "package.json": manifest(dev=("knex", "rimraf"), scripts={"clean": "rimraf tmp", "start": "node server.js"}),
    "server.js": "",
    "other.js": "",
}


def _case(text: str, files: dict[str, str]) -> Case:
    context = BuildContext.in_memory({**FILES, **files})
    return Case(Dockerfile.of_text(text), context, Usage.none(), Catalogue.load())


def started(text: str, **files: str) -> Command:
    """What the image starts; a `_` in a name of a file stands for `-`, and the ending is `.sh`."""
    named = {f"{name.replace('_', '-')}.sh": content for name, content in files.items()}
    case = _case(text, named)
    start = start_of(case, case.stage)
    assert start is not None
    found = node_start(case, case.stage, start)
    assert found is not None
    return found.command


def running(script: str, tail: str = ENTRY) -> RunningProgram:
    case = _case(HEAD + tail, {"docker-entrypoint.sh": script})
    start = start_of(case, case.stage)
    assert start is not None
    found = read(case, case.stage, start)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "tail",
    [
        ENTRY,
        f'ENTRYPOINT ["/app/docker-entrypoint.sh"]\n{RUN}',
        f'ENTRYPOINT ["sh", "docker-entrypoint.sh"]\n{RUN}',
        f'ENTRYPOINT ["/bin/sh", "-e", "./docker-entrypoint.sh"]\n{RUN}',
        f'ENTRYPOINT ["dumb-init", "--", "./docker-entrypoint.sh"]\n{RUN}',
        f'COPY docker-entrypoint.sh /usr/local/bin/\nENTRYPOINT ["docker-entrypoint.sh"]\n{RUN}',
        "COPY docker-entrypoint.sh /usr/local/bin/\nRUN chmod +x /usr/local/bin/*.sh\n"
        f'ENTRYPOINT ["tini", "docker-entrypoint.sh"]\n{RUN}',
        f'COPY docker-entrypoint.sh /usr/bin/start\nENTRYPOINT ["start"]\n{RUN}',
        f'COPY docker-entrypoint.sh /entry.sh\nRUN chmod +x /entry.sh\nENTRYPOINT ["/entry.sh"]\n{RUN}',
        'CMD ["sh", "-c", "./docker-entrypoint.sh node server.js"]\n',
        "CMD ./docker-entrypoint.sh node server.js\n",
    ],
)
def test_the_author_s_own_script_is_read(tail: str) -> None:
    command = started(HEAD + tail, docker_entrypoint=SCRIPT)

    assert command.kind == "server", command.unknown
    assert command.programs == (("set", "-e"), ("knex", "migrate:latest"), ("node", "server.js"))
    assert command.binaries == ("knex",)
    assert [script.file for script in command.start_scripts] == ["docker-entrypoint.sh"]


@pytest.mark.parametrize("word", ["docker-entrypoint.sh", "/usr/local/bin/docker-entrypoint.sh"])
def test_the_image_s_own_script_hands_over(word: str) -> None:
    command = started(f'{HEAD}ENTRYPOINT ["{word}"]\n{RUN}')

    assert (command.programs, command.start_scripts, command.unknown) == ((("node", "server.js"),), (), ())


@pytest.mark.parametrize(
    "tail",
    [
        f'ENTRYPOINT ["./docker-entrypoint.sh"]\n{RUN}',
        f'RUN cp x /usr/local/bin/docker-entrypoint.sh\nENTRYPOINT ["docker-entrypoint.sh"]\n{RUN}',
        f'COPY --from=other /x/docker-entrypoint.sh /usr/local/bin/\nENTRYPOINT ["docker-entrypoint.sh"]\n{RUN}',
    ],
)
def test_another_script_of_that_name_is_not_the_image_s(tail: str) -> None:
    command = started(HEAD + tail)

    assert command.kind == "unknown"


@pytest.mark.parametrize(
    ("script", "programs"),
    [
        ('exec node server.js "$@"', (("node", "server.js", "node", "server.js"),)),
        (
            'until nc -z db 5432; do\n  sleep 1\ndone\nexec "$@"',
            (("nc", "-z", "db", "5432"), ("sleep", "1"), ("node", "server.js")),
        ),
        (
            'if [ "$MIGRATE" = 1 ]; then\n  node other.js\nfi\nnpm start',
            (("node", "other.js"), ("node", "server.js")),
        ),
        ('wait() { curl -s "$1"; }\nwait x\nexec "$@"', (("curl", "-s", '"$1"'), ("node", "server.js"))),
        ("export A=1\ncd /app\nnode server.js", (("node", "server.js"),)),
        (
            'case "$1" in\n  web) exec node other.js ;;\n  *) exec "$@" ;;\nesac',
            (("node", "other.js"), ("node", "server.js")),
        ),
        ('trap - TERM\ncommand -v curl\nexec "$@"', (("trap", "-", "TERM"), ("node", "server.js"))),
        ("timeout 10 node other.js\nnode server.js &\nwait", (("node", "other.js"), ("node", "server.js"), ("wait",))),
    ],
)
def test_what_a_script_runs(script: str, programs: tuple[tuple[str, ...], ...]) -> None:
    command = started(HEAD + ENTRY, docker_entrypoint=f"#!/bin/sh\n{script}\n")

    assert command.unknown == ()
    assert (command.kind, command.programs) == ("server", programs)


@pytest.mark.parametrize(
    ("line", "programs"),
    [
        ("trap 'kill -TERM $PID' TERM INT", (("kill", "-TERM", "$PID"),)),
        ('trap "rm -f x" EXIT', (("rm", "-f", "x"),)),
        ("stop() { sleep 1; }\ntrap stop EXIT", (("sleep", "1"),)),
    ],
)
def test_what_runs_at_a_signal(line: str, programs: tuple[tuple[str, ...], ...]) -> None:
    command = started(HEAD + ENTRY, docker_entrypoint=f'{line}\nexec "$@"\n')

    assert (command.unknown, command.programs) == ((), (*programs, ("node", "server.js")))


@pytest.mark.parametrize(
    ("words", "is_known"),
    [
        ('["node", "server.js"]', True),
        ('["npm", "start"]', True),
        ('["--inspect", "server.js"]', False),
        ('["server.js"]', False),
    ],
)
def test_a_script_that_puts_node_before_options(words: str, is_known: bool) -> None:
    script = 'if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ]; then\n  set -- node "$@"\nfi\nexec "$@"\n'
    command = started(f'{HEAD}ENTRYPOINT ["./docker-entrypoint.sh"]\nCMD {words}\n', docker_entrypoint=script)

    assert (command.kind == "server") is is_known


WAIT_FOR_IT = "#!/usr/bin/env bash\nWAITFORIT_cmdname=${0##*/}\nshift\ntimeout 1 x >/dev/tcp/a/1\neval x\n"


def test_a_script_that_waits_for_a_port() -> None:
    tail = 'CMD ["./wait-for-it.sh", "db:5432", "-t", "30", "--", "npm", "start"]\n'
    command = started(HEAD + tail, wait_for_it=WAIT_FOR_IT)
    other = started(HEAD + tail, wait_for_it="eval x\n")

    assert (command.kind, command.programs) == ("server", (("nc",), ("sleep",), ("node", "server.js")))
    assert other.kind == "unknown"


def test_a_script_that_runs_another() -> None:
    command = started(
        HEAD + ENTRY, docker_entrypoint='. ./env.sh\n./wait.sh\nexec "$@"\n', env="A=1\n", wait="sleep 3\n"
    )

    assert command.programs == (("sleep", "3"), ("node", "server.js"))
    assert [script.file for script in command.start_scripts] == ["docker-entrypoint.sh", "env.sh", "wait.sh"]


def test_options_of_node_that_a_script_sets() -> None:
    command = started(HEAD + ENTRY, docker_entrypoint='export NODE_OPTIONS="--require ./other.js"\nexec "$@"\n')

    assert command.entry_files == ("server.js", "other.js")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("eval $X", "`./docker-entrypoint.sh` runs commands that are computed (`eval`)"),
        ("$COMMAND", "`./docker-entrypoint.sh` runs a command that is computed (`$COMMAND`)"),
        ('trap "$(x)" EXIT\nexec "$@"', "`./docker-entrypoint.sh` runs commands that are computed (`trap`)"),
        ('trap "git pull" EXIT\nexec "$@"', "`git` is not known"),
        (
            'if [ "${1#-}" != "$1" ]; then set -- npx; fi\nexec "$@"',
            "`./docker-entrypoint.sh` changes the words that it is given",
        ),
        ('run() { "$@"; }\nrun npx x', "`./docker-entrypoint.sh` hands words over in its function `run`"),
        ('set -- node "$@"\nexec "$@"', "`./docker-entrypoint.sh` changes the words that it is given"),
        ('shift\nexec "$@"', "`./docker-entrypoint.sh` changes the words that it is given"),
        (
            'if x; then cd y; fi\nexec "$@"',
            "`./docker-entrypoint.sh` goes to another folder in a part that may not run",
        ),
        ("if", "`./docker-entrypoint.sh` can't be parsed"),
        ('git pull\nexec "$@"', "`git` is not known"),
        ('. /opt/x.sh\nexec "$@"', "`sh /opt/x.sh` is a shell script"),
        ('find . -exec x {} +\nexec "$@"', "`find . -exec x {} +` holds a variable"),
        ('./docker-entrypoint.sh "$@"', "the scripts call each other without an end"),
    ],
)
def test_what_is_not_known_of_a_script(script: str, reason: str) -> None:
    command = started(HEAD + ENTRY, docker_entrypoint=f"#!/bin/sh\n{script}\n")

    assert command.kind == "unknown"
    assert reason in [item.text for item in command.unknown]


@pytest.mark.parametrize(
    ("line", "is_known"),
    [
        ("RUN chmod +x docker-entrypoint.sh", True),
        ("RUN sed -i 's/\\r$//' docker-entrypoint.sh && chmod +x docker-entrypoint.sh", True),
        ("RUN apt-get update && rm -rf /var/lib/apt/lists/*", True),
        ("RUN sed -i 's/node/nodemon/' docker-entrypoint.sh", False),
        ("RUN echo 'nodemon x' >> docker-entrypoint.sh && chmod +x docker-entrypoint.sh", False),
        ("RUN sed -i 's/node/nodemon/' *.sh", False),
        ("RUN for f in *.sh; do sed -i s/a/b/ docker-entrypoint.sh; done", False),
    ],
)
def test_a_run_that_changes_the_script(line: str, is_known: bool) -> None:
    command = started(f"{HEAD}{line}\n{ENTRY}", docker_entrypoint='exec "$@"\n')

    assert (command.kind == "server") is is_known
    if not is_known:
        assert command.unknown[0].text == "`./docker-entrypoint.sh` is changed when the image is built"


def test_a_script_of_another_language() -> None:
    command = started(HEAD + ENTRY, docker_entrypoint="#!/usr/bin/env python3\nimport os\n")

    assert command.kind == "unknown"


# --- what they write


def test_folders_that_a_script_makes() -> None:
    assert running('mkdir -p /app/data\nexec "$@"\n').written == ("/app/data/",)


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("sed -i s/a/b/ public/config.js", "the command changes files (`sed -i s/a/b/ public/config.js`)"),
        ("sed -n -Ei.bak s/a/b/ x", "the command changes files (`sed -n -Ei.bak s/a/b/ x`)"),
        ("sed -n s/a/b/p x", ""),
        ("cp -n a b", "the command changes files (`cp -n a b`)"),
        ("curl -fsSL http://x -o y", "the command changes files (`curl -fsSL http://x -o y`)"),
        ("curl -sf http://x", ""),
        ("curl -so /dev/null http://x", ""),
        ("wget http://x/y", "the command changes files (`wget http://x/y`)"),
        ("wget -qO- http://x", ""),
        ("wget --spider http://x", ""),
        ("echo x | tee y", "the command changes files (`tee y`)"),
        ("echo x > y", "`./docker-entrypoint.sh` writes a file (`> y`)"),
        ("echo x >/dev/null 2>&1", ""),
        ("find . -name x -delete", "the command changes files (`find . -name x -delete`)"),
        ("npx rimraf tmp", "what `rimraf` writes is not known"),
    ],
)
def test_what_a_script_writes(line: str, unknown: str) -> None:
    assert running(f'{line}\nexec "$@"\n').unknown == ((unknown,) if unknown else ())


def test_a_variable_of_a_path_that_a_script_sets() -> None:
    case = _case(
        HEAD + ENTRY,
        {
            "docker-entrypoint.sh": 'export OUT=/srv/x\nexec "$@"\n',
            "server.js": "require('fs').writeFileSync(process.env.OUT || 'x', '')\n",
        },
    )
    start = start_of(case, case.stage)
    assert start is not None
    found = read(case, case.stage, start)

    assert found is not None
    assert found.unknown == ("the command sets OUT, which is a path that the program writes",)


@pytest.mark.parametrize("tail", [ENTRY, f'ENTRYPOINT ["tini", "--", "./docker-entrypoint.sh"]\n{RUN}'])
def test_a_script_that_needs_root(tail: str) -> None:
    assert running('exec gosu node "$@"\n', tail).needs_root == (
        "`./docker-entrypoint.sh` runs `gosu`, which needs root"
    )
