"""What is written into a log as a typed record is read back as the same one: parse(write(x)) == x."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tests.thorough import thoroughly, unhurried
from wire.formats.log_line import DateOrder, LogLocale, format_line, hex_dump_texts
from wire.formats.log_message import ENGINE_CLASSES, LogKind
from wire.formats.log_reader import read_records
from wire.formats.log_stamp import StampResolver, StampRules
from wire.symbian import AbCallback, SecureId


class Said(NamedTuple):
    """What one line is to say, without its wording."""

    when: datetime
    kind: LogKind
    sid: SecureId | None = None
    cls: str = ""
    function: str = ""
    callback: AbCallback | None = None
    leave_code: int | None = None
    body: str = ""


def write(said: Said) -> str:
    """The text, in the wording of the engine or of an owner (Log format 6, 9)."""
    owner = "" if said.sid is None else f"0x{said.sid:08x}"
    if said.kind is LogKind.OWNER:
        return f"[{owner}]: {said.cls}::{said.function}()"
    if said.kind is not LogKind.ENGINE:
        return said.body
    if said.leave_code is not None or said.callback is not None:
        return f"{said.cls}::{said.function}() - {said.body}"
    return f"{said.cls}::{said.function}({owner}) - {said.body}"


times = st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2099-12-31")).map(
    lambda when: when.replace(microsecond=0)
)
sids = st.integers(0, 0xFFFFFFFF).map(SecureId)
names = st.from_regex(r"[A-Z][a-z]{1,8}L?", fullmatch=True)
classes = st.sampled_from(sorted(ENGINE_CLASSES - {"CPackageDataTransfer"}))  # its number is a package's
bodies = st.text("abcxyz ,.[]", min_size=1, max_size=40)


def _call(when: datetime, sid: SecureId, callback: AbCallback) -> Said:
    name = callback.name.removesuffix("L")
    return Said(
        when,
        LogKind.ENGINE,
        sid,
        "CABSession",
        f"MakeCallback{name}L",
        callback,
        body=f"[0x{sid:08x}] Calling {name}",
    )


def _owner(when: datetime, sid: SecureId, cls: str, callback: AbCallback) -> Said:
    body = f"C{cls}::{callback.name}()"
    return Said(when, LogKind.OWNER, sid, f"C{cls}", callback.name, callback, body=body)


def _leave(when: datetime, sid: SecureId, code: int) -> Said:
    body = f"[0x{sid:08x}] Received IPC Leave({code})"
    return Said(when, LogKind.ENGINE, sid, "CABSession", "HandleIPCPropagateLeaveL", None, code, body)


def _engine(when: datetime, sid: SecureId | None, cls: str, function: str, body: str) -> Said:
    return Said(when, LogKind.ENGINE, sid, cls, function, body=body)


said = st.one_of(
    st.builds(_call, times, sids, st.sampled_from(AbCallback)),
    st.builds(_owner, times, sids, names, st.sampled_from(AbCallback)),
    st.builds(_leave, times, sids, st.integers(-50000, -1)),
    st.builds(_engine, times, st.none() | sids, classes, names, bodies),
    st.builds(
        lambda when, name: Said(when, LogKind.PLAIN, body=f"Process {name}.exe started."),
        times,
        st.text("abcXYZ 019", min_size=1, max_size=30),
    ),
    st.builds(
        lambda when, data: Said(when, LogKind.DUMP, body=hex_dump_texts(data)[0]),
        times,
        st.binary(min_size=1, max_size=16),
    ),
)
locales = st.builds(
    LogLocale,
    date_order=st.sampled_from(DateOrder),
    date_separator=st.sampled_from(["/", ".", "-", ""]),
    time_separator=st.sampled_from([":", ".", ""]),
)


@unhurried
@thoroughly(100)
@given(st.lists(said, max_size=20), locales)
def test_what_is_written_is_read_back(lines: list[Said], locale: LogLocale) -> None:
    data = b"".join(format_line(line.when, write(line), locale) for line in lines)
    resolver = StampResolver(StampRules.of(locale))
    found = []
    for record in read_records([data]):
        when = resolver.resolve(record.date, record.time)
        assert when is not None
        found.append(
            Said(
                when,
                record.kind,
                record.sid,
                record.cls,
                record.function,
                record.callback,
                record.leave_code,
                record.body,
            )
        )
    assert found == lines
