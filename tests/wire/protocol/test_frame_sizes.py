"""Frames of bulk data become long on a line that damages nothing, and short again at the first that is lost."""

from __future__ import annotations

from tests.wire.protocol.pair import Pair
from wire.protocol.frame import FrameDecoder, Kind
from wire.protocol.handshake import LARGEST_PAYLOAD, LOCAL, RFCOMM, LinkProfile
from wire.protocol.messages import files

DATA = bytes(1 << 22)


class Watched(Pair):
    """Notes how long the frames are that carry an upload.

    Attributes:
        sizes: in the order of their sending; lost ones too.
        lose: numbers of frames, counted from 0, that do not arrive the first time.
    """

    def __init__(self, profile: LinkProfile = LOCAL, *, lose: frozenset[int] = frozenset()) -> None:
        super().__init__(profile)
        self.sizes: list[int] = []
        self.lose = lose
        self.spoil_to_phone = self._spoil
        self.connect()
        self.host_calls.ask(files.FILE_WRITE, b"", deadline_ms=1000, upload=[DATA])
        self.settle()
        upload = self.phone_calls.incoming.popleft().upload
        assert upload is not None
        received = 0
        while not upload.finished:
            received += sum(map(len, upload.take()))
            self.phone_calls.grant(upload)
            self.settle()
        assert received + sum(map(len, upload.take())) == len(DATA)

    def _spoil(self, data: bytes) -> list[bytes]:
        (frame,) = FrameDecoder(LARGEST_PAYLOAD).feed(data)
        if frame.header.kind != Kind.DATA:
            return [data]
        self.sizes.append(frame.header.length)
        return [] if len(self.sizes) - 1 in self.lose else [data]


def test_they_double_while_all_arrive() -> None:
    sizes = Watched().sizes
    assert sizes[:64] == [4096] * 64
    assert sizes[64:128] == [8192] * 64
    assert max(sizes) == LARGEST_PAYLOAD & ~4095


def test_they_are_short_again_after_a_loss() -> None:
    sizes = Watched(lose=frozenset({150})).sizes
    assert sizes[150] > 4096
    lost_again = sizes.index(sizes[150], 151)
    assert 4096 in sizes[lost_again : lost_again + 10]


def test_they_are_never_longer_than_agreed() -> None:
    assert max(Watched(RFCOMM).sizes) == RFCOMM.max_payload
