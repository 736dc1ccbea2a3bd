"""What the text of one line of securebackup.txt says: who wrote it, about which data owner, in which call.

Lines come in a few shapes (Log format 6), tried in this order:

    OWNER    [0xe0f1a001]: CReferenceCallbackImplementation::GetSnapshotDataL()
    PLAIN    Process referencetestdataowner.exe started.
    ENGINE   CDataOwner::HandlePathL(0xe0f1a002) - Added selection: ...
    DUMP     0010 : 41 42 43 ...
    OTHER    everything else, which is kept as it is

Wording differs between versions of the engine, and that of versions before February 2010 is UNVERIFIED; so
nothing here fails on a text that it does not know. "Log format n" as in `wire.formats.log_line`.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from wire.formats.log_level import LogLevel, judge
from wire.formats.log_line import LINE_LIMIT
from wire.symbian import AbCallback, SecureId


class LogKind(Enum):
    """Who wrote a line, as far as its shape tells."""

    OWNER = "owner"
    ENGINE = "engine"
    PLAIN = "plain"
    DUMP = "dump"
    OTHER = "other"
    UNKNOWN = "unknown"
    """Bytes without a stamp: a raw write, a hole, or a file read from the middle of a line."""


class LogMessage(NamedTuple):
    """The parts of a text; what it does not have is empty or None.

    Attributes:
        kind: the shape.
        sid: the data owner that the line is about. A package's UID and a proxy's SID are not taken for one.
        cls: the class, `CDataOwner`; of a destructor's line with its tilde.
        function: the function without parentheses.
        body: the rest, after ` - `; of an owner's line everything after its prefix.
        callback: the callback of the data owner that the line is about, from either side.
        level: how bad it is.
        error_code: the Symbian error number in it, never 0.
        leave_code: the same, where it is the leave of an owner's callback.
    """

    kind: LogKind
    sid: SecureId | None
    cls: str
    function: str
    body: str
    callback: AbCallback | None
    level: LogLevel
    error_code: int | None
    leave_code: int | None


ENGINE_CLASSES: Final = frozenset(
    {
        "CABServer",
        "CABSession",
        "CBackupRegistrationParser",
        "CBufferFileReader",
        "CBufferFileWriter",
        "CBufferSnapshotReader",
        "CBufferSnapshotWriter",
        "CDataOwner",
        "CDataOwnerManager",
        "CPackageDataTransfer",
        "CSBECompressAndEncrypt",
        "CSBEConfig",
        "CSBEDecompressAndEncrypt",
        "CSBEParserProxy",
        "CSBESession",
    }
)

_OWNER: Final = re.compile(r"\[(?P<sid>0x[0-9a-f]{8})\]: (?P<body>.*)", re.DOTALL)
_ENGINE: Final = re.compile(
    r"(?P<cls>~?C[A-Z][A-Za-z]*)(?:::(?P<fn>[A-Za-z]+))?(?:\((?P<arg>0x[0-9a-f]{8})?\))?"
    r"(?: - | for | )?(?P<body>.*)",
    re.DOTALL,
)
_METHOD: Final = re.compile(r"(?P<cls>[A-Za-z_]\w*)::(?P<fn>~?\w+)\((?P<args>[^()]*)\)")
_PLAIN: Final = re.compile(
    "|".join(
        (
            r"Process .+ already exists - not starting",
            r"Existing session for process .+ has status -?\d+",
            r"Existing process .+ hasn't yet connected to a session",
            r"Process .+ failed to start\(-?\d+\)",
            r"Process .+ started\.",
            r"Data owner\(0x[0-9a-f]{8}\): Adding Proxy\(0x[0-9a-f]{8}\) to the list",
            r"Error trying to parse sbeconfig\.xml : -?\d+",
            r"Using Default Settings !",
            r"sbeconfig\.xml parsed sucessfully",
            r"Invalidate all ABSessions after set Setting P&S flag to 0x[0-9a-f]{8}",
            r"Key length: \d+",
            r"Unknown generic data type supplied, leaving with KErrUnknown \(-?\d+\)",
            r"file name: .*",
            r"ABDataOwner \[0x[0-9a-f]{8}\] Panic'd with error code -?\d+",
            r" *",
        )
    ),
    re.DOTALL,
)
_DUMP: Final = re.compile(
    r"[0-9a-f]{8}: (?:[0-9a-f]{2} |   ){16}.{16}\.|.*?[0-9a-f]{4,} : (?:[0-9a-f]{2} ){1,16} *.{1,16}"
)

# What stands before a hexadecimal value that is a data owner's SID (Log format 6). A proxy's SID is not
# meant, and before an address or a package's UID stand other words.
_VALUE: Final = re.compile(r"0x[0-9a-f]{8}")
_BEFORE_SID: Final = (
    "[",
    "sid:",
    "sid: ",
    "SID: ",
    "SID ",
    "SID(",
    "Data owner(",
    "data owner ",
    "owner: ",
    "session for ",
    "secureId: ",
    "SecureId: ",
    "SecureId ID ",
    "secure id ",
    "while parsing ",
    "reg_file of ",
)
_BEFORE_PROXY: Final = "ProxySID: "
_MAKE_CALLBACK: Final = re.compile(r"MakeCallback(\w+)L")
_LEAVE: Final = "Received IPC Leave("


def callback_named(name: str) -> AbCallback | None:
    """The callback that the engine or an owner calls `name`, with or without the L at its end.

    The reference owner writes `InitialiseGetBackupData` for InitialiseGetBackupDataL (Log format 9.1).
    """
    return _CALLBACKS.get(name, _CALLBACKS.get(f"{name}L"))


_CALLBACKS: Final[dict[str, AbCallback]] = dict(AbCallback.__members__)


@lru_cache(maxsize=4096)
def parse_message(text: str) -> LogMessage:
    """Take a text apart. Any text has a result; the same text has the same one."""
    if owner := _OWNER.fullmatch(text):
        return _of_owner(text, owner["body"], SecureId(int(owner["sid"], 16)))
    # No line without a class looks like one of the engine's, so the many can be tried before the few.
    if engine := _ENGINE.fullmatch(text):
        if engine["cls"].lstrip("~") not in ENGINE_CLASSES and _names_callback(text):
            # The published reference client leaves the prefix out in one place (Log format 9.2).
            return _of_owner(text, text, None)
        return _of_engine(text, engine)
    if _PLAIN.fullmatch(text):
        return _message(LogKind.PLAIN, text, sid=_sid_in(text), body=text)
    kind = LogKind.DUMP if len(text) <= LINE_LIMIT and _DUMP.fullmatch(text) else LogKind.OTHER
    return _message(kind, text, sid=_sid_in(text), body=text)


def _names_callback(text: str) -> bool:
    method = _METHOD.fullmatch(text)
    return method is not None and callback_named(method["fn"]) is not None


def _of_owner(text: str, body: str, sid: SecureId | None) -> LogMessage:
    if method := _METHOD.fullmatch(body):
        cls, function = method["cls"], method["fn"]
    else:
        # The second line that owners of this project write: `GetSnapshotDataL result=0 ...` (Log format 9.3).
        cls, function = "", body.split(" ", 1)[0]
    callback = callback_named(function)
    if not cls and callback is None:
        function = ""
    return _message(LogKind.OWNER, text, sid=sid, cls=cls, function=function, body=body, callback=callback)


def _of_engine(text: str, engine: re.Match[str]) -> LogMessage:
    cls, function, argument, body = engine["cls"], engine["fn"] or "", engine["arg"], engine["body"]
    sid = None
    if argument and cls != "CPackageDataTransfer":
        sid = SecureId(int(argument, 16))
    elif not argument:
        sid = _sid_in(body)
    called = _MAKE_CALLBACK.fullmatch(function)
    callback = callback_named(called[1]) if called else None
    return _message(LogKind.ENGINE, text, sid=sid, cls=cls, function=function, body=body, callback=callback)


def _sid_in(text: str) -> SecureId | None:
    for value in _VALUE.finditer(text):
        before = text[: value.start()]
        if before.endswith(_BEFORE_SID) and not before.endswith(_BEFORE_PROXY):
            return SecureId(int(value[0], 16))
    return None


def _message(
    kind: LogKind,
    text: str,
    *,
    sid: SecureId | None,
    body: str,
    cls: str = "",
    function: str = "",
    callback: AbCallback | None = None,
) -> LogMessage:
    level, code = judge(text)
    leave = code if _LEAVE in text else None
    return LogMessage(kind, sid, cls, function, body, callback, level, code, leave)
