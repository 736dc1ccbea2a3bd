"""Owner slots: data owner processes on the phone whose callbacks are answered on the host (BE 12)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from wire.layout import I32, U16, U32, DriveList, Empty, Flag, Sid
from wire.protocol.messages.method import Method


class OwnerAttach(NamedTuple):
    """From now on the slot's callbacks are the host's.

    With `automatic` the slot's process does what the tutorial's data owner does at each change of mode:
    connect, ask whether a partial mode affects it, confirm with `confirm_error`, and drop the connection at
    normal. Without it the host makes each of these calls.
    """

    sid: Sid
    automatic: Flag
    with_callbacks: Flag
    confirm_error: I32


class Owner(NamedTuple):
    """A slot by its SID."""

    sid: Sid


class OwnerConnect(NamedTuple):
    """CActiveBackupClient::NewL, with a callback interface or without."""

    sid: Sid
    with_callbacks: Flag


class OwnerConfirm(NamedTuple):
    """ConfirmReadyForBURL."""

    sid: Sid
    error: I32


class BurModeInfo(NamedTuple):
    """What BURModeInfoL gives an owner."""

    drives: DriveList
    part: U32
    increment: U32


class Affected(NamedTuple):
    """What DoesPartialBURAffectMeL gives an owner."""

    affected: Flag


class OwnerEventKind(IntEnum):
    """What happened in a slot's process."""

    STARTED = 0
    MODE_CHANGED = 1  # value: the property
    CONNECTED = 2
    CONFIRMED = 3  # value: the error
    NOT_AFFECTED = 4
    DISCONNECTED = 5
    FAILED = 6  # value: the error of the call that failed
    ENDED = 7


class OwnerEvent(NamedTuple):
    """An event of the topic OWNER_TOPIC."""

    tick_ms: U32
    sid: Sid
    kind: U16
    value: I32


OWNER_TOPIC: Final = 0xFFFF
"""Events about owner slots come under this topic; subscriptions count from 1."""

OWNER_ATTACH: Final = Method(0x0401, "owner attach", OwnerAttach, Empty, repeatable=True)
OWNER_DETACH: Final = Method(0x0402, "owner detach", Owner, Empty, repeatable=True)
OWNER_CONNECT: Final = Method(0x0403, "owner connect", OwnerConnect, Empty)
OWNER_DISCONNECT: Final = Method(0x0404, "owner disconnect", Owner, Empty)
OWNER_CONFIRM_READY: Final = Method(0x0405, "owner confirm ready", OwnerConfirm, Empty)
OWNER_BUR_MODE_INFO: Final = Method(0x0406, "owner BUR mode info", Owner, BurModeInfo, repeatable=True)
OWNER_DOES_PARTIAL_AFFECT_ME: Final = Method(
    0x0407, "owner does partial BUR affect me", Owner, Affected, repeatable=True
)
