"""What a program uses at run time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.go import ProgramFacts, detect
from dockerslim.languages.go.header import read_header
from dockerslim.languages.go.syntax import parse

MODULE = "module example.com/app\n\ngo 1.22\n"


def facts(body: str, imports: str = "", **others: str) -> ProgramFacts:
    """The facts of a program whose `main` has this body."""
    lines = "".join(f"import {path}\n" for path in imports.split())
    main = f"package main\n{lines}\nfunc main() {{\n{body}\n}}\n"
    return program({"main.go": main, **{name.replace("__", "/") + ".go": text for name, text in others.items()}})


def program(files: dict[str, str], package: str = "") -> ProgramFacts:
    project = detect(BuildContext.in_memory({"go.mod": MODULE, **files}))
    assert project is not None
    return project.program(package)


def paths(uses: tuple[object, ...]) -> list[str]:
    return [getattr(use, "path") for use in uses]  # noqa: B009


READS = [
    ('os.Open("a.txt")', '"os"', ["a.txt"]),
    ('o.ReadFile("a.txt")', 'o"os"', ["a.txt"]),
    ('ioutil.ReadFile("a.txt")', '"io/ioutil"', ["a.txt"]),
    ('os.OpenFile("a.txt", os.O_RDONLY, 0)', '"os"', ["a.txt"]),
    ('template.Must(template.ParseFiles("a.html", "b.html"))', '"html/template"', ["a.html", "b.html"]),
    ('template.Must(template.New("x").ParseGlob("templates/*.html"))', '"html/template"', ["templates/*.html"]),
    ('http.Handle("/", http.FileServer(http.Dir("./public")))', '"net/http"', ["./public"]),
    ('http.ServeFile(w, r, "index.html")', '"net/http"', ["index.html"]),
    ('r.LoadHTMLGlob("views/*"); r.Static("/s", "./static")', '"github.com/gin-gonic/gin"', ["./static", "views/*"]),
    ('r.StaticFile("/favicon.ico", "favicon.ico")', "", ["favicon.ico"]),
    ('e.File("/", "public/index.html")', "", ["public/index.html"]),
    ('html.New("./views", ".html")', '"github.com/gofiber/template/html/v2"', ["./views"]),
    ("godotenv.Load()", '"github.com/joho/godotenv"', [".env"]),
    ('godotenv.Load(".env.local", ".env.base")', '"github.com/joho/godotenv"', [".env.base", ".env.local"]),
    ("", '_"github.com/joho/godotenv/autoload"', [".env"]),
    ('viper.SetConfigName("app"); viper.AddConfigPath("conf")', '"github.com/spf13/viper"', ["conf/app.*"]),
    ('viper.AddConfigPath("."); viper.ReadInConfig()', '"github.com/spf13/viper"', ["./config.*"]),
    ('viper.SetConfigFile("app.yml"); viper.ReadInConfig()', '"github.com/spf13/viper"', ["app.yml"]),
    ('migrate.New("file://migrations", url)', '"github.com/golang-migrate/migrate/v4"', ["migrations"]),
    ('goose.Up(db, "sql")', '"github.com/pressly/goose/v3"', ["sql"]),
    ('goose.SetBaseFS(fs); goose.Up(db, "sql")', '"github.com/pressly/goose/v3"', []),
    ('casbin.NewEnforcer("model.conf", "policy.csv")', '"github.com/casbin/casbin/v2"', ["model.conf", "policy.csv"]),
    ('tls.LoadX509KeyPair("c.pem", "k.pem")', '"crypto/tls"', ["c.pem", "k.pem"]),
    ('http.ListenAndServeTLS(":443", "c.pem", "k.pem", nil)', '"net/http"', ["c.pem", "k.pem"]),
    ('exec.Command("sh", "scripts/run.sh")', '"os/exec"', []),
    # The path is put together.
    ('os.Open(filepath.Join("data", "a.txt"))', '"os" "path/filepath"', ["data/a.txt"]),
    ('os.Open("data/" + "a" + ".txt")', '"os"', ["data/a.txt"]),
    ('os.Open(fmt.Sprintf("%s/a.txt", "data"))', '"os" "fmt"', ["data/a.txt"]),
    ('const d = "data"; p := d + "/a.txt"; os.Open(p)', '"os"', ["data/a.txt"]),
    ('p := flag.String("config", "config.yml", "usage"); flag.Parse(); os.Open(*p)', '"os" "flag"', ["config.yml"]),
    ('var p string; flag.StringVar(&p, "c", "config.yml", ""); os.Open(p)', '"os" "flag"', ["config.yml"]),
    ('for _, p := range []string{"a", "b"} { os.Open(p) }', '"os"', ["a", "b"]),
    ('p := "a"; if x { p = "b" }; os.Open(p)', '"os"', ["a", "b"]),
    ('os.Open("static/" + name)', '"os"', ["static/"]),
    ('os.Open(filepath.Join("static", name))', '"os" "path/filepath"', ["static/"]),
    ("os.Open(`C:raw`)", '"os"', ["C:raw"]),
    # Not files of the file system.
    ('files.ReadFile("a.txt")', "", []),
    ('template.ParseFS(files, "a.html")', '"html/template"', []),
    ('os := other{}; os.Open("a.txt")', '"os"', []),
    ('client.Open("a.txt")', "", []),
    ("os.Open(os.DevNull)", '"os"', []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "imports", "expected"), READS)
def test_reads(body: str, imports: str, expected: list[str]) -> None:
    found = facts(body, imports)

    assert paths(found.reads) == expected
    assert found.unknown_reads == ()


WRITES = [
    ('os.Create("a.log")', '"os"', ["a.log"]),
    ('os.OpenFile("a.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0644)', '"os"', ["a.log"]),
    ('os.WriteFile("a", b, 0644); os.MkdirAll("d/e", 0755)', '"os"', ["a", "d/e"]),
    ('sql.Open("sqlite3", "./data/app.db?_fk=1")', '"database/sql"', ["./data/app.db"]),
    ('sql.Open("sqlite", "file:app.db?mode=rwc")', '"database/sql"', ["app.db"]),
    ('sql.Open("sqlite", "file:///var/app.db")', '"database/sql"', ["/var/app.db"]),
    ('sql.Open("sqlite3", ":memory:")', '"database/sql"', []),
    ('sql.Open("sqlite3", "file::memory:?cache=shared")', '"database/sql"', []),
    ('sql.Open("postgres", dsn)', '"database/sql"', []),
    ('xorm.NewEngine("sqlite3", "app.db")', '"xorm.io/xorm"', ["app.db"]),
    ('gorm.Open(sqlite.Open("gorm.db"), &gorm.Config{})', '"gorm.io/gorm" "gorm.io/driver/sqlite"', ["gorm.db"]),
    ('bolt.Open("my.db", 0600, nil)', 'bolt"go.etcd.io/bbolt"', ["my.db"]),
    ('badger.Open(badger.DefaultOptions("kv"))', '"github.com/dgraph-io/badger/v4"', ["kv"]),
    ('use(&lumberjack.Logger{Filename: "logs/a.log"})', '"gopkg.in/natefinch/lumberjack.v2"', ["logs/a.log"]),
    ('cfg.OutputPaths = []string{"stdout", "a.log"}', "", ["a.log"]),
    ('os.CreateTemp("", "x")', '"os"', ["/tmp/"]),
    ('net.Listen("unix", "run/a.sock")', '"net"', ["run/a.sock"]),
    ('net.Listen("tcp", addr)', '"net"', []),
    ("c.FormFile(name)", "", ["/tmp/"]),
    ('c.SaveUploadedFile(f, "uploads/" + f.Filename)', "", ["uploads/"]),
    ('os.Create(fmt.Sprintf("out/%03d.png", n))', '"os" "fmt"', ["out/"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "imports", "expected"), WRITES)
def test_writes(body: str, imports: str, expected: list[str]) -> None:
    found = facts(body, imports)

    assert paths(found.writes) == expected
    assert found.unknown_writes == ()


UNKNOWN = [
    ("os.Open(name)", '"os"', []),
    ('os.Open(os.Getenv("CONFIG"))', '"os"', []),
    ('os.Open(getEnv("CONFIG", "config.yml"))', '"os"', ["config.yml"]),
    ('p := os.Getenv("C"); if p == "" { p = "c.yml" }; os.Open(p)', '"os"', ["c.yml"]),
    ('os.Open(cmp.Or(os.Getenv("C"), "c.yml"))', '"os" "cmp"', ["c.yml"]),
    ('os.Open("a" + name)', '"os"', []),
    ('os.Open("./" + name)', '"os"', []),
    ('os.Open("data/" + name + "/../../x")', '"os"', ["data/"]),
    ("var p string; fmt.Sscan(s, &p); os.Open(p)", '"os" "fmt"', []),
    ('p := "a"; p += x; os.Open(p)', '"os"', ["a"]),
    ('p := "a"; p = p + "b"; os.Open(p)', '"os"', ["a"]),
    ("viper.ReadInConfig()", '"github.com/spf13/viper"', []),
    ('viper.AddConfigPath("$HOME/.app")', '"github.com/spf13/viper"', []),
    ('os.Chdir("data")', '"os"', []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "imports", "known"), UNKNOWN)
def test_unknown_reads(body: str, imports: str, known: list[str]) -> None:
    found = facts(body, imports)

    assert len(found.unknown_reads) == 1
    assert paths(found.reads) == known


def test_unknown_writes() -> None:
    assert len(facts("os.Create(name)", '"os"').unknown_writes) == 1
    assert len(facts("sql.Open(driver, dsn)", '"database/sql" _"github.com/mattn/go-sqlite3"').unknown_writes) == 1
    assert facts("sql.Open(driver, dsn)", '"database/sql"').unknown_writes == ()


def test_flags_that_are_not_literal_read_and_write() -> None:
    found = facts('os.OpenFile("a", flags, 0)', '"os"')

    assert paths(found.reads) == paths(found.writes) == ["a"]


def test_programs() -> None:
    found = facts('exec.Command("ffmpeg", "-i"); exec.CommandContext(ctx, "git"); exec.Command(name)', '"os/exec"')

    assert paths(found.programs) == ["ffmpeg", "git"]
    assert [place.text for place in found.unknown_programs] == ["exec.Command(name)"]


def test_a_file_given_to_a_program_is_read() -> None:
    main = 'package main\nimport "os/exec"\nfunc main() { exec.Command("sh", "./scripts/run.sh") }\n'

    assert paths(program({"main.go": main, "scripts/run.sh": ""}).reads) == ["./scripts/run.sh"]


def test_other_facts() -> None:
    found = facts(
        'time.LoadLocation("Europe/Berlin"); http.Get(u); user.Current(); debug.ReadBuildInfo()',
        '"time" "net/http" "os/user" "runtime/debug" _"time/tzdata" "plugin"',
    )

    assert [place.line for place in found.uses_timezones] == [10]
    assert found.imports_tzdata and found.uses_tls and found.imports_plugin
    assert len(found.user_lookups) == len(found.uses_build_info) == 1


def test_who_called_matters_only_beside_a_path() -> None:
    logs = facts("_, file, line, _ := runtime.Caller(1); fmt.Println(file, line)", '"runtime" "fmt"')
    looks = facts("_, file, _, _ := runtime.Caller(0); d := filepath.Dir(file)", '"runtime" "path/filepath"')

    assert logs.uses_caller_paths == ()
    assert len(looks.uses_caller_paths) == 1


def test_embeds_are_not_reads() -> None:
    main = 'package main\nimport "embed"\n//go:embed static/*\nvar files embed.FS\nfunc main() {}\n'
    found = program({"main.go": main, "static/a.css": ""})

    assert paths(found.embeds) == ["static/*"]
    assert found.reads == ()


def test_follows_imports_and_no_others() -> None:
    found = program(
        {
            "cmd/a/main.go": 'package main\nimport "example.com/app/store"\nfunc main() { store.Load() }\n',
            "store/store.go": 'package store\nimport "os"\nfunc Load() { os.Open("store.json") }\n',
            "store/store_test.go": 'package store\nimport "os"\nfunc T() { os.Open("test.json") }\n',
            "store/store_windows.go": 'package store\nimport "os"\nfunc W() { os.Open("win.json") }\n',
            "other/other.go": 'package other\nimport "os"\nfunc Load() { os.Open("other.json") }\n',
        },
        "cmd/a",
    )

    assert paths(found.reads) == ["store.json"]
    assert found.folders == ("cmd/a", "store")
    assert found.complete


def test_a_parameter_is_what_the_callers_give() -> None:
    files = {
        "main.go": 'package main\nimport c "example.com/app/conf"\nfunc main() { c.Load("a.yml"); c.Load(c.Path) }\n',
        "conf/conf.go": 'package conf\nimport "os"\nvar Path = "b.yml"\nfunc Load(p string) { os.Open(p) }\n',
    }

    assert paths(program(files).reads) == ["a.yml", "b.yml"]
    assert program(files).unknown_reads == ()


def test_a_method_parameter_too_and_an_unknown_caller_shows() -> None:
    body = 's := S{}; s.load("a.yml"); s.load(os.Args[1])'
    found = facts(
        body, '"os"', s='package main\nimport "os"\ntype S struct{}\nfunc (s S) load(p string) { os.Open(p) }\n'
    )

    assert paths(found.reads) == ["a.yml"]
    assert len(found.unknown_reads) == 1


def test_a_package_variable_that_is_set_elsewhere_is_unknown() -> None:
    found = facts("os.Open(path)", '"os"', b='package main\nvar path = "a"\nfunc set(x string) { path = x }\n')

    assert paths(found.reads) == ["a"]
    assert len(found.unknown_reads) == 1


def test_tags_choose_files() -> None:
    files = {
        "main.go": "package main\nfunc main() {}\n",
        "dev.go": '//go:build dev\npackage main\nimport "os"\nfunc init() { os.Open("dev.yml") }\n',
    }
    project = detect(BuildContext.in_memory({"go.mod": MODULE, **files}))

    assert project is not None
    assert project.program("").reads == ()
    assert paths(project.program("", {"dev"}).reads) == ["dev.yml"]


def test_a_package_that_is_not_there_makes_it_incomplete() -> None:
    assert not facts("", '"example.com/app/generated"').complete
    assert not program({}, "cmd/none").complete


def test_names_that_use_names_twice_end() -> None:
    lines = "\n".join(f"x{n} := x{n - 1} + x{n - 1}" for n in range(1, 40))

    assert len(facts(f"x0 := name\n{lines}\nos.Open(x39)", '"os"').unknown_reads) == 1


def test_hostile_files_end() -> None:
    calls = "f(" * 60_000 + ")" * 60_000
    assert facts(calls).complete
    facts('runtime.Caller(0); filepath.Dir("a")\n' * 10_000, '"runtime" "path/filepath"')
    facts("os.Open(p)\n" * 20_000, '"os"')
    many = "\n".join(f'import "x.com/a{n}"' for n in range(20_000))
    program({"main.go": f"package main\n{many}\nfunc main() {{}}\n" + "func g() { " + "a.b(c);" * 20_000 + "}"})


def test_deep_nesting_ends() -> None:
    assert len(facts("os.Open(" + "(" * 3000 + '"a"' + ")" * 3000 + ")", '"os"').unknown_reads) == 1
    facts("{" * 3000 + "}" * 3000)


PIECES = st.lists(
    st.sampled_from(
        [
            *("func f(p string) {", "}", "os.Open(", ")", "p", '"a"', "+", ":=", "=", "x", "\n", "`", "'", "[]string{"),
            *(",", "&", "*", "var", "const (", "flag.StringVar(", ".", "fmt.Sprintf(", '"%s%d"', "for _, v := range "),
            *("\0", "\\", '"\\x4"', "é", "type T struct {", "T{Filename:"),
        ]
    ),
    max_size=60,
).map(" ".join)


@settings(deadline=None)
@given(st.one_of(st.text(), PIECES))
def test_never_raises(text: str) -> None:
    parse(text, read_header(text))
    program({"main.go": 'package main\nimport (\n"os"\n"flag"\n"fmt"\n)\nfunc main() {\n' + text})


@pytest.mark.parametrize(
    ("call", "programs", "unknown"),
    [
        ('Command("env", "A=1", "git", "log")', {"env", "git"}, 0),
        ('CommandContext(context.Background(), "nice", "-n", "5", "git")', {"nice", "git"}, 0),
        ('Command("env", os.Args[1])', {"env"}, 1),
        ('Command("git", os.Args[1])', {"git"}, 0),
    ],
)
def test_programs_behind_others(call: str, programs: set[str], unknown: int) -> None:
    source = f'package main\n\nimport (\n\t"context"\n\t"os"\n\t"os/exec"\n)\n\nfunc main() {{ exec.{call}.Run() }}\n'
    project = detect(BuildContext.in_memory({"go.mod": "module m\n\ngo 1.23\n", "main.go": source}), "")
    assert project is not None
    facts = project.program("")

    assert {use.path for use in facts.programs} == programs
    assert len(facts.unknown_programs) == unknown
