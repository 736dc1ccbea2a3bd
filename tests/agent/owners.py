"""A data owner at the far end of a simulated line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from device_agent.emulator.owners.registrations import SLOTS
from tests.agent.line import Line, Outcome
from wire.formats.serialised import SidTransfer, drive_list, write_generic
from wire.layout import codec_of
from wire.protocol.calls import Request
from wire.protocol.messages import callbacks, engine, owners
from wire.protocol.messages.method import ErrorBody
from wire.symbian import (
    Drive,
    SecureId,
    TBackupIncType,
    TBURPartType,
    TTransferDataType,
)

C = Drive.parse("C")


def attach(line: Line, sid: SecureId = SLOTS[0]) -> SecureId:
    body = owners.OwnerAttach(sid, automatic=True, with_callbacks=True, confirm_error=0)
    assert line.call(owners.OWNER_ATTACH, codec_of(owners.OwnerAttach).build(body)).error is None
    return sid


def enter_backup(line: Line, sids: Sequence[SecureId]) -> None:
    listed = codec_of(engine.SidListBody).build(engine.SidListBody(tuple(sids)))
    variant = codec_of(engine.Variant).build(engine.Variant(asynchronous=False))
    assert line.call(engine.LIST_DATA_OWNERS, variant).error is None
    assert line.call(engine.SET_SID_LIST, listed).error is None
    assert set_mode(line, TBURPartType.EBURBackupPartial, TBackupIncType.EBackupBase).error is None
    assert line.call(engine.SID_STATUS, listed).error is None


def set_mode(line: Line, part: TBURPartType, increment: int = 0) -> Outcome:
    change = engine.ModeChange(asynchronous=False, drives=drive_list([C]), part=part, increment=increment)
    return line.call(engine.SET_BUR_MODE, codec_of(engine.ModeChange).build(change))


def data_request(sid: SecureId, data_type: int = TTransferDataType.EActiveBaseData) -> bytes:
    transfer = write_generic(SidTransfer(C, sid, data_type))
    return codec_of(engine.DataRequest).build(engine.DataRequest(asynchronous=False, transfer_type=transfer))


def request_active(line: Line, sid: SecureId) -> Outcome:
    return line.call(engine.REQUEST_DATA, data_request(sid))


def sections_answer(content: bytes) -> Callable[[Request], bytes | ErrorBody]:
    """An owner that gives `content` away, and has nothing else to say."""
    given = 0

    def answer(request: Request) -> bytes | ErrorBody:
        nonlocal given
        if request.method is callbacks.CB_GET_BACKUP_DATA_SECTION:
            size = request.parsed().size
            piece = content[given : given + size]
            given += len(piece)
            return codec_of(callbacks.Section).build(callbacks.Section(given >= len(content), piece))
        return b""

    return answer
