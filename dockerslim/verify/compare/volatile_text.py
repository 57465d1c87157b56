"""The patterns of what differs between two runs of one program, each with its replacement.

Placeholders stand in `«»`, and no pattern matches beside or across one, so that applying all of them twice changes
nothing. Each pattern starts at a boundary or a word, and its repetitions are bounded or possessive, so that the time
taken grows with the length of the text alone, whatever is in it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from itertools import pairwise

Replacement = str | Callable[[re.Match[str]], str]

_FIRST_EPHEMERAL_PORT = 32_768
"""Linux gives ports from here on to those that connect: they differ each time."""


def _address_4(match: re.Match[str]) -> str:
    """The address of a container. Loopback and "all" say where a program listens, and so do low ports.

    Only addresses of private networks differ between two runs; others may be a version of four numbers.
    """
    text, port = match["address"], match["port"] or ""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        return match[0]
    if port and int(port[1:]) >= _FIRST_EPHEMERAL_PORT:
        port = ":«port»"
    is_container = address.is_private and not address.is_loopback and not text.startswith("0.")
    return ("«address»" if is_container else text) + port


def _address_6(match: re.Match[str]) -> str:
    """An IPv6 address or that of a network card, but `::`, `::1`, a time, or `a::b` of a programming language."""
    text = match[0]
    if text.count(":") < 2 or text == "::1" or not any(character.isdigit() for character in text):
        return text
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", text):
        return "«address»"
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return text
    return "«address»"


def _hexadecimal(match: re.Match[str]) -> str:
    """A container's id or a hash. Twelve digits are a number; letters from a to f alone are a word."""
    text = match[0]
    return text if text.isdigit() or text.isalpha() else "«id»"


def _token(match: re.Match[str]) -> str:
    return "«token»" if is_random(match[0]) else match[0]


def is_random(token: str) -> bool:
    """Does this look drawn by lot: digits among letters, and changing more often than a name that somebody chose?"""
    kinds = [_kind(character) for character in token if character not in "_-"]
    if "digit" not in kinds or len(set(kinds)) < 2:
        return False
    # Small letters behind a capital are how names are written.
    changes = sum(a != b and (a, b) != ("capital", "small") for a, b in pairwise(kinds))
    return changes * 4 > len(kinds)


def _kind(character: str) -> str:
    return "digit" if character.isdigit() else "capital" if character.isupper() else "small"


_FRONT, _BACK = r"(?<![\w.«»])", r"(?![\w«»])"
"""What must not stand before a value, and behind it."""

_MONTH_NAME = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    "|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_WEEKDAY = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? {1,2})?"
_YEAR, _MONTH, _DAY = "[12][0-9]{3}", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_NAMED_DAY = "[0-3]?[0-9](?:st|nd|rd|th)?"
_ISO_DATE = f"{_YEAR}-{_MONTH}-{_DAY}"
_TIME = "[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:[.,][0-9]{1,9})?"
_ZONE = r"(?=(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?![\w«»]))"

_DATES = (
    _ISO_DATE,
    f"{_YEAR}/{_MONTH}/{_DAY}",
    f"[0-3]?[0-9]/[0-3]?[0-9]/{_YEAR}",
    rf"{_DAY}\.{_MONTH}\.{_YEAR}",
    f"[0-3]?[0-9]/{_MONTH_NAME}/{_YEAR}",
    f"{_WEEKDAY}{_NAMED_DAY}[ -]{_MONTH_NAME},?[ -]{_YEAR}",
    # The C library puts the time before the year.
    f"{_WEEKDAY}{_MONTH_NAME} {{1,2}}[0-3]?[0-9] {_TIME}(?: [A-Z]{{3,4}})?(?: {_YEAR})?",
    rf"{_WEEKDAY}{_MONTH_NAME}\.? {{1,2}}{_NAMED_DAY},? {_YEAR}",
)

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_SECONDS = "(?:s|secs?|seconds?)"
_SMALL_UNIT = "(?:ns|[µμu]s|ms|(?:milli|micro|nano)seconds?)"

# Possessive: what a key is followed by is read once, whether it fits or not.
_KEYED_TOKEN = (
    r"(?P<key>(?:csrf|xsrf|nonce|token|session|(?<![a-z])sid|(?:request|trace|span|correlation)[-_]?id|etag)[\w-]{0,40}+"
    r"[\"']?(?: ?[:=] ?| (?:type=[\"']hidden[\"'] )?(?:value|content)=)(?:W/)?[\"']?)"
    r"(?=[A-Za-z+/_.=-]{0,64}+[0-9])[A-Za-z0-9+/_.=-]{16,512}+(?![\w«»])"
)

PATTERNS: tuple[tuple[re.Pattern[str], Replacement], ...] = (
    # Dates and times
    (re.compile(f"{_FRONT}{_ISO_DATE}T(?:{_TIME}|[0-2][0-9]:[0-5][0-9]){_ZONE}"), "«date»T«time»"),
    (re.compile(rf"{_FRONT}{_YEAR}{_MONTH}{_DAY}T[0-9]{{6}}(?=Z?(?![\w«»]))"), "«date»T«time»"),
    # In the name of a file: `backup_20261124-113345.tar`.
    (
        re.compile(rf"(?<![A-Za-z0-9.«»]){_YEAR}{_MONTH}{_DAY}[-_][0-2][0-9][0-5][0-9][0-6][0-9](?![A-Za-z0-9«»])"),
        "«date»",
    ),
    (re.compile(f"{_FRONT}(?:{'|'.join(_DATES)}){_BACK}"), "«date»"),
    (re.compile(rf"(?:(?<=«date»:)|(?<![\w.:«»])){_TIME}(?: ?[AaPp][Mm])?{_ZONE}"), "«time»"),
    (re.compile(rf"(?<![\w.:«»])[01]?[0-9]:[0-5][0-9](?::[0-5][0-9])? ?[AaPp][Mm]{_BACK}"), "«time»"),
    # Of glog and klog: a letter for how grave it is, month and day.
    (re.compile(rf"(?<![\w«»])(?P<level>[IWEF]){_MONTH}{_DAY} (?=«time» )"), r"\g<level>«date» "),
    # Ids and addresses
    (re.compile(r"(?<![\w«»-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w«»-])"), "«uuid»"),
    (re.compile(f"{_FRONT}0x[0-9A-Fa-f]{{9,16}}{_BACK}"), "«memory»"),
    (
        re.compile(
            rf"{_FRONT}(?P<address>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})(?P<port>:[0-9]{{1,5}})?(?!\.?[\w«»]|:[0-9«])"
        ),
        _address_4,
    ),
    (re.compile(r"(?<![\w.:«»])[0-9A-Fa-f:]{3,39}+(?![\w:«»])"), _address_6),
    # Durations
    (
        re.compile(
            f"{_FRONT}(?:{_NUMBER} ?{_SMALL_UNIT}"
            rf"|(?:[0-9]{{1,4}}h)?(?:[0-9]{{1,4}}m)?[0-9]{{1,12}}\.[0-9]{{1,12}} ?{_SECONDS}){_BACK}"
        ),
        "«duration»",
    ),
    (
        re.compile(rf"(?<![\w«»])(?P<word>in|after|took|(?:elapsed|uptime|duration):?) {_NUMBER} ?{_SECONDS}{_BACK}"),
        r"\g<word> «duration»",
    ),
    (
        re.compile(
            r"(?P<key>(?<![A-Za-z0-9«»])(?:uptime|duration|elapsed|took|latency|(?:response|process)_?time)"
            rf"[A-Za-z_]{{0,12}}+[\"']?[:=] ?){_NUMBER}(?:e-?[0-9]{{1,3}})?{_BACK}",
            re.IGNORECASE,
        ),
        r"\g<key>«duration»",
    ),
    # Go prints behind a time for how long the process has run.
    (re.compile(rf"(?<![\w«»])m=[+-][0-9]{{1,12}}\.[0-9]{{1,9}}{_BACK}"), "m=«duration»"),
    # Tokens
    (re.compile(_KEYED_TOKEN, re.IGNORECASE), r"\g<key>«token»"),
    (
        re.compile(r"(?<![\w«»])(?P<key>nonce-|sha(?:256|384|512)-)[A-Za-z0-9+/_-]{16,128}+={0,2}(?![\w+/=«»-])"),
        r"\g<key>«token»",
    ),
    # SvelteKit's name for what its pages share, made of the time of the build.
    (re.compile(r"(?<![\w«»])(?P<key>__sveltekit_)(?!dev(?!\w))[0-9a-z]{1,8}(?![\w«»])"), r"\g<key>«token»"),
    # What Next calls a build, in its pages and in the paths of what they load.
    (
        re.compile(
            r"(?P<key>\\?\"(?:b|buildId)\\?\": ?\\?\"|/_next/(?:static|data)/)"
            r"(?=[a-z0-9_-]{0,21}[A-Z])(?=[A-Z0-9_-]{0,21}[a-z])[A-Za-z0-9_-]{21}(?=\\?\"|/)"
        ),
        r"\g<key>«token»",
    ),
    # gRPC puts down what it knows of an error in the order of a hash table.
    (
        re.compile(
            r"\{(?:created_time:\"«date»T«time»[^\"]{0,8}\", grpc_status:(?P<last>[0-9]{1,3})"
            r"|grpc_status:(?P<first>[0-9]{1,3}), created_time:\"«date»T«time»[^\"]{0,8}\")\}"
        ),
        r"{grpc_status:\g<first>\g<last>}",
    ),
    (re.compile(f"{_FRONT}[0-9A-Fa-f]{{12,128}}+{_BACK}"), _hexadecimal),
    (re.compile(r"(?<![\w+/«»-])[A-Za-z0-9+/]{14,4096}+={1,2}(?![\w+/=«»-])"), _token),
    (re.compile(r"(?<![\w«»-])[A-Za-z0-9_-]{16,4096}+(?![\w«»-])"), _token),
    # Of Python's tempfile and of mktemp
    (re.compile(r"(?<=/tmp)[a-z0-9_]{8}(?![\w«»-])"), "«token»"),
    (re.compile(r"(?<=/tmp\.)[A-Za-z0-9]{6,12}(?![\w«»-])"), "«token»"),
    # Process ids
    (
        re.compile(r"(?P<key>(?<![A-Za-z0-9«»])p?pid[\"']?\s?[=: ]\s?)[0-9]{1,7}(?![\w.«»])", re.IGNORECASE),
        r"\g<key>«pid»",
    ),
    (
        re.compile(r"(?P<key>(?:worker|server|parent|child|reloader|manager|loader) process \[?)[0-9]{1,7}(?![\w.«»])"),
        r"\g<key>«pid»",
    ),
    # Of gunicorn, `[date] [7] [INFO]`, and of syslog, `app[7]: `; elsewhere `[7]` is a list of one number.
    (re.compile(r"\[[0-9]{1,7}\](?= \[[A-Z]|: )"), "[«pid»]"),
    (re.compile(r"(?P<key>\((?:node|electron):|\[Nest\] )[0-9]{1,7}(?![\w.«»])"), r"\g<key>«pid»"),
    (re.compile(r"(?<![\w#«»])[0-9]{1,7}#[0-9]{1,7}(?=: )"), "«pid»#«pid»"),
)
"""In the order in which they are applied: the longer and surer ones first."""
