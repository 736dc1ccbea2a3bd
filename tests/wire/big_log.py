"""Reads a made-up log of any size and reports its peak memory; a program, so that its memory is its own.

    python tests/wire/big_log.py 100 engine     100 MB of ordinary lines, as test_log_reader_size.py asks for it

The log is made while it is read and never there as a whole.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from wire.formats.log_line import format_line
from wire.formats.log_reader import read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MB = 1_000_000
PIECE = 64 * 1024
START = datetime.fromisoformat("2010-07-14 09:58:41")

# What a debug engine writes for one part of an active owner's data; the numbers differ from call to call.
CALL = (
    "CSBESession::ServiceL() - ESBEMsgSupplyDataSync for thread: burhost.exe[e0f1a00f]0001::Main",
    "CDataOwner::ProcessRequestDataL() - START - aDrive: C, aTransferType: 5, aBuffer.Ptr(): 0x{0:08x}",
    "CDataOwner::ProcessRequestDataL() - Requesting active base data from data owner with SID 0x{1:08x}",
    "CABSession::MakeCallbackGetBackupDataSectionL() - [0x{1:08x}] Calling GetBackupDataSection",
    "CABSession::CheckCallbackAvailableL() - [0x{1:08x}] primed: 1",
    "CABSession::MadeCallback() - [0x{1:08x}] Calling ABClient to process callback",
    "[0x{1:08x}]: CReferenceCallbackImplementation::GetBackupDataSectionL()",
    "CABSession::ServiceL() - START - [0x{1:08x}] function: 5 from client: o.exe[{1:08x}]0001::Main, iMis",
    "CDataOwner::ReadyState() - Ready status for data owner 0x{1:08x} is 2",
    "CABSession::RequestDataL() - received data so far: {2}, buffer start address: 0x{0:08x}",
    "CBufferFileWriter::WriteToBufferL() - trying to open: C:\\private\\{1:08x}\\f{2}.dat for reading",
    "CSBECompressAndEncrypt::PackL() - Compression Header: Compressed {2}",
    "CSBESession::ServiceL() - Completed OK for thread: burhost.exe[e0f1a00f]0001::Main",
)


def engine_log(size: int) -> Iterator[bytes]:
    """At least `size` bytes of ordinary lines, nearly every one different from those before."""
    made = 0
    call = 0
    while made < size:
        values = (0x00C00000 + call * 4, 0xE0F1A000 + call % 7, call)
        when = START + timedelta(seconds=call)
        piece = b"".join(format_line(when, text.format(*values)) for text in CALL)
        made += len(piece)
        call += 1
        yield piece


def same(byte: bytes, size: int) -> Iterator[bytes]:
    """`size` times one byte, without any line end."""
    for _ in range(0, size, PIECE):
        yield byte * PIECE


LOGS: dict[str, Callable[[int], Iterator[bytes]]] = {
    "engine": engine_log,
    "nul": lambda size: same(b"\x00", size),
    "binary": lambda size: same(b"\xff\xfe\t7", size // 4),
    "tabs": lambda size: same(b"\t", size),
    "stamps": lambda size: same(b"16/07/2010\t18:03:09\t", size // 20),
    "line ends": lambda size: same(b"\n", size),
}


def peak_mb() -> float:
    """The largest resident size of this process until now.

    Not getrusage's: that begins with what the process that started this one had.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024 / MB


def memory(size_mb: int, kind: str) -> None:
    """Go through the log and its meaning, and say how much memory the process had at most."""
    for record in read_records(LOGS[kind](2 * MB)):
        assert record.message is not None
    before = peak_mb()
    records = sum(record.message is not None for record in read_records(LOGS[kind](size_mb * MB)))
    sys.stdout.write(json.dumps({"records": records, "before_mb": before, "peak_mb": peak_mb()}) + "\n")


if __name__ == "__main__":
    megabytes, which = sys.argv[1:]
    memory(int(megabytes), which)
