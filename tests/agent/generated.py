"""What a host may say, good and bad, made from a random generator: the same for every agent."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from typing import Any, Final

from device_agent.emulator.owners.registrations import SLOTS, TUTORIAL
from tests.agent.raw_host import RawHost
from wire.formats.serialised import SecureIdentity, SidTransfer, drive_list, write_generic
from wire.layout import Empty, codec_of
from wire.protocol.frame import Flags, Frame, Kind
from wire.protocol.messages import METHODS, callbacks, emulator, engine, files, owners, phone
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain, Method, StreamEnd
from wire.symbian import (
    BACKUP_RESTORE_KEY,
    SYSTEM_CATEGORY,
    Drive,
    SecureId,
)

C: Final = Drive.parse("C")
SIDS: Final = (*SLOTS, TUTORIAL, SecureId(0x0AB7E57C), SecureId(0x10005399), SecureId(0x12345678))
PATHS: Final = (
    "C:\\",
    "C:\\there.bin",
    "C:\\folder\\",
    "C:\\folder\\deep.bin",
    "C:\\private\\10005399\\notes\\first.txt",
    "Z:\\nothing",
    "no drive",
    "C:\\Zuse-\u00e4\u00f6\u20ac.txt",
    "",
)
_DEADLINE: Final = (10_000).to_bytes(4, "little")
Make = Callable[[random.Random], tuple[Any, ...]]
Step = Callable[[RawHost], None]


def _sids(generator: random.Random) -> tuple[SecureId, ...]:
    return tuple(generator.sample(SIDS, generator.randrange(4)))


def _transfer(generator: random.Random) -> bytes:
    return write_generic(SidTransfer(C, generator.choice(SIDS), generator.randrange(9)))


def _identity(generator: random.Random) -> bytes:
    return write_generic(SecureIdentity(generator.choice(SIDS)))


def _path(generator: random.Random) -> str:
    return generator.choice(PATHS)


_PLAUSIBLE: Final[dict[Method[Any, Any], Make]] = {
    phone.PROPERTY_GET: lambda g: (SYSTEM_CATEGORY, g.choice([BACKUP_RESTORE_KEY, 5])),
    phone.PROPERTY_SET: lambda g: (SYSTEM_CATEGORY, g.choice([BACKUP_RESTORE_KEY, 5]), g.randrange(9)),
    phone.PROPERTY_SUBSCRIBE: lambda g: (SYSTEM_CATEGORY, g.choice([BACKUP_RESTORE_KEY, 5])),
    phone.PROPERTY_UNSUBSCRIBE: lambda g: (g.randrange(5),),
    phone.LEASE: lambda g: (0,),
    engine.LIST_DATA_OWNERS: lambda g: (g.random() < 0.5,),
    engine.SET_SID_LIST: lambda g: (_sids(g),),
    engine.SID_STATUS: lambda g: (_sids(g),),
    engine.SET_BUR_MODE: lambda g: (
        False,
        drive_list([C]),
        g.choice([1, 1, 1, 2, 4, 4, 4, 8, 16]),
        g.choice([0, 0x100, 0x100, 0x200]),
    ),
    engine.EXPECTED_DATA_SIZE: lambda g: (_transfer(g),),
    engine.REQUEST_DATA: lambda g: (False, _transfer(g)),
    engine.SUPPLY_DATA: lambda g: (False, g.random() < 0.5, 100, _transfer(g)),
    engine.ALL_SNAPSHOTS_SUPPLIED: lambda g: (False,),
    engine.ALL_SYSTEM_FILES_RESTORED: lambda g: (False,),
    engine.PUBLIC_FILE_LIST: lambda g: (False, g.random() < 0.5, C, _identity(g)),
    engine.PUBLIC_FILE_LIST_XML: lambda g: (False, False, C, _identity(g)),
    engine.LARGE_PUBLIC_FILE_LIST: lambda g: (C, g.randrange(3), g.choice([50, 4000]), _identity(g)),
    files.FILE_STAT: lambda g: (_path(g),),
    files.FOLDER_LIST: lambda g: (_path(g), g.randrange(3)),
    files.FOLDER_MAKE: lambda g: (_path(g),),
    files.FILE_READ: lambda g: (_path(g), g.choice([0, 0, 5, 1 << 33]), g.choice([0, 10, 9000, 200_000])),
    files.FILE_WRITE: lambda g: (_path(g), g.choice([0, 0, 3]), g.random() < 0.5),
    files.FILE_DELETE: lambda g: (_path(g),),
    files.FILE_SET_ATTRIBUTES: lambda g: (_path(g), g.choice([0, 2]), g.choice([0, 2])),
    owners.OWNER_ATTACH: lambda g: (g.choice(SIDS), g.random() < 0.8, g.random() < 0.9, g.choice([0, 0, -2])),
    owners.OWNER_DETACH: lambda g: (g.choice(SIDS),),
    owners.OWNER_CONNECT: lambda g: (g.choice(SIDS), True),
    owners.OWNER_DISCONNECT: lambda g: (g.choice(SIDS),),
    owners.OWNER_CONFIRM_READY: lambda g: (g.choice(SIDS), 0),
    owners.OWNER_BUR_MODE_INFO: lambda g: (g.choice(SIDS),),
    owners.OWNER_DOES_PARTIAL_AFFECT_ME: lambda g: (g.choice(SIDS),),
    emulator.EMULATOR_ADVANCE_CLOCK: lambda g: (g.choice([1, 500, 3000]),),
    emulator.EMULATOR_KILL_PROCESS: lambda g: (g.choice(SIDS),),
}
# The engine's calls come often, since they lead to callbacks; one that makes a new phone comes rarely.
_CHOICES: Final[list[Method[Any, Any]]] = [m for m in METHODS.values() if m is not emulator.EMULATOR_RESET]
_OFTEN: Final[list[Method[Any, Any]]] = [
    engine.SET_BUR_MODE,
    engine.REQUEST_DATA,
    engine.SUPPLY_DATA,
    engine.LIST_DATA_OWNERS,
    engine.SET_SID_LIST,
    owners.OWNER_ATTACH,
    files.FILE_READ,
    files.FILE_WRITE,
]


def request_body(method: Method[Any, Any], generator: random.Random) -> bytes:
    """A body that fits, mostly; else one that is cut, too long, or noise."""
    make = _PLAUSIBLE.get(method)
    body = codec_of(method.request).build(method.request(*make(generator))) if make is not None else b""
    how = generator.random()
    if how < 0.06:
        return body[: generator.randrange(len(body) + 1)]
    if how < 0.09:
        return body + generator.randbytes(1 + generator.randrange(5))
    if how < 0.12:
        return generator.randbytes(generator.randrange(60))
    return body


class Conversation:
    """Gives a host one thing after the other to say. Call ids grow, as those of a real host do."""

    def __init__(self, seed: str, nonce: int) -> None:
        self.generator = random.Random(seed)
        self._call_id = 0
        self._nonce = nonce

    def exchange(self) -> list[Step]:
        """One exchange, as steps that any host can take."""
        kinds: list[tuple[int, Callable[[], list[Step]]]] = [
            (70, self._request),
            (6, self._ping),
            (5, self._noise),
            (5, self._swapped),
            (5, self._transfer),
            (4, self._stranger),
            (3, self._unknown_kind),
            (3, self._cancel),
            (3, self._stray_stream),
            (2, self._hello_again),
            (1, self._new_session),
            (1, self._last_breath),
            (1, self._acknowledge_what_never_was),
        ]
        (make,) = self.generator.choices([m for _, m in kinds], [weight for weight, _ in kinds])
        return make()

    # ------------------------------------------------------------------------------------ requests

    def _next_id(self) -> int:
        self._call_id = self._call_id % 0x7FFF + 1
        return self._call_id

    def _request(self) -> list[Step]:
        generator = self.generator
        call_id = self._next_id()
        method = generator.choice(_OFTEN if generator.random() < 0.5 else _CHOICES)
        steps = [self._spoiled(self._ask(call_id, method))]
        if method.upload:
            steps += self._upload(call_id)
        if generator.random() < 0.05:
            steps.append(lambda h: _put(h, Kind.CANCEL, call_id))
        return steps

    def _ask(self, call_id: int, method: Method[Any, Any]) -> Step:
        generator = self.generator
        number = method.number if generator.random() > 0.03 else generator.randrange(0x10000)
        parent = 0 if generator.random() > 0.05 else generator.randrange(0x8000)
        payload = _DEADLINE + request_body(method, generator)
        if generator.random() < 0.02:
            payload = payload[: generator.randrange(4)]
        return lambda h: h.message(Kind.REQUEST, call_id, number | parent << 16, payload)

    def _swapped(self) -> list[Step]:
        """Two requests arrive in the wrong order; whoever has dropped the later one gets it again."""
        methods = [method for method in _CHOICES if not method.upload and not method.engine]
        first = self._ask(self._next_id(), self.generator.choice(methods))
        second = self._ask(self._next_id(), self.generator.choice(methods))

        def send(host: RawHost) -> None:
            early, late = host.collect(first), host.collect(second)
            host.put_bytes(late + early + late)

        return [send]

    def _transfer(self) -> list[Step]:
        """A backup or a restore of one slot, as a harness does it: what leads to callbacks."""
        generator = self.generator
        sid = generator.choice(SLOTS)
        mode = generator.choice([4, 4, 16])
        increment = generator.choice([0x100, 0x100, 0x200])
        transfer = write_generic(SidTransfer(C, sid, generator.choice([4, 5, 5, 5, 6])))
        steps: list[Step] = []

        def ask(method: Method[Any, Any], *fields: Any) -> int:
            call_id, body = self._next_id(), codec_of(method.request).build(method.request(*fields))
            steps.append(lambda h: h.message(Kind.REQUEST, call_id, method.number, _DEADLINE + body))
            steps.append(RawHost.run)
            return call_id

        ask(engine.SET_BUR_MODE, False, drive_list([C]), 1, 0)
        ask(owners.OWNER_ATTACH, sid, True, True, 0)
        ask(engine.LIST_DATA_OWNERS, False)
        ask(engine.SET_SID_LIST, (sid,))
        ask(engine.SET_BUR_MODE, False, drive_list([C]), mode, increment)
        if mode == 4:
            ask(engine.EXPECTED_DATA_SIZE, transfer)
            ask(engine.REQUEST_DATA, False, transfer)
            ask(engine.ALL_SNAPSHOTS_SUPPLIED, False)
        else:
            ask(engine.ALL_SYSTEM_FILES_RESTORED, False)
            steps += self._upload(ask(engine.SUPPLY_DATA, False, True, 0, transfer))
            steps.append(RawHost.run)
        ask(engine.SET_BUR_MODE, False, drive_list([C]), 1, 0)
        return steps

    def _upload(self, call_id: int) -> list[Step]:
        """The stream behind a request: whole, or wrong in one of the ways that streams can be wrong."""
        generator = self.generator
        data = generator.randbytes(generator.choice([0, 1, 100, 4096, 9000, 150_000]))
        wrong = generator.random()
        size, crc, status = len(data), zlib.crc32(data), 0
        steps: list[Step] = []
        for start in range(0, size, 4096):
            piece = data[start : start + 4096]
            at = start + (7 if wrong < 0.04 and start else 0)
            steps.append(lambda h, at=at, piece=piece: _put(h, Kind.DATA, call_id, at, piece))  # type: ignore[misc]
            if start % 65536 == 61440:
                steps.append(RawHost.run)  # so that credit is granted
        if 0.04 <= wrong < 0.08:
            crc ^= 1
        elif 0.08 <= wrong < 0.12:
            size += 1
        elif 0.12 <= wrong < 0.16:
            status = -2
        elif 0.16 <= wrong < 0.2:
            return [*steps, lambda h: _put(h, Kind.CANCEL, call_id)]
        end = codec_of(StreamEnd).build(StreamEnd(size, crc, status))
        if 0.2 <= wrong < 0.23:
            end = end[:-1]
        return [*steps, lambda h: _put(h, Kind.CLOSE, call_id, 0, end)]

    def _spoiled(self, send: Step) -> Step:
        """The frames of `send`, and before or between them what a bad line makes of frames."""
        how, seed = self.generator.random(), self.generator.random()

        def spoil(host: RawHost) -> None:
            generator = random.Random(seed)
            data = host.collect(send)
            frames = [b"~%b~" % part for part in data.split(b"~") if part]
            if how < 0.06:  # damaged, then sent again
                broken = bytearray(data)
                broken[generator.randrange(1, len(broken) - 1)] ^= 1 << generator.randrange(8)
                data = bytes(broken) + b"~" + data
            elif how < 0.1:  # cut, then sent again
                data = data[: generator.randrange(1, len(data))] + b"~" + data
            elif how < 0.14:  # twice
                data = data + data
            elif how < 0.18:  # the last first, then all
                data = b"".join(reversed(frames)) + b"".join(frames) * len(frames)
            host.put_bytes(data)

        return spoil

    # -------------------------------------------------------------------------- everything else

    def _ping(self) -> list[Step]:
        token = self.generator.getrandbits(32)
        return [lambda h: _put(h, Kind.PING, 0, token)]

    def _noise(self) -> list[Step]:
        generator = self.generator
        noise = generator.choice(
            [
                generator.randbytes(generator.randrange(300)),
                b"~" + generator.randbytes(9000) + b"~",
                b"AT+CGMI\r\n",
                b"~}~",
                b"}" * generator.randrange(300),
                b"~~~~~~",
            ]
        )
        return [lambda h: h.put_bytes(noise + b"~")]

    def _stranger(self) -> list[Step]:
        kind = self.generator.choice([Kind.PING, Kind.REQUEST, Kind.ACK, Kind.DATA])
        session = self.generator.choice([1, 2, 3, 0, 0xFFFF])

        def send(host: RawHost) -> None:
            if session != host.session:
                host.put(host.header(Kind.ACK)._replace(version_kind=0x10 | kind, session=session))

        return [send]

    def _unknown_kind(self) -> list[Step]:
        kind = self.generator.choice([6, 7])
        flags = self.generator.choice([0, Flags.MUST_UNDERSTAND])
        return [lambda h: _put(h, kind, 0, 0, b"?", flags)]

    def _cancel(self) -> list[Step]:
        call_id = self.generator.randrange(0x8000)
        return [lambda h: _put(h, Kind.CANCEL, call_id)]

    def _stray_stream(self) -> list[Step]:
        generator = self.generator
        kind = generator.choice([Kind.DATA, Kind.CREDIT, Kind.CLOSE, Kind.EVENT, Kind.LOG, Kind.ANSWER])
        call_id, argument, flags = generator.randrange(0x8000), generator.getrandbits(32), Flags.LAST
        payload = generator.randbytes(generator.randrange(30))
        return [lambda h: _put(h, kind, call_id, argument, payload, flags)]

    def _hello_again(self) -> list[Step]:
        return [lambda h: h.hello(self._nonce)]

    def _new_session(self) -> list[Step]:
        self._nonce += 1
        nonce = self._nonce
        return [lambda h: h.hello(nonce)]

    def _last_breath(self) -> list[Step]:
        """A request, and before it can be answered another host is there."""
        return [*self._request(), *self._new_session()]

    def _acknowledge_what_never_was(self) -> list[Step]:
        self._nonce += 1
        nonce = self._nonce
        beyond = 1 + self.generator.randrange(30)

        def send(host: RawHost) -> None:
            host.run()
            header = host.header(Kind.ACK)
            host.put(header._replace(acknowledge=(host.expected + 20 + beyond) & 0xFFFF))
            _put(host, Kind.PING, 0, 5)
            host.hello(nonce)

        return [send]


def _put(
    host: RawHost, kind: int, channel: int = 0, argument: int = 0, payload: bytes = b"", flags: int = 0
) -> None:
    host.put(host.header(kind, channel, argument, flags), payload)


def answer_callback(host: RawHost, frame: Frame, generator: random.Random) -> None:
    """The host answers a callback: well, with a leave, with nonsense, late, or after questions of its own."""
    call_id, method = frame.header.channel, METHODS[frame.header.argument & 0xFFFF]
    how = generator.random()
    if how < 0.1:
        for nested in (phone.PROPERTY_GET, engine.SID_STATUS, engine.REQUEST_DATA):
            body = _DEADLINE + request_body(nested, generator)
            host.message(Kind.REQUEST, host.next_nested_id(), nested.number | call_id << 16, body)
    elif how < 0.13:
        # The phone's clock goes on beyond the deadline: the answer that follows comes too late.
        late = emulator.EMULATOR_ADVANCE_CLOCK
        body = _DEADLINE + codec_of(late.request).build(late.request(151_000))
        host.message(Kind.REQUEST, host.next_nested_id(), late.number | call_id << 16, body)
        host.when_next_heard(lambda: host.message(Kind.ANSWER, call_id, 0, b"", Flags.FROM_PHONE))
        return
    error = generator.random()
    if error < 0.1:
        domain = generator.choice(list(ErrorDomain))
        code = generator.choice([-26, -33, -2, int(AgentFault.NOT_OFFERED)])
        payload = codec_of(ErrorBody).build(ErrorBody(domain, code, "no"))
        host.message(Kind.ANSWER, call_id, code & 0xFFFFFFFF, payload, Flags.FROM_PHONE | Flags.ERROR)
        return
    if error < 0.15:
        host.message(Kind.ANSWER, call_id, 0, generator.randbytes(generator.randrange(9)), Flags.FROM_PHONE)
        return
    body = b""
    if method in {callbacks.CB_GET_BACKUP_DATA_SECTION, callbacks.CB_GET_SNAPSHOT_DATA}:
        data = generator.randbytes(generator.choice([0, 10, 4096]))
        finished = not data or generator.random() < 0.5
        body = codec_of(callbacks.Section).build(callbacks.Section(finished, data))
    elif method.answer is not Empty:
        body = (1234).to_bytes(4, "little")
    host.message(Kind.ANSWER, call_id, 0, body, Flags.FROM_PHONE)
