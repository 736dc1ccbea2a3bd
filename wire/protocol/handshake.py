"""How two ends find out whether they understand each other, before anything else is said.

The host sends HELLO until the phone answers HELLO_ACK. Both carry the same body; its layout is frozen for
ever, since it is how a new harness tells an old agent that it is old.
"""

from __future__ import annotations

import zlib
from enum import IntFlag
from typing import Final, NamedTuple

from wire.layout import U8, U16, U32, Text
from wire.protocol.frame import PROTOCOL_VERSION

MAGIC: Final = int.from_bytes(b"HILW", "little")
HELLO_EVERY_S: Final = 0.5
MAX_HELLO_TEXT: Final = 40


class Features(IntFlag):
    """What an end can do or needs."""

    ESCAPE_XONXOFF = 0x0001  # the line keeps 0x11 and 0x13 for itself
    KEEPS_OUT_OF_ORDER = 0x0002  # frames after a gap are kept, the bitmap says which


class Hello(NamedTuple):
    """Who speaks. At most 128 bytes, so that it passes any line."""

    magic: U32
    version_min: U8
    version_max: U8
    window: U8
    depth: U8
    max_payload: U16
    features: U16
    fingerprint: U32
    nonce: U32
    boot_id: U32
    tick_ms: U32
    build: Text
    product: Text


class LinkProfile(NamedTuple):
    """What suits a kind of line: measured on simulated ones, see the table in docs/performance.md.

    Beyond about one and a half times what the line holds, a window only buys latency.
    """

    name: str
    window: int
    max_payload: int
    escape_xonxoff: bool = False


FULL_PAYLOAD: Final = 4096 + 64
"""An IPC block of the engine and its call fit one frame."""

LEAST_PAYLOAD: Final = 128
"""With less, HELLO itself would not fit a frame."""

UART: Final = LinkProfile("uart", 2, 512)
# Half the size, so that an error costs half as much to send again.
RFCOMM: Final = LinkProfile("rfcomm", 8, FULL_PAYLOAD // 2 + 32)
USB: Final = LinkProfile("usb", 4, FULL_PAYLOAD)
# Nothing is slow here but the work on each frame, and no phone is short of memory.
LOCAL: Final = LinkProfile("local", 8, 8 * 4096 + 64)
LARGEST_PAYLOAD: Final = LOCAL.max_payload
PROFILES: Final = {p.name: p for p in (UART, RFCOMM, USB, LOCAL)}


class Agreement(NamedTuple):
    """What both ends use after the handshake."""

    session: int
    window: int
    max_payload: int
    depth: int
    escape_xonxoff: bool

    def summary(self) -> str:
        """For a reader of traces."""
        escaped = ", XON and XOFF escaped" if self.escape_xonxoff else ""
        return (
            f"session {self.session:#06x}, {self.window} frames of up to {self.max_payload} bytes on their way, "
            f"calls {self.depth} deep{escaped}"
        )


def make_hello(
    profile: LinkProfile,
    *,
    fingerprint: int,
    build: str,
    product: str,
    nonce: int,
    boot_id: int = 0,
    depth: int = 4,
    tick_ms: int = 0,
) -> Hello:
    """What one end says of itself. Texts beyond 40 bytes are cut so that HELLO passes any line."""
    features = Features.KEEPS_OUT_OF_ORDER | (Features.ESCAPE_XONXOFF if profile.escape_xonxoff else 0)
    return Hello(
        MAGIC,
        PROTOCOL_VERSION,
        PROTOCOL_VERSION,
        profile.window,
        depth,
        profile.max_payload,
        int(features),
        fingerprint,
        nonce,
        boot_id,
        tick_ms & 0xFFFFFFFF,
        _cut(build),
        _cut(product),
    )


def _cut(text: str) -> str:
    return text.encode()[:MAX_HELLO_TEXT].decode(errors="ignore")


def agree(host: Hello, phone: Hello) -> Agreement:
    """The smaller of everything, and a session tag that only these two know."""
    digest = zlib.crc32(host.nonce.to_bytes(4, "little") + phone.boot_id.to_bytes(4, "little"))
    return Agreement(
        session=((digest >> 16) ^ digest) & 0xFFFF or 1,  # 0 is for frames before the handshake
        window=max(1, min(host.window, phone.window)),
        max_payload=min(host.max_payload, phone.max_payload),
        depth=min(host.depth, phone.depth),
        escape_xonxoff=bool((host.features | phone.features) & Features.ESCAPE_XONXOFF),
    )


def incompatibility(mine: Hello, other: Hello, *, i_am: str, it_is: str) -> str | None:
    """Why the two cannot work together, naming both; None when they can."""
    if other.magic != MAGIC:
        return f"{it_is} answered with {other.magic:#010x}, which is no HELLO of this protocol"
    if not other.version_min <= PROTOCOL_VERSION <= other.version_max:
        return (
            f"{i_am} ({mine.build}) speaks protocol version {PROTOCOL_VERSION}, "
            f"{it_is} ({other.build} on {other.product}) speaks {other.version_min} to {other.version_max}"
        )
    if mine.fingerprint != other.fingerprint:
        return (
            f"{i_am} ({mine.build}) was built from message definitions {mine.fingerprint:08x}, "
            f"{it_is} ({other.build} on {other.product}) from {other.fingerprint:08x}"
        )
    if other.window < 1 or other.depth < 1 or other.max_payload < LEAST_PAYLOAD:
        return (
            f"{it_is} ({other.build} on {other.product}) can take {other.window} frames of {other.max_payload} "
            f"bytes and calls {other.depth} deep; at least 1, {LEAST_PAYLOAD} and 1 are needed"
        )
    return None
