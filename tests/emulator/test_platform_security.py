"""Platform security as a host meets it through the agent (BE 2, 3), and owners that misbehave, in one line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.errors import EngineError, HilError
from harness.handset import Handset
from tests.phone_in_thread import phone_in_thread
from wire.symbian import BACKUP_RESTORE_KEY, SYSTEM_CATEGORY, Drive, SecureId, TDataOwnerStatus, TTransferDataType

TUTORIAL = SecureId(0xE0F1A001)
C = Drive.parse("C")


@pytest.fixture
def handset() -> Iterator[Handset]:
    with phone_in_thread() as phone, phone.handset() as handset:
        yield handset


@pytest.mark.rule("3/set-policy", "3/set-undefined")
@pytest.mark.parametrize(("undefined", "code"), [("no", -46), ("yes", -1)])
def test_the_property_cannot_be_written_by_an_agent(handset: Handset, undefined: str, code: int) -> None:
    handset.emulator.reset(f"faults: {{property_undefined: {undefined}}}")
    with pytest.raises(HilError, match=str(code)):
        handset.properties.set(SYSTEM_CATEGORY, BACKUP_RESTORE_KEY, 0x102)


@pytest.mark.rule("2/host-capabilities")
@pytest.mark.parametrize("there", ["ReadDeviceData", "WriteDeviceData", "AllFiles"])
def test_a_controller_without_capabilities_is_refused(handset: Handset, there: str) -> None:
    handset.emulator.reset(f"capabilities: [{there}]")
    with pytest.raises(EngineError) as caught:
        handset.engine.list_data_owners()
    assert caught.value.code == -46


def test_a_misbehaving_owner_in_one_line_of_a_test(handset: Handset) -> None:
    handset.emulator.reset("owners: [{on_board: tutorial, misbehaviour: {how: dies, in: GetBackupDataSectionL}}]")
    with handset.backup(partial=[TUTORIAL]) as run:
        run.wait_ready(TUTORIAL)
        with pytest.raises(EngineError) as caught:
            run.request(TUTORIAL, C, TTransferDataType.EActiveBaseData)
        assert caught.value.code == -18
        assert run.engine.status([TUTORIAL])[TUTORIAL] == TDataOwnerStatus.EDataOwnerReady


def test_an_owner_that_hangs_takes_no_time_of_ours(handset: Handset) -> None:
    handset.emulator.reset("owners: [{on_board: tutorial, misbehaviour: {how: hangs, in: GetBackupDataSectionL}}]")
    with handset.backup(partial=[TUTORIAL]) as run:
        run.wait_ready(TUTORIAL)
        with pytest.raises(EngineError) as caught:
            run.request(TUTORIAL, C, TTransferDataType.EActiveBaseData)
        assert caught.value.code == -33
