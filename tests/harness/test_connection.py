"""One session with one phone: calls from several threads, callbacks, and a phone that goes away."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from device_agent.emulator.operations.reply import Reply
from harness.connection import Connection
from harness.data_owner import DataOwner
from harness.errors import (
    CallTimeout,
    EngineError,
    HandsetLost,
    HandsetRestarted,
    LabUnavailable,
    LinkClosed,
    LinkSilent,
    Misuse,
    StaleAgent,
)
from harness.transport.base import FdTransport
from tests.phone_in_thread import PhoneInThread, phone_in_thread
from wire.layout import EMPTY
from wire.protocol.handshake import LOCAL, make_hello
from wire.protocol.messages import emulator, engine, files, fingerprint, phone
from wire.protocol.messages.method import Method
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, Drive, TTransferDataType

MODE = phone.PropertyId(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)


@pytest.fixture
def the_phone() -> Iterator[PhoneInThread]:
    with phone_in_thread() as it:
        yield it


@pytest.fixture
def connection(the_phone: PhoneInThread) -> Iterator[Connection]:
    connection = the_phone.connection()
    yield connection
    connection.close()


def test_a_call_is_answered(connection: Connection) -> None:
    assert connection.call(phone.PROPERTY_GET, MODE).value == 0
    assert connection.phone.product == "Emulated S60 handset"


def test_an_error_names_the_call_and_the_code(connection: Connection) -> None:
    with pytest.raises(EngineError) as caught:
        connection.call(phone.PROPERTY_GET, phone.PropertyId(1, 2), describe="property 0x1/0x2")
    assert caught.value.code == -1
    assert "property 0x1/0x2 answered -1 (KErrNotFound" in str(caught.value)


def test_a_value_that_does_not_fit_is_misuse_and_nothing_is_sent(connection: Connection) -> None:
    before = connection.counters.frames_sent
    with pytest.raises(Misuse, match="PropertyId"):
        connection.call(phone.PROPERTY_GET, phone.PropertyId(-1, 2))
    assert connection.counters.frames_sent == before


def test_calls_of_many_threads_do_not_mix(connection: Connection) -> None:
    failures: list[object] = []

    def ask(number: int) -> None:
        assignment = phone.PropertyAssignment(0x20000000 + number, 1, number)
        connection.call(emulator.EMULATOR_SET_PROPERTY, assignment)
        for _ in range(30):
            value = connection.call(phone.PROPERTY_GET, phone.PropertyId(0x20000000 + number, 1)).value
            if value != number:
                failures.append((number, value))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_engine_calls_of_several_threads_wait_for_their_turn(connection: Connection) -> None:
    errors: list[BaseException] = []

    def list_owners() -> None:
        try:
            with connection.download(engine.LIST_DATA_OWNERS, engine.Variant(asynchronous=False)) as (_, pieces):
                assert b"".join(pieces)
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=list_owners) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_a_download_that_is_not_wanted_to_its_end_does_no_harm(connection: Connection) -> None:
    path = "C:\\large.bin"
    connection.call(
        files.FILE_WRITE, files.FileWrite(path, 0, truncate=True), upload=[bytes(1 << 20) for _ in range(2)]
    )
    with connection.download(files.FILE_READ, files.FileRead(path, 0, 2 << 20)) as (part, pieces):
        assert part.file_size == 2 << 20
        next(pieces)
    with connection.download(files.FILE_READ, files.FileRead(path, 0, 2 << 20)) as (_, pieces):
        assert sum(map(len, pieces)) == 2 << 20


def test_events_reach_a_thread_that_only_waits(connection: Connection) -> None:
    topic = connection.call(phone.PROPERTY_SUBSCRIBE, MODE).topic
    seen: list[bytes] = []
    connection.listen(topic, lambda event: seen.append(event.body))
    connection.call(engine.ENGINE_CONNECT, EMPTY)
    connection.call(engine.SET_BUR_MODE, engine.ModeChange(False, bytes(26), 1, 0))
    assert connection.wait_until(lambda: bool(seen), 5)


def test_events_arrive_while_nobody_waits(connection: Connection) -> None:
    topic = connection.call(phone.PROPERTY_SUBSCRIBE, MODE).topic
    arrived = threading.Event()
    connection.listen(topic, lambda event: arrived.set())
    connection.call(engine.SET_BUR_MODE, engine.ModeChange(False, bytes(26), 1, 0))
    assert arrived.wait(5)


def test_waiting_for_what_does_not_come_ends(connection: Connection) -> None:
    assert not connection.wait_until(lambda: False, 0.05)


class TestHandshake:
    def test_a_phone_that_says_nothing(self) -> None:
        import socket

        ours, theirs = socket.socketpair()
        with theirs, pytest.raises(LabUnavailable, match=r"no agent answered .* nothing came at all"):
            open_on(ours.detach())

    def test_something_else_on_the_port(self) -> None:
        import socket

        ours, theirs = socket.socketpair()
        theirs.send(b"~ATE0\r\nOK\r\nand some more text that is no frame at all~")
        with theirs, pytest.raises(LabUnavailable, match="what came instead"):
            open_on(ours.detach())

    def test_an_agent_of_other_definitions_is_refused_by_a_sentence_that_names_both(self) -> None:
        with phone_in_thread(link_fingerprint=0x1234) as old, pytest.raises(StaleAgent) as caught:
            old.connection()
        assert "the harness (harness) was built from message definitions" in str(caught.value)
        assert "the agent (symhil-emulated-agent" in str(caught.value)
        assert "00001234" in str(caught.value)


def open_on(fd: int) -> Connection:
    hello = make_hello(LOCAL, fingerprint=fingerprint(), build="harness", product="PC", nonce=5)
    return Connection(FdTransport(fd, "test line", LOCAL), hello, handshake_timeout_s=0.2)


class TestLoss:
    def test_a_phone_that_vanishes_is_reported_at_once(self, the_phone: PhoneInThread) -> None:
        connection = the_phone.connection()
        the_phone.vanish()
        with pytest.raises(LinkClosed, match="phone-in-thread"):
            connection.call(phone.PROPERTY_GET, MODE)
        assert connection.is_lost
        with pytest.raises(HandsetLost):
            connection.call(phone.PROPERTY_GET, MODE)
        connection.close()

    def test_every_waiting_thread_hears_of_it(self, the_phone: PhoneInThread) -> None:
        connection = the_phone.connection()
        caught: list[BaseException] = []

        def wait() -> None:
            try:
                connection.wait_until(lambda: False, 60)
            except HandsetLost as error:
                caught.append(error)

        threads = [threading.Thread(target=wait) for _ in range(3)]
        for thread in threads:
            thread.start()
        the_phone.vanish()
        for thread in threads:
            thread.join()
        assert len(caught) == 3
        connection.close()

    def test_a_phone_that_falls_silent_is_given_up_after_a_few_pings(self, the_phone: PhoneInThread) -> None:
        """The transport swallows everything, and says at once that the time has passed."""
        connection = the_phone.connection()
        now = [connection.clock()]
        connection.clock = lambda: now[0]

        def silence(outgoing: Iterable[bytes], timeout_s: float) -> bytes:
            now[0] += timeout_s
            return b""

        connection.transport.exchange = silence  # type: ignore[method-assign]
        before = now[0]
        with pytest.raises(LinkSilent, match="nothing was heard for 4 s"):
            connection.wait_until(lambda: False, 3600)
        assert now[0] - before < 5
        connection.close()

    def test_an_agent_that_was_started_anew_is_told_from_one_that_is_silent(
        self, the_phone: PhoneInThread
    ) -> None:
        connection = the_phone.connection()
        agreement = the_phone.agent.link.agreement
        # What a new agent knows of the old one's session: nothing.
        the_phone.agent.link.agreement = agreement._replace(session=agreement.session ^ 1)
        with pytest.raises(HandsetRestarted, match="was started anew"):
            connection.call(phone.PROPERTY_GET, MODE)
        connection.close()

    def test_closing_from_another_thread_wakes_whoever_waits(self, connection: Connection) -> None:
        started = threading.Event()
        caught: list[BaseException] = []

        def wait() -> None:
            started.set()
            try:
                connection.wait_until(lambda: False, 60)
            except HandsetLost as error:
                caught.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        started.wait()
        connection.close()
        thread.join()
        assert caught


def test_a_call_that_is_not_answered_ends_at_its_deadline(the_phone: PhoneInThread) -> None:
    """The agent goes on answering pings, but this one method never."""
    connection = the_phone.connection()
    operations = the_phone.agent._operations
    operations._handlers[phone.PROPERTY_GET.number] = lambda body, upload: wait_for_ever(the_phone)
    try:
        with pytest.raises(CallTimeout, match=r"property get was not answered within 0\.2 s"):
            connection.call(phone.PROPERTY_GET, MODE, timeout_s=0.2)
        assert not connection.is_lost
    finally:
        connection.close()


def wait_for_ever(the_phone: PhoneInThread) -> Reply:
    the_phone.agent.phone.scheduler.wait(lambda: the_phone.agent._port.parent_gone, for_host=True)
    return Reply(EMPTY)


def test_data_that_moves_puts_the_deadline_off(the_phone: PhoneInThread) -> None:
    """A time limit is for a call that makes no progress; how long a large file takes is not known before."""
    late_s = 0.0

    def pieces() -> Iterator[bytes]:
        nonlocal late_s
        for _ in range(40):
            late_s += 0.5
            yield bytes(1 << 18)  # more than may be on its way, so that the next one waits

    hello = make_hello(LOCAL, fingerprint=fingerprint(), build="harness", product="PC", nonce=99)
    connection = Connection(the_phone.transport(), hello, clock=lambda: time.monotonic() + late_s)
    with contextlib.closing(connection):
        write = files.FileWrite("C:\\x", 0, truncate=True)
        assert connection.call(files.FILE_WRITE, write, upload=pieces(), timeout_s=5).size == 40 << 18
    assert late_s == 20


def test_a_request_that_nobody_serves_is_refused(the_phone: PhoneInThread) -> None:
    """The phone asks for a callback of a slot to which nobody is attached."""
    handset = the_phone.handset()
    owner = DataOwner()
    with handset.attach(owner) as slot:
        handset.slots.forget_all()
        with handset.backup(partial=[slot.sid]) as run:
            run.wait_ready(slot.sid)
            with pytest.raises(EngineError) as caught:
                run.request(slot.sid, Drive.parse("C"), TTransferDataType.EActiveBaseData)
        assert caught.value.code == -5
    handset.close()


def test_every_method_of_the_table_is_served_or_refused_in_words(connection: Connection) -> None:
    """No request, however odd, may end the session."""
    from wire.protocol.messages import METHODS
    from wire.protocol.messages.method import Asker

    assert isinstance(phone.PHONE_INFO, Method)
    for method in METHODS.values():
        if method.asker is Asker.HOST and method is not emulator.EMULATOR_RESET:
            call = connection._calls.ask(
                method, b"\xff" * 7, deadline_ms=1000, upload=[b""] if method.upload else None
            )
            connection.wait_until(lambda call=call: call.finished, 5)  # type: ignore[misc]
            assert call.answered
    assert connection.call(phone.PROPERTY_GET, MODE).value == 0
