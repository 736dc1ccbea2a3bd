"""The phone itself, and its publish-and-subscribe properties (BE 3)."""

from __future__ import annotations

from enum import IntFlag
from typing import Final, NamedTuple

from wire.layout import I32, I64, U16, U32, DriveList, Empty, SidList, Text
from wire.protocol.messages.method import Method


class PhoneFeatures(IntFlag):
    """What a phone and its agent offer."""

    CONTROLLER = 0x01  # can change the mode: CSBEClient is there and the capabilities are granted
    OWNER_SLOTS = 0x02
    FILES = 0x04
    EMULATED = 0x08  # time can be advanced, the phone can be reset
    PACKAGES = 0x10
    JAVA = 0x20


class PhoneInfo(NamedTuple):
    """Who the phone is. `home_time_us` is its local time, in microseconds since 1970 without a zone."""

    model: Text
    firmware: Text
    imei: Text
    agent: Text
    profile: Text
    features: U32
    uptime_ms: U32
    home_time_us: I64
    owner_slots: SidList
    drives: DriveList


class Lease(NamedTuple):
    """How long the host may be silent before the agent ends a backup or restore mode; 0 for ever."""

    milliseconds: U32


PHONE_INFO: Final = Method(0x0001, "phone info", Empty, PhoneInfo, repeatable=True)
LEASE: Final = Method(0x0002, "lease", Lease, Empty, repeatable=True)


class PropertyId(NamedTuple):
    """A property: its category is a SID, its key a UID."""

    category: U32
    key: U32


class PropertyValue(NamedTuple):
    """What a property holds."""

    value: I32


class PropertyAssignment(NamedTuple):
    """A direct write by the agent, which the kernel refuses for the backup key: the test is that it does."""

    category: U32
    key: U32
    value: I32


class Subscription(NamedTuple):
    """The topic under which changes will come, and what the property held when it began."""

    topic: U16
    status: I32
    value: I32


class Topic(NamedTuple):
    """A running subscription."""

    topic: U16


class PropertyChange(NamedTuple):
    """The event of a topic. Changes in quick succession are seen as one (Q3)."""

    tick_ms: U32
    status: I32
    value: I32


PROPERTY_GET: Final = Method(0x0101, "property get", PropertyId, PropertyValue, repeatable=True)
PROPERTY_SET: Final = Method(0x0102, "property set", PropertyAssignment, Empty, repeatable=True)
PROPERTY_SUBSCRIBE: Final = Method(0x0103, "property subscribe", PropertyId, Subscription)
PROPERTY_UNSUBSCRIBE: Final = Method(0x0104, "property unsubscribe", Topic, Empty, repeatable=True)
