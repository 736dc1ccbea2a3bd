"""The portable core as a shared object: the agent that runs on the phone, loaded into this process.

Its C header is the only definition of the interface; cffi reads it at run time, so nothing but the shared object
has to be compiled. `make core` does that.
"""

from __future__ import annotations

import os
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from wire.protocol.handshake import FULL_PAYLOAD, Features

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.protocol.handshake import Hello

_ROOT: Final = Path(__file__).parents[2]
HEADER: Final = _ROOT / "device_agent" / "core" / "agc.h"
BUILT: Final = _ROOT / "build" / "core" / "libagc.so"
LIBRARY_VARIABLE: Final = "SYMHIL_CORE_LIBRARY"
_BEGIN: Final = "/* The lines from here to the end mark"
_END: Final = "/* The end mark. */"
_TX_SIZE: Final = 64 * 1024


class CoreUnavailable(Exception):
    """There is no core that could be loaded."""


class Given(IntEnum):
    """What the core does with what it is given: AGC_TAKEN, AGC_NO_ROOM and AGC_VOID of agc.h."""

    TAKEN = 0
    NO_ROOM = 1
    VOID = 2


class CorePlatform(Protocol):
    """What the core asks of the program that it is part of: the functions of `agc_platform`, as methods."""

    def tick_ms(self) -> int:
        """The phone's clock."""

    def free_bytes(self) -> int:
        """Memory that is left."""

    def session(self) -> None:
        """A new host, or none any more: every tag is void."""

    def request(self, tag: int, method: int, body: bytes) -> None:
        """The host asks; the body fits the method's layout."""

    def upload(self, tag: int, offset: int, data: bytes) -> int:
        """The next piece of the stream behind a request; a negative status refuses it."""

    def upload_ended(self, tag: int) -> None:
        """All of it was there."""

    def cancelled(self, tag: int) -> None:
        """The host does not want the answer any more."""

    def download(self, tag: int, offset: int, size: int) -> bytes | int:
        """A piece of the stream behind an answer, empty at its end; a negative status when it fails."""

    def release(self, tag: int) -> None:
        """The stream behind an answer is not needed any more."""

    def answered(self, tag: int, status: int, body: bytes, *, timed_out: bool) -> None:
        """The host's answer to `Core.ask`, or that there will be none."""

    def host_silent(self) -> None:
        """The host was silent for longer than its lease."""


def find_library() -> Path:
    """The shared object to load; CoreUnavailable says how to get one."""
    path = Path(os.environ.get(LIBRARY_VARIABLE) or BUILT)
    if not path.is_file():
        raise CoreUnavailable(
            f"there is no agent core at {path}: build it with `make core`, or name one in {LIBRARY_VARIABLE}"
        )
    return path


def _declarations() -> str:
    """The header without what only a compiler understands."""
    text = HEADER.read_text(encoding="utf-8")
    return text[text.index("*/", text.index(_BEGIN)) + 2 : text.index(_END)]


def load(path: Path) -> tuple[Any, Any]:
    """The interface of cffi and the library, checked to be of the version that the header describes."""
    try:
        from cffi import FFI
    except ImportError as error:
        raise CoreUnavailable("the agent core needs the package cffi: pip install 'symhil[agent]'") from error
    ffi = FFI()
    ffi.cdef(_declarations())
    try:
        library: Any = ffi.dlopen(str(path))
    except OSError as error:
        raise CoreUnavailable(f"the agent core {path} cannot be loaded: {error}") from error
    version, wanted = library.agc_abi_version(), library.AGC_ABI_VERSION
    if version != wanted:
        raise CoreUnavailable(f"{path} has interface {version}, {wanted} is wanted: run `make core` again")
    return ffi, library


class Core:
    """One core. Its methods are those of agc.h; an exception of the platform comes out of the call it was met in.

    Args:
        platform: what it is part of.
        hello: who it says it is. What a core can and cannot do it knows itself.
        library: the shared object; by default that of `find_library`.

    Attributes:
        state_size: how many bytes of memory it has.
    """

    def __init__(self, platform: CorePlatform, hello: Hello, *, library: Path | None = None) -> None:
        self._ffi, self._lib = load(library or find_library())
        self._platform = platform
        self._problem: BaseException | None = None
        self._callbacks: list[Any] = []
        self._texts: list[Any] = []
        self.state_size: int = self._lib.agc_core_size()
        self._memory = self._ffi.new("agc_u8[]", self.state_size)
        self._buffer = self._ffi.new("agc_u8[]", _TX_SIZE)
        self._core = self._lib.agc_init(
            self._memory, self.state_size, self._configuration(hello), self._platform_table()
        )
        if not self._core:
            raise CoreUnavailable(f"the core refuses this configuration: {hello}")

    def _configuration(self, hello: Hello) -> Any:
        build, product = hello.build.encode(), hello.product.encode()
        # The core keeps the places of the texts.
        self._texts = [self._ffi.from_buffer("agc_u8[]", text) for text in (build, product)]
        escape = bool(hello.features & Features.ESCAPE_XONXOFF)
        return self._ffi.new(
            "agc_config *",
            {
                "boot_id": hello.boot_id,
                "window": hello.window,
                # The core has room for a block of the engine in a frame, as phones do.
                "max_payload": min(hello.max_payload, FULL_PAYLOAD),
                "depth": hello.depth,
                "escape_xonxoff": escape,
                "build": self._texts[0],
                "build_length": len(build),
                "product": self._texts[1],
                "product_length": len(product),
            },
        )

    # --------------------------------------------------------------------------------- the core's functions

    def link(self, now_ms: int, *, is_up: bool) -> None:
        """The port came or went."""
        self._checked(self._lib.agc_link(self._core, now_ms & 0xFFFFFFFF, is_up))

    def rx(self, now_ms: int, data: bytes) -> None:
        """Bytes came from the host."""
        self._checked(self._lib.agc_rx(self._core, now_ms & 0xFFFFFFFF, *self._bytes(data)))

    def tx(self, now_ms: int, size: int = _TX_SIZE) -> bytes:
        """Bytes for the host, at most `size`; empty when there is nothing to say."""
        written = self._checked(self._lib.agc_tx(self._core, now_ms & 0xFFFFFFFF, self._buffer, size))
        return bytes(self._ffi.buffer(self._buffer, written))

    def tick(self, now_ms: int) -> int:
        """Let what is due happen; in how many ms to come again."""
        return self._checked(self._lib.agc_tick(self._core, now_ms & 0xFFFFFFFF))

    def reply(self, tag: int, status: int, body: bytes = b"") -> Given:
        """Answer a request."""
        return self._given(self._lib.agc_reply(self._core, tag, status, *self._bytes(body)))

    def refuse(self, tag: int, fault: int, text: str) -> Given:
        """Answer a request with a fault of the agent."""
        return self._given(self._lib.agc_refuse(self._core, tag, fault, *self._bytes(text.encode())))

    def event(self, topic: int, body: bytes) -> Given:
        """Tell the host something; it is lost when it is not taken."""
        return self._given(self._lib.agc_event(self._core, topic, *self._bytes(body)))

    def ask(self, method: int, body: bytes, deadline_ms: int) -> int:
        """Ask the host; a tag, or 0 when it cannot be asked now."""
        return self._checked(self._lib.agc_ask(self._core, method, *self._bytes(body), deadline_ms))

    def crc32(self, crc: int, data: bytes) -> int:
        """CRC-32 as zlib computes it."""
        return self._checked(self._lib.agc_crc32(crc, *self._bytes(data)))

    def _bytes(self, data: bytes) -> tuple[Any, int]:
        return self._ffi.from_buffer("agc_u8[]", data), len(data)

    def _given(self, result: int) -> Given:
        return Given(self._checked(result))

    def _checked(self, result: Any) -> int:
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem
        return int(result or 0)

    # ------------------------------------------------------------------------------------- the platform

    def _platform_table(self) -> Any:
        """The functions that the core calls. They are kept alive with the core, since C holds bare pointers."""
        ffi, platform, timed_out = self._ffi, self._platform, self._lib.AGC_TIMED_OUT

        def taken(data: Any, length: int) -> bytes:
            return bytes(ffi.buffer(data, length)) if length else b""

        def download(_: Any, tag: int, offset: int, data: Any, length: int) -> int:
            piece = platform.download(tag, offset, length)
            if isinstance(piece, int):
                return piece
            assert len(piece) <= length, f"{len(piece)} bytes of a download, at most {length} were asked for"
            ffi.memmove(data, piece, len(piece))
            return len(piece)

        functions: dict[str, Callable[..., Any]] = {
            "tick_ms": lambda _: platform.tick_ms(),
            "free_bytes": lambda _: platform.free_bytes(),
            "session": lambda _: platform.session(),
            "request": lambda _, tag, method, body, length: platform.request(tag, method, taken(body, length)),
            "upload": lambda _, tag, offset, data, length: platform.upload(tag, offset, taken(data, length)),
            "upload_ended": lambda _, tag: platform.upload_ended(tag),
            "cancelled": lambda _, tag: platform.cancelled(tag),
            "download": download,
            "release": lambda _, tag: platform.release(tag),
            "answered": lambda _, tag, outcome, status, body, length: platform.answered(
                tag, status, taken(body, length), timed_out=outcome == timed_out
            ),
            "host_silent": lambda _: platform.host_silent(),
        }
        table = ffi.new("agc_platform *")
        for name, field in ffi.typeof("agc_platform").fields:
            if name != "context":
                callback = ffi.callback(field.type, functions[name], onerror=self._note)
                self._callbacks.append(callback)
                setattr(table, name, callback)
        return table

    def _note(self, kind: Any, value: BaseException, trace: Any) -> None:
        self._problem = self._problem or value
