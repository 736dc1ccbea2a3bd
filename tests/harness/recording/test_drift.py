"""A recording said to the emulated handset: alike where it is, and every planted difference is listed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest

from harness.cli import main
from harness.emulated import EmulatedHandset
from harness.recording.comparing import fields_that_differ, holds_times
from harness.recording.drift import Drift, compare
from harness.recording.reading import Recording, read_recordings
from harness.recording.steps import Doing, Step
from tests.harness.recording import scenes
from tests.harness.recording.conftest import Recorded
from tests.harness.recording.scenes import SCENES
from wire.formats.serialised import PackageTransfer, SidTransfer, write_generic
from wire.layout import codec_of
from wire.protocol.messages import callbacks as cb
from wire.protocol.messages import engine
from wire.protocol.messages.files import FileStat
from wire.protocol.messages.method import ErrorBody, ErrorDomain, Method
from wire.protocol.messages.phone import PropertyChange
from wire.symbian import Drive, SecureId, TTransferDataType
from wire.symbian_errors import KErrGeneral


@pytest.fixture(scope="module")
def emulated() -> Iterator[EmulatedHandset]:
    with EmulatedHandset() as handset:
        yield handset


@pytest.fixture
def recording(recorded: Recorded) -> Recording:
    """A fresh one, that a test may change."""
    (made,) = read_recordings.__wrapped__(recorded.folder)
    return made


def drifts(recording: Recording, emulated: EmulatedHandset, scene: Callable[..., None]) -> list[Drift]:
    (found,) = compare(recording, emulated.open, scenes.test_of(scene))
    assert found.test == scenes.test_of(scene)
    return found.drifts


def step_of(recording: Recording, scene: Callable[..., None], method: Method, doing: Doing) -> Step:  # type: ignore[type-arg]
    (part,) = recording.tests[scenes.test_of(scene)]
    return next(s for s in part.steps if s.doing is doing and s.exchange and s.exchange.method is method)


def test_what_was_recorded_on_an_emulated_handset_is_alike(
    recording: Recording, emulated: EmulatedHandset
) -> None:
    found = list(compare(recording, emulated.open))
    assert [one.test for one in found] == list(SCENES)
    assert [one.drifts for one in found] == [[]] * len(SCENES)
    assert sum(one.compared for one in found) > 100


def test_another_answer_is_listed_with_its_frame(recording: Recording, emulated: EmulatedHandset) -> None:
    step = step_of(recording, scenes.there_and_back, engine.REQUEST_DATA, Doing.ASKS)
    assert step.exchange is not None
    answer = step.exchange.answer
    assert isinstance(answer, engine.RequestedData)
    step.exchange.answer = answer._replace(finished=False)
    (drift,) = drifts(recording, emulated, scenes.there_and_back)
    assert drift.number == step.number
    assert drift.asked.startswith("request data")
    assert (drift.phone, drift.emulated) == ("finished=False", "finished=True")


def test_another_error_is_listed(recording: Recording, emulated: EmulatedHandset) -> None:
    step = step_of(recording, scenes.owner_leaves, engine.REQUEST_DATA, Doing.ASKS)
    assert step.exchange is not None
    step.exchange.error = ErrorBody(ErrorDomain.SYMBIAN, KErrGeneral, "")
    (drift,) = drifts(recording, emulated, scenes.owner_leaves)
    assert "KErrGeneral" in drift.phone
    assert "KErrDiskFull" in drift.emulated
    step.exchange.error = None
    (drift,) = drifts(recording, emulated, scenes.owner_leaves)
    assert drift.phone == "it succeeded"


def test_other_arguments_of_a_callback_are_listed(recording: Recording, emulated: EmulatedHandset) -> None:
    method = cb.CB_GET_BACKUP_DATA_SECTION
    step = step_of(recording, scenes.there_and_back, method, Doing.ASKS)
    assert step.exchange is not None
    request = step.exchange.request
    assert isinstance(request, cb.GetSection)
    step.exchange.request = request._replace(size=1234)
    (drift,) = drifts(recording, emulated, scenes.there_and_back)
    assert drift.phone == "size=1234"
    assert drift.emulated == f"size={request.size}"


def test_callbacks_that_only_one_of_them_makes_are_listed(recording: Recording, emulated: EmulatedHandset) -> None:
    (part,) = recording.tests[scenes.test_of(scenes.there_and_back)]
    method = cb.CB_RESTORE_COMPLETE
    part.steps_read = [s for s in part.steps if not (s.exchange and s.exchange.method is method)]
    (drift,) = drifts(recording, emulated, scenes.there_and_back)
    assert (drift.asked, drift.phone) == ("RestoreComplete", "it did not ask")
    assert drift.emulated.startswith("it asks sid=0xE0F1B001 ")
    # And the other way round: a phone that asked a second time.
    step = step_of(recording, scenes.owner_leaves, cb.CB_GET_BACKUP_DATA_SECTION, Doing.ASKS)
    (part,) = recording.tests[scenes.test_of(scenes.owner_leaves)]
    part.steps_read = [*part.steps, dataclasses.replace(step)]
    (drift,) = drifts(recording, emulated, scenes.owner_leaves)
    assert (drift.number, drift.phone, drift.emulated) == (step.number, "it asked", "it does not ask")


def test_an_event_that_only_one_of_them_tells_is_listed(recording: Recording, emulated: EmulatedHandset) -> None:
    (part,) = recording.tests[scenes.test_of(scenes.events)]
    step = next(s for s in part.steps if s.doing is Doing.TELLS and s.topic == 1)
    step.body = codec_of(PropertyChange).build(PropertyChange(5, 0, 0x777))
    found = {(drift.phone, drift.emulated) for drift in drifts(recording, emulated, scenes.events)}
    assert ("status=KErrNone value=1911", "it is not told") in found


def test_the_command_lists_them_and_its_exit_code_says_so(
    recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["trace", "drift", str(recorded.folder), "--test", "test_files"]
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("1 tests, ")
    # The log server of a retail phone writes nothing, and its engine is another.
    arguments = ["trace", "drift", str(recorded.folder), "--profile", "retail"]
    assert main(arguments) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("test_scenes.py::test_")
    assert lines[1].startswith("  phone:    ")
    assert lines[2].startswith("  emulated: ")


def test_what_differs_between_any_two_phones_is_left_aside() -> None:
    assert fields_that_differ(FileStat(1, 2, 3), FileStat(1, 2, 4)) == []
    assert fields_that_differ(FileStat(1, 2, 3), FileStat(1, 5, 4)) == ["size"]
    assert fields_that_differ(FileStat(1, 2, 3), None) == ["all"]
    sid = SecureId(0xE0F1A001)
    assert holds_times(write_generic(SidTransfer(Drive(2), sid, TTransferDataType.EPassiveBaseData)))
    assert holds_times(write_generic(PackageTransfer(Drive(2), 5, 1)))
    assert not holds_times(write_generic(SidTransfer(Drive(2), sid, TTransferDataType.EActiveBaseData)))
    assert not holds_times(b"?")
