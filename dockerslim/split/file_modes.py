"""Which file modes keep everybody but the owner out."""

from __future__ import annotations

import re

OCTAL = re.compile(r"[0-7]{1,5}")
CLAUSE = re.compile(r"([ugoa]*)([-+=])([rwxXst]*)")
CHMOD = re.compile(r"\bchmod\s+(?:-[a-zA-Z-]+\s+){0,4}([0-7ugoa+=,rwxXst-]+)")
MADE_WITH_MODE = re.compile(r"\b(?:install|mkdir)\s[^;&|\n]{0,200}?(?:-m\s*|--mode[= ])([0-7ugoa+=,rwxXst-]+)")
MAKES_KEY = re.compile(
    r"\b(?:ssh-keygen|mkcert|openssl\s+(?:genrsa|genpkey|gendsa|ecparam\s[^;&|]*-genkey|pkcs12\s[^;&|]*-export"
    r"|req\s[^;&|]*-(?:newkey|keyout)))\b"
)
"""They keep a private key from everybody but its owner."""
OPENS = re.compile(r"(?:[ugo]*[oa][ugo]*|)[+=][rwxX]*r[rwxX]*|[0-7]*[4-7]")
UMASK = re.compile(r"\bumask\s+[0-7]*([0-7])\b")


def closes_to_others(mode: str) -> bool:
    """Would a file of this mode (`0600`, `go-rwx`), owned by root, be of no use to another user?"""
    if OCTAL.fullmatch(mode):
        return not int(mode[-1]) & 4
    return any(_clause_closes(*match.groups()) for part in mode.split(",") if (match := CLAUSE.fullmatch(part)))


def _clause_closes(who: str, operator: str, permissions: str) -> bool:
    reaches_others = not who or "o" in who or "a" in who
    if not reaches_others:
        # `u+x`: whether others could run it already is not known.
        return operator in "+=" and "x" in permissions
    if operator == "-":
        return "r" in permissions or "x" in permissions
    return operator == "=" and "r" not in permissions


def script_closes_files(text: str) -> bool:
    """Does a script make files that only root could use? Too many are found rather than too few."""
    modes = (match[1] for pattern in (CHMOD, MADE_WITH_MODE) for match in pattern.finditer(text))
    if any(closes_to_others(mode) for mode in modes):
        return True
    key = MAKES_KEY.search(text)
    if key is not None and not any(OPENS.fullmatch(later[1]) for later in CHMOD.finditer(text, key.end())):
        return True
    return any(int(match[1]) & 5 for match in UMASK.finditer(text))
