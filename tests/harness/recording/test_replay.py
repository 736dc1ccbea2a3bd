"""A recorded phone: the same tests end in the same way, sooner, and what has changed is pointed at."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from harness.capture import read_capture
from harness.errors import ConfigError, HandsetLost, HandsetRestarted, LinkClosed, LinkSilent
from harness.handset import Handset
from harness.lab.candidates import candidates_of
from harness.recording.differences import words_of
from harness.recording.reading import Recording, read_recordings
from harness.recording.replaying import RecordedAtHand
from harness.recording.steps import Doing, Step
from tests.harness.recording import scenes
from tests.harness.recording.conftest import Recorded
from tests.harness.recording.scenes import SCENES, play
from wire.layout import codec_of
from wire.protocol.messages import describe_messages
from wire.protocol.messages.phone import PROPERTY_SUBSCRIBE, PropertyChange, Subscription

THERE_AND_BACK = scenes.test_of(scenes.there_and_back)


@contextlib.contextmanager
def at_hand(recording: Recording, folder: Path) -> Iterator[RecordedAtHand]:
    recorded = RecordedAtHand(recording, folder)
    try:
        yield recorded
    finally:
        recorded.end()


def test_what_was_recorded_ended_as_it_should(recorded: Recorded) -> None:
    failed = {test: verdict for test, verdict in recorded.verdicts.items() if verdict != "passed"}
    assert failed == {scenes.test_of(scenes.fails): "Failed: on purpose"}


@pytest.mark.parametrize("backwards", [False, True])
def test_all_tests_end_as_they_did_whatever_their_order(
    recorded: Recorded, tmp_path: Path, backwards: bool
) -> None:
    tests = sorted(SCENES, reverse=backwards)
    with at_hand(recorded.recording, tmp_path) as phone:
        verdicts = {test: play(phone, tmp_path, test, SCENES[test]) for test in tests}
    assert verdicts == recorded.verdicts


def test_nothing_is_waited_for(recorded: Recorded, tmp_path: Path) -> None:
    """An owner that is never ready is asked for a second, which takes none; the journal has the second."""
    test = scenes.test_of(scenes.never_ready)
    with at_hand(recorded.recording, tmp_path) as phone:
        phone.open()
        began = time.process_time()
        assert play(phone, tmp_path, test, scenes.never_ready) == "passed"
        assert time.process_time() - began < 1.0
        handset = phone.open()
        times = [entry.time_s for entry in handset.journal.entries if entry.kind == "status"]
    assert 1.0 < times[-1] - times[0] < 1.5


def test_attempts_at_a_test_are_replayed_one_after_the_other(recorded: Recorded, tmp_path: Path) -> None:
    with at_hand(recorded.recording, tmp_path) as phone:
        for attempt in ("1", "2"):
            assert play(phone, tmp_path / attempt, THERE_AND_BACK, scenes.there_and_back) == "passed"


# ------------------------------------------------------------------------------------------- what differs


def verdict_of(recorded: Recorded, folder: Path, test: str, scene: scenes.Scene) -> str:
    with at_hand(recorded.recording, folder) as phone:
        return play(phone, folder, test, scene)


def test_another_request_is_pointed_at(recorded: Recorded, tmp_path: Path) -> None:
    def reads_first(handset: Handset) -> None:
        handset.files.exists("C:\\other.txt")
        scenes.files(handset)

    verdict = verdict_of(recorded, tmp_path, scenes.test_of(scenes.files), reads_first)
    lines = verdict.splitlines()
    assert lines[0].startswith("RecordingDiffers: test_scenes.py::test_files: something else is said than in")
    assert "wire.pcapng" in lines[0]
    assert lines[1].startswith("  expected: file write path=C:\\recorded.txt offset=0 truncate=True  (frame ")
    assert lines[2] == "  came:     file stat path=C:\\other.txt"
    assert lines[3].startswith("  last the same: folder list path=C:\\logs\\connect\\ start=0")
    assert "record anew" in lines[4]


def test_the_number_it_gives_is_that_of_the_frame(recorded: Recorded, tmp_path: Path) -> None:
    def lists_first(handset: Handset) -> None:
        handset.engine.list_data_owners()
        scenes.files(handset)

    verdict = verdict_of(recorded, tmp_path, scenes.test_of(scenes.files), lists_first)
    expected = re.search(r"recording (\S+)\n  expected: .*\(frame (\d+), at", verdict)
    assert expected is not None
    packets = list(read_capture(Path(expected[1])))
    assert scenes.FILE.encode() in packets[int(expected[2]) - 1].data


def test_other_data_is_pointed_at(recorded: Recorded, tmp_path: Path) -> None:
    other = scenes.SECRET[:-1] + b"!"
    verdict = verdict_of(recorded, tmp_path, scenes.test_of(scenes.files), partial(scenes.files, text=other))
    assert "expected: the end of what follows file write" in verdict
    assert f"came:     {len(other)} bytes instead of {len(other)}, the same up to byte {len(other) - 1}" in verdict


def test_another_answer_of_an_owner_is_pointed_at(recorded: Recorded, tmp_path: Path) -> None:
    other = scenes.SECRET[:-1] + b"!"
    scene = partial(scenes.there_and_back, text=other)
    verdict = verdict_of(recorded, tmp_path, THERE_AND_BACK, scene)
    assert "expected: answer to GetBackupDataSectionL: finished=True data=72 65" in verdict
    assert f"the same up to byte {len(other)}" in verdict  # of the answer, which has a flag before the data


def test_a_leave_in_another_place_is_pointed_at(recorded: Recorded, tmp_path: Path) -> None:
    test = scenes.test_of(scenes.owner_leaves)
    verdict = verdict_of(recorded, tmp_path, test, partial(scenes.owner_leaves, leave_at=0))
    assert "expected: answer to GetBackupDataSectionL: error domain=SYMBIAN code=-26" in verdict
    assert "came:     answer to GetBackupDataSectionL: finished=True" in verdict


def test_what_was_asked_in_a_callback_may_not_be_asked_elsewhere(recorded: Recorded, tmp_path: Path) -> None:
    test = scenes.test_of(scenes.asks_back)
    verdict = verdict_of(recorded, tmp_path, test, partial(scenes.asks_back, ask_before=True))
    assert verdict.startswith("RecordingDiffers")
    assert "expected: request data asynchronous=False" in verdict
    assert "came:     file stat path=C:\\recorded.txt" in verdict


def test_who_asks_less_than_was_asked_is_told(recorded: Recorded, tmp_path: Path) -> None:
    verdict = verdict_of(recorded, tmp_path, scenes.test_of(scenes.files), partial(scenes.files, again=0))
    assert verdict.startswith("passed; at its end RecordingDiffers: ")
    assert "expected: file read path=C:\\recorded.txt" in verdict
    # What the plugin asks after each test comes first.
    assert "came:     property get category=0x" in verdict or "came:     property get category=2704" in verdict


def test_who_asks_more_than_was_asked_is_told(recorded: Recorded, tmp_path: Path) -> None:
    verdict = verdict_of(recorded, tmp_path, scenes.test_of(scenes.files), partial(scenes.files, again=2))
    assert verdict.startswith("RecordingDiffers")
    assert "came:     file read path=C:\\recorded.txt" in verdict


def test_what_differs_cannot_be_swallowed(recorded: Recorded, tmp_path: Path) -> None:
    def swallows(handset: Handset) -> None:
        with pytest.raises(HandsetLost):
            handset.files.exists("C:\\other.txt")

    verdict = verdict_of(recorded, tmp_path, scenes.test_of(scenes.files), swallows)
    assert verdict.startswith("passed; at its end RecordingDiffers: ")
    assert "came:     file stat path=C:\\other.txt" in verdict


def test_after_a_test_that_differs_the_next_goes_on(recorded: Recorded, tmp_path: Path) -> None:
    with at_hand(recorded.recording, tmp_path) as phone:
        for attempt, scene in (("1", scenes.owner_leaves), ("2", scenes.there_and_back)):
            verdict = play(phone, tmp_path / attempt, THERE_AND_BACK, scene)
    assert verdict == "passed"


def test_a_test_that_was_left_by_a_failure_says_only_how_it_failed(recorded: Recorded, tmp_path: Path) -> None:
    def gives_up(handset: Handset) -> None:
        pytest.fail("something else")

    assert verdict_of(recorded, tmp_path, THERE_AND_BACK, gives_up) == "Failed: something else"


def test_a_session_that_the_recording_does_not_have(recorded: Recorded, tmp_path: Path) -> None:
    def begins_anew(handset: Handset) -> None:
        handset.reconnect()

    verdict = verdict_of(recorded, tmp_path, THERE_AND_BACK, begins_anew)
    assert "expected: owner attach sid=0xE0F1B001" in verdict
    assert "came:     a new session is begun" in verdict


def test_what_is_told_after_an_answer_finds_who_waited_for_the_answer(recorded: Recorded, tmp_path: Path) -> None:
    """An event in the moment after a subscription was answered: who subscribed has to hear it."""
    one = recorded.recording
    test = scenes.test_of(scenes.files)
    (part,) = one.tests[test]
    steps = list(part.steps)
    place, answer = next(
        (index, step)
        for index, step in enumerate(steps, 1)
        if step.doing is Doing.ANSWERS and step.exchange and step.exchange.method is PROPERTY_SUBSCRIBE
    )
    topic = codec_of(Subscription).parse(answer.body).topic
    event = codec_of(PropertyChange).build(PropertyChange(5, 0, 0x104))
    steps.insert(place, Step(answer.number, answer.time_s, False, Doing.TELLS, body=event, topic=topic))
    told = Recording(one.path, one.handset, [one.opening, dataclasses.replace(part, steps_read=steps)], {})

    def hears(handset: Handset) -> None:
        assert [change.value for change in handset.mode_changes.changes] == [0x104]
        scenes.files(handset)

    with at_hand(told, tmp_path) as phone:
        assert play(phone, tmp_path, test, hears) == "passed"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("port: nothing was heard for 4 s, 3 pings stayed without an answer", LinkSilent),
        ("port: the agent does not know the session any more: it was started anew", HandsetRestarted),
        ("the line port is gone: the other end closed it", LinkClosed),
    ],
)
def test_a_phone_is_lost_as_it_was_lost(
    recorded: Recorded, tmp_path: Path, words: str, kind: type[HandsetLost]
) -> None:
    one = recorded.recording
    test = scenes.test_of(scenes.is_lost)
    (part,) = one.tests[test]
    steps = [dataclasses.replace(s, words=words) if s.doing is Doing.LOSES else s for s in part.steps]
    lost = Recording(one.path, one.handset, [one.opening, dataclasses.replace(part, steps_read=steps)], {})

    def loses(handset: Handset) -> None:
        with pytest.raises(kind) as failure:
            [handset.files.exists(scenes.FILE) for _ in range(1000)]
        assert type(failure.value) is kind
        assert handset.reconnect().properties.mode().is_normal

    with at_hand(lost, tmp_path) as phone:
        assert play(phone, tmp_path, test, loses) == "passed"


# ---------------------------------------------------------------------------------------------- reading


def test_evidence_of_a_failure_is_no_part_of_a_test(recorded: Recorded) -> None:
    """So that a test which does not fail any more has asked all that it should."""
    (part,) = recorded.recording.tests[scenes.test_of(scenes.fails)]
    said = [words_of(step) for step in part.steps if step.doing is Doing.ASKS]
    assert not any("securebackup.txt" in words and "stat" in words for words in said[:-4])
    assert any(b"securebackup.txt" in packet.data for _, packet in part.packets)
    assert any(packet.comment.startswith("evidence of a failed test") for _, packet in part.packets)


def test_a_failure_that_is_mended_passes(recorded: Recorded, tmp_path: Path) -> None:
    def does_not_fail(handset: Handset) -> None:
        assert handset.properties.mode().is_normal

    assert verdict_of(recorded, tmp_path, scenes.test_of(scenes.fails), does_not_fail) == "passed"


def test_what_was_recorded_under_which_conditions_is_known(recorded: Recorded) -> None:
    assert recorded.recording.allow_restore
    assert recorded.recording.collect_logs
    assert recorded.recording.handset == "emulated"


def test_messages_that_were_defined_anew_since(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the recording uses cannot be compared; those that it does not use are nobody's business."""
    (one,) = read_recordings(recorded.folder)
    monkeypatch.setattr("harness.recording.reading.fingerprint", lambda: 0x12345678)
    parts = [part for parts in one.tests.values() for part in parts] + [one.opening]

    def replayable(then: list[str] | None) -> Recording:
        about = {} if then is None else {"recording": 1, "definitions": then}
        return Recording(one.path, one.handset, parts, about)

    with pytest.raises(ConfigError, match="and does not say which"):
        replayable(None)
    now = describe_messages()
    assert replayable([line.replace("install package", "install app") for line in now]).tests == one.tests
    with pytest.raises(ConfigError, match=r"with other definitions of file write, which it uses"):
        replayable([line.replace("truncate:", "shorten:") for line in now])
    with pytest.raises(ConfigError, match=r"with other definitions of StreamEnd, which it uses"):
        replayable([line.replace("StreamEnd{length:u64", "StreamEnd{length:u32") for line in now])


def test_a_capture_without_the_beginning_of_a_session_is_told(recorded: Recorded) -> None:
    capture = recorded.folder / "test_files" / "wire.pcapng"
    with pytest.raises(ConfigError, match="does not hold the beginning of a session with emulated"):
        read_recordings(capture)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no recording"):
        read_recordings(tmp_path / "none.pcapng.gz")


# ------------------------------------------------------------------------------------------- with pytest


SUITE = """
from harness.data_owner import DataOwner
from wire.symbian import Drive, TTransferDataType

class Owner(DataOwner):
    def get_backup_data_section(self, size):
        return b"remember the milk", True

def test_saved(data_owner, backup_run):
    slot = data_owner(Owner())
    with backup_run(partial=[slot.sid]) as run:
        run.wait_ready(slot.sid)
        assert list(run.sections(slot.sid, Drive.parse("C"), TTransferDataType.EActiveBaseData))

def test_wrong(handset):
    assert not handset.properties.mode().is_normal

def test_slow(handset):
    handset.connection.wait_until(lambda: False, 1.5)
"""
LAB = "handsets:\n  - {name: n8, allow_restore: true, links: [emulator: public-suite]}\n"


def outcomes(folder: Path) -> dict[str, str]:
    found = json.loads((folder / "results.json").read_text())["verdicts"]
    return {verdict["test"]: verdict["outcome"] for verdict in found}


def span_s(folder: Path) -> float:
    return float(json.loads((folder / "results.json").read_text())["span_s"])


def test_a_lab_run_is_recorded_and_replayed_by_pytest(pytester: pytest.Pytester) -> None:
    """The recorded run waits for a while; its replay has no reason to."""
    suite = pytester.makepyfile(SUITE)
    pytester.makefile(".yaml", lab=LAB)
    result = pytester.runpytest_subprocess(
        "--hil-backend=lab", "--hil-config=lab.yaml", "--hil-device=n8", "--hil-artifacts=out"
    )
    result.assert_outcomes(passed=2, failed=1)
    replay = ("--hil-backend=replay", "--hil-recording=out")
    result = pytester.runpytest_subprocess(*replay, "--hil-artifacts=again")
    result.assert_outcomes(passed=2, failed=1)
    out, again = pytester.path / "out", pytester.path / "again"
    assert outcomes(again) == outcomes(out)
    assert span_s(again) < span_s(out)
    # Another message, another test, and one whose file has another name.
    suite.write_text(SUITE.replace("milk", "silk") + "\ndef test_new(handset): pass\n")
    result = pytester.runpytest_subprocess(*replay, "-rs")
    result.assert_outcomes(passed=1, failed=2, skipped=1)
    output = result.stdout.str()
    assert "::test_saved: something else is said than in the recording" in output
    assert "expected: answer to GetBackupDataSectionL: finished=True data=72 65 6d" in output
    assert "has no test test_a_lab_run_is_recorded_and_replayed_by_pytest.py::test_new, but " in output
    assert "2 x product" in output


TWO_PHONES = """
import pytest

@pytest.mark.handset(tags=["writable"])
def test_written(handset):
    handset.files.write("C:\\\\x.txt", b"x")

def test_not_allowed(handset):
    handset.files.write("C:\\\\x.txt", b"x")
"""
TWO = """
handsets:
  - {name: n8, allow_restore: true, tags: [writable], links: [emulator: public-suite]}
  - {name: e71, links: [emulator: retail]}
"""


def test_two_handsets_are_two_recordings(pytester: pytest.Pytester) -> None:
    """Each with its own tests, and with what was allowed there."""
    pytester.makepyfile(TWO_PHONES)
    pytester.makefile(".yaml", lab=TWO)
    recorded = ("--hil-backend=lab", "--hil-config=lab.yaml", "--hil-device=n8,e71", "--hil-artifacts=out")
    pytester.runpytest_subprocess("--hil-all", *recorded).assert_outcomes(passed=2, skipped=1)
    result = pytester.runpytest_subprocess("--hil-all", "--hil-backend=replay", "--hil-recording=out", "-rs")
    result.assert_outcomes(passed=2, skipped=1)
    assert "nothing is written to e71" in result.stdout.str()
    assert {(one.handset, one.allow_restore) for one in read_recordings(pytester.path / "out")} == {
        ("n8", True),
        ("e71", False),
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--hil-backend=replay"], "--hil-backend replay and --hil-recording FILE belong together"),
        (["--hil-recording=out"], "--hil-backend replay and --hil-recording FILE belong together"),
        (
            ["--hil-backend=replay", "--hil-recording={run}", "--hil-device=n95"],
            "was not recorded with n95, but with",
        ),
    ],
)
def test_options_that_do_not_fit_a_replay_are_told(
    recorded: Recorded, pytester: pytest.Pytester, options: list[str], message: str
) -> None:
    config = pytester.parseconfig(*(option.format(run=recorded.folder) for option in options))
    with pytest.raises(ConfigError, match=re.escape(message)):
        candidates_of(config)
