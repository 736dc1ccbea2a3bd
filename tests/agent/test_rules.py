"""The rules of the agent, with either of the two: who may call whom, what runs out, what a new host finds."""

from __future__ import annotations

import random
from typing import Any

import pytest

from device_agent.emulator.owners.registrations import SLOTS
from tests.agent.faults import losing
from tests.agent.generated import answer_callback
from tests.agent.line import KINDS, Line, connected
from tests.agent.owners import attach, data_request, enter_backup, request_active, sections_answer, set_mode
from tests.agent.raw_host import RawHost
from tests.wire.protocol.pair import PHONE_SIZED
from wire.layout import codec_of
from wire.protocol.calls import OpenCall, Request
from wire.protocol.frame import FrameDecoder, Kind
from wire.protocol.handshake import FULL_PAYLOAD, UART, LinkProfile
from wire.protocol.host_link import HostLink
from wire.protocol.link import LinkState
from wire.protocol.messages import callbacks, emulator, engine, files, owners, phone
from wire.protocol.messages.method import AgentFault, ErrorBody, ErrorDomain
from wire.protocol.messages.owners import OWNER_TOPIC, OwnerEvent, OwnerEventKind
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, TBURPartType
from wire.symbian_errors import KErrAbort, KErrDisconnected, KErrTimedOut

pytestmark = pytest.mark.parametrize("kind", KINDS)

MODE = codec_of(phone.PropertyId).build(phone.PropertyId(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY))
NO_SIDS = codec_of(engine.SidListBody).build(engine.SidListBody(()))


def mode_of(line: Line) -> int:
    return line.agent.phone.properties.get(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)


def in_backup(kind: str) -> Line:
    line = Line(kind)
    line.connect()
    attach(line)
    enter_backup(line, [SLOTS[0]])
    return line


def failures(line: Line) -> list[int]:
    """What owner slots failed with."""
    events = [codec_of(OwnerEvent).parse(e.body) for e in line.calls.events if e.topic == OWNER_TOPIC]
    return [event.value for event in events if event.kind == OwnerEventKind.FAILED]


class TestCallbacks:
    def test_the_host_may_ask_the_phone_in_their_course_but_not_the_engine(self, kind: str) -> None:
        line = in_backup(kind)
        nested: list[OpenCall] = []

        def answer(request: Request) -> bytes:
            if request.method is callbacks.CB_GET_BACKUP_DATA_SECTION:
                for method, body in ((phone.PROPERTY_GET, MODE), (engine.SID_STATUS, NO_SIDS)):
                    nested.append(line.calls.ask(method, body, deadline_ms=1000, parent=request))
                return codec_of(callbacks.Section).build(callbacks.Section(True, b"data"))
            return b""

        line.answer = answer
        assert request_active(line, SLOTS[0]).error is None
        line.until(lambda: all(call.finished for call in nested))
        assert nested[0].body == (0x104).to_bytes(4, "little")
        assert nested[1].error is not None
        assert nested[1].error.code == AgentFault.ENGINE_BUSY
        # And when it is over, the engine is free again.
        assert line.call(engine.SID_STATUS, NO_SIDS).error is None

    def test_a_callback_names_the_engine_call_in_whose_course_it_is_made(self, kind: str) -> None:
        line = in_backup(kind)
        parents: list[str] = []

        def answer(request: Request) -> bytes:
            assert request.parent is not None
            parents.append(request.parent.method.name)
            assert request.depth == 2
            return b"\x01"

        line.answer = answer
        request_active(line, SLOTS[0])
        assert set(parents) == {"request data"}

    def test_calls_nested_deeper_than_agreed_are_refused(self, kind: str) -> None:
        line = Line(kind)
        line.host.hello = line.host.hello._replace(depth=2)
        line.connect()
        attach(line)
        enter_backup(line, [SLOTS[0]])
        nested: list[OpenCall] = []

        def answer(request: Request) -> bytes:
            nested.append(line.calls.ask(phone.PROPERTY_GET, MODE, deadline_ms=1000, parent=request))
            return b"\x01"

        line.answer = answer
        request_active(line, SLOTS[0])
        line.until(lambda: nested[0].finished)
        assert nested[0].error is not None
        assert nested[0].error.code == AgentFault.TOO_DEEP

    def test_one_that_takes_too_long_leaves_with_timed_out_and_the_agent_stays_usable(self, kind: str) -> None:
        line = in_backup(kind)
        late: list[Request] = []

        def leaves_it_open(request: Request) -> None:
            late.append(request)

        line.answer = leaves_it_open
        began = line.now
        outcome = request_active(line, SLOTS[0])
        assert outcome.error == (ErrorDomain.SYMBIAN, KErrTimedOut)
        assert 150 <= line.now - began < 151
        assert failures(line) == [KErrTimedOut]
        assert late[0].cancelled
        # What is asked in the course of the lost callback is refused, and its answer is dropped.
        nested = line.calls.ask(phone.PROPERTY_GET, MODE, deadline_ms=1000, parent=late[0])
        line.until(lambda: nested.finished)
        assert nested.error is not None
        assert (nested.error.domain, nested.error.code) == (ErrorDomain.HOST, KErrAbort)
        line.calls.answer(late[0], b"")
        line.answer = sections_answer(b"second try")
        assert request_active(line, SLOTS[0]).error is None

    def test_the_phone_s_own_clock_counts_for_the_deadline(self, kind: str) -> None:
        line = in_backup(kind)
        advance = codec_of(emulator.Duration).build(emulator.Duration(150_000))

        def lets_time_pass(request: Request) -> None:
            line.calls.ask(emulator.EMULATOR_ADVANCE_CLOCK, advance, deadline_ms=1000, parent=request)

        line.answer = lets_time_pass
        began = line.now
        assert request_active(line, SLOTS[0]).error == (ErrorDomain.SYMBIAN, KErrTimedOut)
        assert line.now - began < 10

    def test_a_new_host_ends_those_of_the_old_one(self, kind: str) -> None:
        line = in_backup(kind)
        line.answer = lambda request: None
        call = line.calls.ask(engine.REQUEST_DATA, data_request(SLOTS[0]), deadline_ms=1000)
        asked: list[bool] = []

        def takes_over(data: bytes) -> bytes:
            if line.callbacks and not asked:
                asked.append(True)
                line.new_host(nonce=0x4321)
            return data

        line.spoil_to_host = takes_over
        line.until(lambda: bool(asked))
        line.connect()
        assert not call.answered
        # The engine is free, and nobody is attached any more.
        assert line.call(engine.SID_STATUS, NO_SIDS).error != (ErrorDomain.AGENT, AgentFault.ENGINE_BUSY)
        assert line.call(owners.OWNER_BUR_MODE_INFO, SLOTS[0].to_bytes(4, "little")).error == (
            ErrorDomain.AGENT,
            AgentFault.NOT_OFFERED,
        )


class TestSilence:
    def test_a_host_that_acknowledges_nothing_is_given_up_long_before_a_callback_runs_out(
        self, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line = in_backup(kind)
        perform, ended = line.agent._perform, list[float]()

        def timed(method: Any, body: tuple[Any, ...], upload: bytes) -> Any:
            served = perform(method, body, upload)
            ended.append(line.now)
            return served

        monkeypatch.setattr(line.agent, "_perform", timed)
        line.calls.ask(engine.REQUEST_DATA, data_request(SLOTS[0]), deadline_ms=1000)
        line.spoil_to_host = lambda data: b""
        began = line.now
        while not ended:
            line.step()
        assert 5 < ended[0] - began < 60

    def test_a_silent_host_loses_its_mode(self, kind: str) -> None:
        line = in_backup(kind)
        line.call(phone.LEASE, (20_000).to_bytes(4, "little"))
        assert mode_of(line) == 0x104
        line.is_mute = True
        line.settle(18)
        assert mode_of(line) == 0x104
        line.settle(3)
        assert mode_of(line) == 1

    def test_in_the_midst_of_a_callback_too(self, kind: str) -> None:
        line = in_backup(kind)
        line.call(phone.LEASE, (5000).to_bytes(4, "little"))
        line.calls.ask(engine.REQUEST_DATA, data_request(SLOTS[0]), deadline_ms=1000)

        def dies(request: Request) -> ErrorBody:
            line.is_mute = True
            return ErrorBody(ErrorDomain.SYMBIAN, -26, "")

        line.answer = dies
        line.settle(6)
        assert mode_of(line) == 1

    def test_callbacks_on_the_way_back_do_not_wait_for_it(self, kind: str) -> None:
        """After a restore the way back to normal calls RestoreComplete, which nobody will answer."""
        line = Line(kind)
        line.connect()
        attach(line)
        variant = codec_of(engine.Variant).build(engine.Variant(asynchronous=False))
        line.call(engine.LIST_DATA_OWNERS, variant)
        line.call(engine.SET_SID_LIST, codec_of(engine.SidListBody).build(engine.SidListBody((SLOTS[0],))))
        assert set_mode(line, TBURPartType.EBURRestorePartial, 0x100).error is None
        line.call(engine.ALL_SYSTEM_FILES_RESTORED, variant)
        line.call(phone.LEASE, (5000).to_bytes(4, "little"))
        line.is_mute = True
        line.settle(5.5)
        assert mode_of(line) == 1
        assert line.now < 1010

    def test_a_host_that_is_heard_keeps_it(self, kind: str) -> None:
        line = in_backup(kind)
        line.call(phone.LEASE, (1500).to_bytes(4, "little"))
        line.settle(20)
        assert mode_of(line) == 0x104

    @pytest.mark.parametrize("lease_ms", [0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
    def test_a_lease_may_be_as_long_as_its_field_can_say(self, kind: str, lease_ms: int) -> None:
        line = in_backup(kind)
        assert line.call(phone.LEASE, lease_ms.to_bytes(4, "little")).error is None
        line.is_mute = True
        line.settle(60)
        assert mode_of(line) == 0x104

    def test_a_lease_ends_with_its_session(self, kind: str) -> None:
        line = in_backup(kind)
        line.call(phone.LEASE, (1500).to_bytes(4, "little"))
        line.new_host(nonce=0x4321)
        line.connect()
        line.settle(3)  # the engine, left alone by the old host, ends
        attach(line)
        enter_backup(line, [SLOTS[0]])
        line.is_mute = True
        line.settle(20)
        assert mode_of(line) == 0x104


class TestStreams:
    def test_an_upload_that_is_given_up_is_answered_and_frees_the_engine(self, kind: str) -> None:
        line = in_backup(kind)
        supply = engine.DataSupply(False, finished=True, size=1, transfer_type=data_request(SLOTS[0])[3:])
        body = codec_of(engine.DataSupply).build(supply)
        call = line.calls.ask(engine.SUPPLY_DATA, body, deadline_ms=1000, upload=[b"x" * 1_000_000])
        for _ in range(5):
            line.step()
        line.calls.abandon(call)
        line.until(lambda: call.answered)
        assert call.error is not None
        assert call.error.domain == ErrorDomain.AGENT
        assert line.call(engine.SID_STATUS, NO_SIDS).error is None

    def test_a_download_stops_where_the_host_takes_no_more(self, kind: str) -> None:
        with connected(kind) as line:
            content = random.Random(3).randbytes(400_000)
            write = codec_of(files.FileWrite).build(files.FileWrite("C:\\big", 0, truncate=True))
            line.call(files.FILE_WRITE, write, upload=[content])
            read = codec_of(files.FileRead).build(files.FileRead("C:\\big", 0, len(content)))
            call = line.calls.ask(files.FILE_READ, read, deadline_ms=1000)
            line.settle(5)
            assert call.download is not None
            assert call.download.received == 128 * 1024
            # Meanwhile others get through.
            assert line.call(phone.PROPERTY_GET, MODE).error is None
            assert line.call(files.FILE_READ, read).data == content
            # And when the host takes it after all, it goes on where it stopped.
            assert not call.finished
            data = bytearray()
            line.until(lambda: line._take(call, data))
            assert data == content

    @pytest.mark.parametrize("profile", [UART, PHONE_SIZED], ids=lambda profile: profile.name)
    def test_no_more_is_on_the_way_than_was_agreed(self, kind: str, profile: LinkProfile) -> None:
        with connected(kind, profile) as line:
            line.agent.phone.files.install("C:\\big", bytes(100_000))
            read = codec_of(files.FileRead).build(files.FileRead("C:\\big", 0, 100_000))
            said = bytearray()
            line.spoil_to_host = lambda data: said.extend(data) or b""  # type: ignore[func-returns-value]
            line.calls.ask(files.FILE_READ, read, deadline_ms=1000)
            line.settle(10)
            frames = FrameDecoder(FULL_PAYLOAD).feed(bytes(said))
            numbers = {frame.header.sequence for frame in frames if frame.header.kind >= Kind.REQUEST}
            assert len(numbers) == profile.window

    def test_a_download_that_is_given_up_ends(self, kind: str) -> None:
        with connected(kind) as line:
            write = codec_of(files.FileWrite).build(files.FileWrite("C:\\big", 0, truncate=True))
            line.call(files.FILE_WRITE, write, upload=[bytes(400_000)])
            read = codec_of(files.FileRead).build(files.FileRead("C:\\big", 0, 400_000))
            for _ in range(40):
                call = line.calls.ask(files.FILE_READ, read, deadline_ms=1000)
                line.until(lambda call=call: call.answered)  # type: ignore[misc]
                line.calls.abandon(call)
            line.settle(1)
            assert line.call(files.FILE_READ, read).data == bytes(400_000)


class TestSessions:
    def test_other_definitions_are_refused_and_the_host_is_told_what_the_agent_is(self, kind: str) -> None:
        line = Line(kind)
        line.host = HostLink(line.host.hello._replace(fingerprint=0x1234))
        line.settle(1)
        assert line.host.state is LinkState.REFUSED
        assert "from message definitions 00001234" in line.host.lost_because
        assert line.agent.build in line.host.lost_because

    @pytest.mark.parametrize("beyond", [1, 2, 17])
    def test_who_acknowledges_what_was_never_sent_is_not_of_this_session(self, kind: str, beyond: int) -> None:
        host = RawHost(kind, answer=answer_callback, seed="")
        host.hello(1)
        host.run()
        host.put(host.header(Kind.ACK)._replace(acknowledge=beyond))
        host.put(host.header(Kind.PING, 0, 77))
        host.run()
        assert [said for said, _, _ in host.transcript()["unsequenced",]] == [Kind.HELLO_ACK, Kind.RESET]
        host.hello(2)
        host.put(host.header(Kind.PING, 0, 78))
        host.run()
        assert [said for said, _, _ in host.transcript()["unsequenced",]] == [Kind.HELLO_ACK, Kind.PONG]

    def test_the_engine_is_free_of_what_an_old_host_has_asked_last(self, kind: str) -> None:
        host = RawHost(kind, answer=answer_callback, seed="")
        host.hello(1)
        host.run()
        # Both come at once, so the request was not begun when it is void.
        host.message(Kind.REQUEST, 1, engine.SID_STATUS.number, bytes(4) + NO_SIDS)
        host.hello(2)
        host.run()
        host.message(Kind.REQUEST, 2, engine.SID_STATUS.number, bytes(4) + NO_SIDS)
        host.run()
        (answer,) = host.transcript()[Kind.ANSWER, 0, 2]
        assert AgentFault.ENGINE_BUSY not in answer, answer
        # And this one still waits for its data.
        supply = engine.DataSupply(False, finished=True, size=1, transfer_type=data_request(SLOTS[0])[3:])
        body = codec_of(engine.DataSupply).build(supply)
        host.message(Kind.REQUEST, 3, engine.SUPPLY_DATA.number, bytes(4) + body)
        host.run()
        host.hello(3)
        host.run()
        host.message(Kind.REQUEST, 4, engine.SID_STATUS.number, bytes(4) + NO_SIDS)
        host.run()
        (answer,) = host.transcript()[Kind.ANSWER, 0, 4]
        assert AgentFault.ENGINE_BUSY not in answer, answer

    def test_a_host_whose_agent_was_started_anew_learns_it_at_once(self, kind: str) -> None:
        line, other = Line(kind), Line(kind)
        line.connect()
        # The bytes of one host reach an agent that has never heard of it.
        call = line.calls.ask(phone.PROPERTY_GET, MODE, deadline_ms=1000)
        (data,) = line.host.outgoing(line.now)
        other.spoil_to_phone = lambda _: data
        heard = bytearray()
        other.spoil_to_host = lambda said: heard.extend(said) or b""  # type: ignore[func-returns-value]
        other.step()
        other.step()
        line.host.receive(bytes(heard), line.now)
        assert line.host.restarted
        assert not call.answered

    @pytest.mark.parametrize("escapes", ["host", "phone"])
    def test_a_line_that_keeps_xon_and_xoff_never_sees_them(self, kind: str, escapes: str) -> None:
        escaping = PHONE_SIZED._replace(escape_xonxoff=True)
        seen = bytearray()
        line = Line(kind, escaping if escapes == "host" else PHONE_SIZED, phone_profile=escaping)
        line.spoil_to_host = lambda data: seen.extend(data) or data  # type: ignore[func-returns-value]
        line.spoil_to_phone = lambda data: seen.extend(data) or data  # type: ignore[func-returns-value]
        line.connect()
        content = bytes(range(256)) * 40
        write = codec_of(files.FileWrite).build(files.FileWrite("C:\\x", 0, truncate=True))
        line.call(files.FILE_WRITE, write, upload=[content])
        read = codec_of(files.FileRead).build(files.FileRead("C:\\x", 0, len(content)))
        assert line.call(files.FILE_READ, read).data == content
        assert not {0x11, 0x13} & set(seen)

    def test_more_answers_than_fit_are_all_given(self, kind: str) -> None:
        """The host asks for far more than the agent can keep, and for a while acknowledges nothing."""
        with connected(kind, UART) as line:
            for number in range(100):
                path = f"C:\\many\\{number:03}-{'long' * 20}.txt"
                line.agent.phone.files.install(path, b"")
            listing = codec_of(files.FolderRequest).build(files.FolderRequest("C:\\many\\", 0))
            asked = [line.calls.ask(files.FOLDER_LIST, listing, deadline_ms=1000) for _ in range(12)]
            line.spoil_to_host = losing(random.Random(2), 0.3)
            line.until(lambda: all(call.finished for call in asked))
            assert not any(call.error for call in asked)
            assert len({call.body for call in asked}) == 1


def test_what_was_acknowledged_is_answered_however_much_it_is(kind: str) -> None:
    """Three hundred requests at once: what finds no room for its answer has to come again."""
    host = RawHost(kind, answer=answer_callback, seed="")
    host.hello(1)
    host.run()
    answered: set[int] = set()
    while len(answered) < 300:
        before = host.sequence = len(answered)
        for number in range(before, 300):
            host.message(Kind.REQUEST, number + 1, 0x7777, bytes(4))
        host.run()
        answered |= {key[2] for key in host.transcript() if key[0] == Kind.ANSWER}
        assert len(answered) > before


def test_a_long_request_comes_in_several_frames(kind: str) -> None:
    with connected(kind, UART) as line:
        sids = codec_of(engine.SidListBody).build(engine.SidListBody(tuple(SLOTS) * 200))
        assert len(sids) > 3000
        assert line.call(engine.SET_SID_LIST, sids).error is None
        assert KErrDisconnected == -36
