"""What every agent on a phone has to do, as tests to inherit. They see it through its line only."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import pytest

from harness.data_owner import DataOwner
from harness.errors import AgentRefused, EngineError
from harness.handset import Handset
from harness.transport.base import Transport
from harness.transport.spoiled import SpoiledTransport
from wire.fault_plan import parse_plan
from wire.formats.container import unpack_sections
from wire.layout import EMPTY, U8, Empty
from wire.protocol.handshake import make_hello
from wire.protocol.host_link import HostLink
from wire.protocol.link import LinkState
from wire.protocol.messages import fingerprint
from wire.protocol.messages.method import AgentFault, Method
from wire.protocol.messages.phone import PHONE_INFO, PhoneFeatures
from wire.symbian import Drive, TBURPartType, TTransferDataType
from wire.symbian_errors import KErrNotFound, Leave

OpenLine = Callable[[], Transport]

_CONTENT: Final = random.Random(1).randbytes(30_000)
_NOBODY_KNOWS: Final = Method(0x7FFE, "an unknown operation", Empty, Empty)


class _Nothing(NamedTuple):
    unexpected: U8


_WRONG_BODY: Final = Method(PHONE_INFO.number, "phone info", _Nothing, PHONE_INFO.answer)


class _Owner(DataOwner):
    """Has some data, and may leave when it is asked for it."""

    def __init__(self, leave: Leave | None = None) -> None:
        super().__init__()
        self._left = _CONTENT
        self._leave = leave
        self.handset: Handset | None = None
        self.modes: list[int] = []

    def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
        if self._leave is not None:
            raise self._leave
        if self.handset is not None:
            self.modes.append(self.handset.properties.mode().part)
        piece, self._left = self._left[:size], self._left[size:]
        return piece, not self._left


class AgentContract:
    """Inherit it, call the class `Test...`, and give it a fixture `open_line`.

    Each call of `open_line` gives a new line to the same running agent, whose phone is in normal mode. Nothing
    is restored or deleted; backups of the agent's own owner slots are made where the agent offers them.
    """

    @pytest.fixture
    def open_line(self) -> OpenLine:
        """Has to be given."""
        raise NotImplementedError

    @pytest.fixture
    def with_slots(self, open_line: OpenLine) -> OpenLine:
        """Lines to an agent that can change the mode and has owner slots; other agents skip the test."""
        with Handset.open(open_line()) as handset:
            needed = PhoneFeatures.CONTROLLER | PhoneFeatures.OWNER_SLOTS
            if handset.info.features & needed != needed:
                pytest.skip("this agent has no owner slots, or may not change the mode")
        return open_line

    def test_it_says_who_it_is(self, open_line: OpenLine) -> None:
        with Handset.open(open_line()) as handset:
            assert handset.connection.phone.build
            assert handset.info.model
            assert handset.info.drives

    def test_it_refuses_other_definitions_of_the_messages(self, open_line: OpenLine) -> None:
        transport = open_line()
        hello = make_hello(
            transport.profile, fingerprint=fingerprint() ^ 1, build="other harness", product="PC", nonce=1
        )
        link = HostLink(hello)
        for step in range(50):
            link.receive(transport.exchange(link.outgoing(step * 0.1), 0.1), step * 0.1)
            if link.state is not LinkState.CONNECTING:
                break
        transport.close()
        assert link.state is LinkState.REFUSED
        with Handset.open(open_line()) as handset:
            assert handset.info.model

    def test_noise_before_the_handshake_does_no_harm(self, open_line: OpenLine) -> None:
        transport = open_line()
        transport.exchange([random.Random(2).randbytes(5000)], 0.0)
        with Handset.open(transport) as handset:
            assert handset.info.model

    def test_a_bad_line_is_repaired(self, open_line: OpenLine) -> None:
        transport = SpoiledTransport(open_line(), parse_plan("flip=2e-5,lose=5e-5,repeat=5e-5,seed=5"))
        with Handset.open(transport) as handset:
            before = handset.info._replace(uptime_ms=0, home_time_us=0)
            for _ in range(100):
                again = handset.connection.call(PHONE_INFO, EMPTY)
                assert again._replace(uptime_ms=0, home_time_us=0) == before
        assert transport.hurt

    def test_calls_from_several_threads(self, open_line: OpenLine) -> None:
        with Handset.open(open_line()) as handset, ThreadPoolExecutor(4) as threads:
            modes = threads.map(lambda _: handset.properties.mode(), range(40))
            assert all(mode.is_normal for mode in modes)

    def test_what_it_does_not_know_is_refused_and_it_goes_on(self, open_line: OpenLine) -> None:
        with Handset.open(open_line()) as handset:
            with pytest.raises(AgentRefused) as caught:
                handset.connection.call(_NOBODY_KNOWS, EMPTY)
            assert AgentFault.UNKNOWN_METHOD.name in str(caught.value)
            with pytest.raises(AgentRefused) as caught:
                handset.connection.call(_WRONG_BODY, _Nothing(7))
            assert AgentFault.BAD_BODY.name in str(caught.value)
            assert handset.properties.mode().is_normal

    def test_an_error_of_the_phone_keeps_its_code(self, open_line: OpenLine) -> None:
        with Handset.open(open_line()) as handset, pytest.raises(EngineError) as caught:
            handset.properties.get(0x12345678, 0x12345678)
        assert caught.value.code == KErrNotFound

    def test_callbacks_reach_the_host_and_answers_the_engine(self, with_slots: OpenLine) -> None:
        with Handset.open(with_slots()) as handset:
            owner = _Owner()
            owner.handset = handset
            assert _backed_up(handset, owner).endswith(_CONTENT)
            # And the host asks the phone in the midst of them.
            assert set(owner.modes) == {TBURPartType.EBURBackupPartial}
            assert handset.properties.mode().is_normal

    def test_a_leave_of_the_host_is_the_answer(self, with_slots: OpenLine) -> None:
        with Handset.open(with_slots()) as handset:
            with pytest.raises(EngineError) as caught:
                _backed_up(handset, _Owner(Leave(-26)))
            assert caught.value.code == -26
            assert handset.properties.mode().is_normal

    def test_callbacks_over_a_bad_line_are_made_once(self, with_slots: OpenLine) -> None:
        transport = SpoiledTransport(with_slots(), parse_plan("flip=1e-5,repeat=2e-5,cut=1e-3,seed=9"))
        with Handset.open(transport) as handset:
            owner = _Owner()
            assert _backed_up(handset, owner).endswith(_CONTENT)

    def test_a_host_that_goes_leaves_no_mode_behind(self, with_slots: OpenLine) -> None:
        handset = Handset.open(with_slots())
        with handset.attach(_Owner()) as slot:
            run = handset.backup(partial=[slot.sid])
            run.__enter__()
            handset.connection.close()
        with Handset.open(with_slots()) as again:
            again.recover()
            assert again.properties.mode().is_normal
            assert _backed_up(again, _Owner()).endswith(_CONTENT)


def _backed_up(handset: Handset, owner: DataOwner) -> bytes:
    drive = Drive.parse("C")
    with handset.attach(owner) as slot, handset.backup(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        return b"".join(unpack_sections(run.request(slot.sid, drive, TTransferDataType.EActiveBaseData)))
