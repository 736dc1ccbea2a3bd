"""Packets and transfers on an endpoint towards the host."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple


class Delivered(NamedTuple):
    """A read of the host that has ended, under its number, and what it brought."""

    number: int
    data: bytes


class InEndpoint:
    """Transfers of the phone, cut up into what the host asks for.

    A read ends when it is full or with a packet that is not, as on a real bus: the phone's transfer is over when
    a packet is short, and where its last one is full an empty one follows it.
    """

    def __init__(self) -> None:
        self._transfers: deque[bytes] = deque()
        self._sent = 0  # of the first transfer
        self._reads: deque[tuple[int, int]] = deque()

    def send(self, data: bytes) -> None:
        """A transfer of the phone. One without bytes is a packet without bytes."""
        self._transfers.append(data)

    def replace(self, data: bytes) -> None:
        """The same, in place of those that nobody has read."""
        self._transfers.clear()
        self._sent = 0
        self._transfers.append(data)

    def read(self, number: int, length: int) -> None:
        """The host asks for up to so many bytes."""
        self._reads.append((number, length))

    def cancel(self, number: int) -> bool:
        """The host gives a read up; False when it has ended already."""
        for entry in self._reads:
            if entry[0] == number:
                self._reads.remove(entry)
                return True
        return False

    def delivered(self) -> Iterator[Delivered]:
        """Reads that can end now."""
        while self._reads and self._transfers:
            number, length = self._reads.popleft()
            data = self._transfers[0][self._sent : self._sent + length]
            self._sent += len(data)
            if len(data) < length:
                self._transfers.popleft()
                self._sent = 0
            yield Delivered(number, data)

    def abort(self) -> list[int]:
        """Give all waiting reads up; their numbers."""
        numbers = [number for number, _ in self._reads]
        self._reads.clear()
        return numbers

    def reset(self) -> None:
        """Nothing is on its way any more."""
        self._transfers.clear()
        self._reads.clear()
        self._sent = 0
