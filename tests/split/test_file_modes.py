"""Modes that keep everybody but the owner out."""

from __future__ import annotations

import pytest

from dockerslim.split.file_modes import closes_to_others, script_closes_files


@pytest.mark.parametrize(
    "mode",
    [
        "600",
        "0600",
        "700",
        "0750",
        "640",
        "500",
        "0",
        "711",
        "go-rwx",
        "o-r",
        "a-x",
        "go=",
        "u+x",
        "ug+x",
        "u=rwx,go=x",
    ],
)
def test_closes(mode: str) -> None:
    assert closes_to_others(mode)


@pytest.mark.parametrize(
    "mode",
    [
        "644",
        "0755",
        "1777",
        "4755",
        "+x",
        "a+x",
        "a+rX",
        "o+r",
        "u+w",
        "g=u",
        "u=rwX,g=rX,o=rX",
        "go-w",
        "g+s",
        "",
        "x",
    ],
)
def test_leaves_open(mode: str) -> None:
    assert not closes_to_others(mode)


@pytest.mark.parametrize(
    ("script", "closes"),
    [
        ("chmod 600 /x", True),
        ("a && chmod -R -v 0700 /x", True),
        ("chmod +x /x && chmod go-rwx /y", True),
        ("install -m 600 a b", True),
        ("install -o root -m0640 a b", True),
        ("mkdir --mode=700 /x", True),
        ("umask 077 && touch /x", True),
        ('openssl req -x509 -newkey rsa:2048 -nodes -keyout a.key -out a.crt -subj "/CN=a"', True),
        ("openssl req -x509 \\\n -keyout a.key", True),
        ("openssl genrsa -out a.pem 2048", True),
        ("openssl genrsa -out a.pem 2048 && chmod +x run.sh", True),
        ("openssl ecparam -name prime256v1 -genkey -out a.pem", True),
        ("cd /x && ssh-keygen -t ed25519 -f jwt.key -N ''", True),
        ("chmod 644 a && mkcert localhost", True),
        ("openssl genrsa -out a.pem 2048 && chmod 644 a.pem", False),
        ("openssl genrsa -out a.pem 2048; chmod a+r a.pem", False),
        ("openssl rand -hex 16 > a", False),
        ("openssl req -new -key a.pem -out a.csr", False),
        ("apt-get install -y openssl", False),
        ("umask 0027; touch /x", True),
        ("chmod +x /x", False),
        ("chmod -R 755 /x", False),
        ("chmod --reference=a b", False),
        ("install -m 755 a b", False),
        ("mkdir -p /x", False),
        ("umask 022 && touch /x", False),
        ("echo chmodx 600", False),
    ],
)
def test_scripts(script: str, closes: bool) -> None:
    assert script_closes_files(script) is closes
