"""Transfers that run while nobody waits for them: libusb's asynchronous interface, which pyusb does not offer.

Several reads are always on their way, so that the phone can send while we are busy; a thread waits for them, and
for anything else, with `poll`. No thread is needed here, and none is cancelled when nothing comes.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, ClassVar, Final, NamedTuple, Protocol

_BULK: Final = 2
_ENDING_STEPS: Final = 50
_ENDING_STEP_US: Final = 100_000


class TransferStatus(IntEnum):
    """How a transfer ended (`enum libusb_transfer_status` of libusb.h)."""

    COMPLETED = 0
    ERROR = 1
    TIMED_OUT = 2
    CANCELLED = 3
    STALL = 4
    NO_DEVICE = 5
    OVERFLOW = 6


class Ended(NamedTuple):
    """A transfer that has ended: which way it went, how it ended, and what came in."""

    is_read: bool
    status: TransferStatus
    data: bytes


class NotStarted(Exception):
    """A transfer cannot be started, normally since the device is gone."""


class Transfers(Protocol):
    """Bulk transfers of up to a certain size to and from one pair of endpoints."""

    def descriptors(self) -> list[tuple[int, int]]:
        """Descriptors and their `poll` events: when one is ready, `ended` may have something."""

    def read(self) -> None:
        """Start a read; NotStarted when it cannot be."""

    def write(self, data: bytes) -> None:
        """Start a write; NotStarted when it cannot be."""

    def ended(self) -> Iterator[Ended]:
        """What has ended since it was last asked, without waiting."""

    def end(self) -> None:
        """Cancel what is on its way; nothing can be started after it."""


class _Transfer(ctypes.Structure):
    """`struct libusb_transfer` of libusb.h, without isochronous packets."""

    _fields_: ClassVar = [
        ("device", ctypes.c_void_p),
        ("flags", ctypes.c_uint8),
        ("endpoint", ctypes.c_ubyte),
        ("type", ctypes.c_ubyte),
        ("timeout_ms", ctypes.c_uint),
        ("status", ctypes.c_int),
        ("length", ctypes.c_int),
        ("actual_length", ctypes.c_int),
        ("callback", ctypes.c_void_p),
        ("user_data", ctypes.c_void_p),
        ("buffer", ctypes.c_void_p),
        ("iso_packets", ctypes.c_int),
    ]


class _PollFd(ctypes.Structure):
    """`struct libusb_pollfd`."""

    _fields_: ClassVar = [("fd", ctypes.c_int), ("events", ctypes.c_short)]


class _Time(ctypes.Structure):
    """`struct timeval`."""

    _fields_: ClassVar = [("seconds", ctypes.c_long), ("microseconds", ctypes.c_long)]


_Callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_AT_ONCE: Final = _Time(0, 0)


class _Slot(NamedTuple):
    """A transfer that is used again and again, and its buffer."""

    address: int
    transfer: _Transfer
    buffer: ctypes.Array[ctypes.c_char]


class LibusbTransfers:
    """Transfers of a device that pyusb has opened and whose interface it has claimed.

    Its backend must belong to this device alone: in a context that is shared another thread's call would take
    the ends of our transfers away.
    """

    def __init__(self, device: Any, endpoint_in: int, endpoint_out: int, *, size: int) -> None:
        context = device._ctx  # noqa: SLF001 - pyusb shows its handle to nobody
        self._handle = context.handle.handle
        self._context = context.backend.ctx
        self._in, self._out = endpoint_in, endpoint_out
        self._size = size
        library = context.backend.lib
        # Prototypes of our own: those of pyusb are bound to its own structures.
        pointer = ctypes.c_void_p
        self._new = ctypes.CFUNCTYPE(pointer, ctypes.c_int)(("libusb_alloc_transfer", library))
        self._free = ctypes.CFUNCTYPE(None, pointer)(("libusb_free_transfer", library))
        self._submit = ctypes.CFUNCTYPE(ctypes.c_int, pointer)(("libusb_submit_transfer", library))
        self._cancel = ctypes.CFUNCTYPE(ctypes.c_int, pointer)(("libusb_cancel_transfer", library))
        self._handle_events = ctypes.CFUNCTYPE(ctypes.c_int, pointer, ctypes.POINTER(_Time), pointer)(
            ("libusb_handle_events_timeout_completed", library)
        )
        self._poll_fds = ctypes.CFUNCTYPE(ctypes.POINTER(ctypes.POINTER(_PollFd)), pointer)(
            ("libusb_get_pollfds", library)
        )
        self._free_poll_fds = ctypes.CFUNCTYPE(None, pointer)(("libusb_free_pollfds", library))
        self._done: deque[int] = deque()
        self._callback = _Callback(self._done.append)
        self._running: dict[int, _Slot] = {}
        self._idle: dict[int, list[_Slot]] = {endpoint_in: [], endpoint_out: []}

    def descriptors(self) -> list[tuple[int, int]]:
        """See `Transfers.descriptors`."""
        listed = self._poll_fds(self._context)
        found = []
        for entry in listed:
            if not entry:
                break
            found.append((entry.contents.fd, entry.contents.events))
        self._free_poll_fds(listed)
        return found

    def read(self) -> None:
        """See `Transfers.read`."""
        self._start(self._in, self._size)

    def write(self, data: bytes) -> None:
        """See `Transfers.write`."""
        self._start(self._out, len(data), data)

    def _start(self, endpoint: int, length: int, data: bytes = b"") -> None:
        idle = self._idle[endpoint]
        slot = idle.pop() if idle else self._new_slot(endpoint)
        if data:
            ctypes.memmove(slot.buffer, data, length)
        slot.transfer.length = length
        code = self._submit(slot.address)
        if code:
            idle.append(slot)
            raise NotStarted(f"libusb error {code}")
        self._running[slot.address] = slot

    def _new_slot(self, endpoint: int) -> _Slot:
        address = self._new(0)
        buffer = ctypes.create_string_buffer(self._size)
        transfer = _Transfer.from_address(address)
        transfer.device, transfer.endpoint, transfer.type = self._handle, endpoint, _BULK
        transfer.buffer = ctypes.addressof(buffer)
        transfer.callback = ctypes.cast(self._callback, ctypes.c_void_p)
        return _Slot(address, transfer, buffer)

    def ended(self) -> Iterator[Ended]:
        """See `Transfers.ended`."""
        self._handle_events(self._context, _AT_ONCE, None)
        while self._done:
            slot = self._running.pop(self._done.popleft())
            transfer = slot.transfer
            is_read = transfer.endpoint == self._in
            # A transfer that did not end well may have brought something all the same.
            data = ctypes.string_at(slot.buffer, transfer.actual_length) if is_read else b""
            self._idle[transfer.endpoint].append(slot)
            yield Ended(is_read, TransferStatus(transfer.status), data)

    def end(self) -> None:
        """See `Transfers.end`."""
        for address in self._running:
            self._cancel(address)
        for _ in range(_ENDING_STEPS):
            for _ended in self.ended():
                pass
            if not self._running:
                for slot in (slot for slots in self._idle.values() for slot in slots):
                    self._free(slot.address)
                return
            self._handle_events(self._context, _Time(0, _ENDING_STEP_US), None)
        _abandoned.append(self)


_abandoned: Final[list[LibusbTransfers]] = []
"""Transfers that the kernel would not give back: it may still write to their buffers."""
