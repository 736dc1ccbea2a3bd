"""Records -> facts of runs (Log format 10, 12)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.log import facts
from harness.log.facts import Calls, DataPart, FileSent, RunEnd, RunFacts
from harness.log.reading import with_times
from harness.log.report import summary
from harness.log.runs import RunReader, read_runs
from tests.thorough import thoroughly, unhurried
from wire.formats.log_level import LogLevel
from wire.formats.log_line import format_line
from wire.formats.log_reader import read_records
from wire.formats.log_stamp import StampResolver
from wire.symbian import AbCallback, BurMode, Drive, SecureId, TTransferDataType

if TYPE_CHECKING:
    from tests.harness.log.conftest import Logs

ACTIVE = SecureId(0xE0F1B001)
PASSIVE = SecureId(0xE0F1B002)
C = Drive.parse("C")


def runs_of(made: type[Logs], *texts: str) -> list[RunFacts]:
    return list(read_runs(made.timed(*texts)))


def only_run(made: type[Logs], *texts: str) -> RunFacts:
    (run,) = runs_of(made, *texts)
    return run


def test_a_base_backup(made: type[Logs]) -> None:
    lines = made.base_backup()
    run = only_run(made, *lines)
    asked = next(place for place, line in enumerate(lines) if "Request new BURType (0x00000004)" in line)
    assert run.mode == BurMode(4, 0x100)
    assert run.begun == made.start + timedelta(seconds=asked // 10)
    assert run.ended is not None
    assert run.ended > run.begun
    assert run.end is RunEnd.NORMAL
    assert run.engine_stopped is not None
    assert run.engine_stopped >= run.ended
    assert [request.name for request in run.requests] == [
        "GetGSHHandle",
        "PrepDataOwnerInfo",
        "SetBURMode",
        "PrepSIDStatus",
        "GetSIDStatus",
        "GetExpectedDataSize",
        "RequestData",
        "RequestData",
        "RequestData",
        "SetBURMode",
    ]
    assert all(request.completed for request in run.requests)
    assert run.findings == []
    assert run.left_out == 0


def test_the_owners_of_a_base_backup(made: type[Logs]) -> None:
    owners = only_run(made, *made.base_backup()).owners
    assert list(owners) == [ACTIVE, PASSIVE]
    active, passive = owners[ACTIVE], owners[PASSIVE]
    assert (active.active, active.passive, active.system, active.incremental) == (True, False, False, True)
    assert (passive.active, passive.passive, passive.system, passive.incremental) == (
        False,
        True,
        False,
        False,
    )
    assert (active.process, active.process_started) == ("notesowner.exe", True)
    assert (passive.process, passive.process_started) == ("", False)
    assert (active.statuses, passive.statuses) == ([3, 2], [2])
    assert (active.expected_size, passive.expected_size) == (8000, None)
    assert active.calls == [
        Calls(AbCallback.GetExpectedDataSize, 1),
        Calls(AbCallback.InitialiseGetBackupDataL, 1),
        Calls(AbCallback.GetBackupDataSectionL, 2),
        Calls(AbCallback.GetSnapshotDataL, 1),
    ]
    assert active.calls_logged == active.calls_made
    assert passive.calls == []
    assert list(passive.files_met) == ["C:\\private\\e0f1b002\\notes.db"]
    assert passive.files_sent == [FileSent("C:\\private\\e0f1b002\\notes.db", 614)]


def test_the_data_of_a_base_backup(made: type[Logs]) -> None:
    assert only_run(made, *made.base_backup()).parts == [
        DataPart(False, ACTIVE, C, TTransferDataType.EActiveBaseData, plain=8004, packed=58),
        DataPart(False, ACTIVE, C, TTransferDataType.EActiveSnapshotData, plain=27, packed=55),
        DataPart(False, PASSIVE, C, TTransferDataType.EPassiveBaseData, plain=720, packed=400),
    ]


def test_an_incremental_backup(made: type[Logs]) -> None:
    run = only_run(made, *made.incremental_backup())
    assert run.mode == BurMode(4, 0x200)
    assert run.engine_stopped is None
    assert run.parts == [
        DataPart(True, ACTIVE, C, TTransferDataType.EActiveSnapshotData, plain=27, packed=55),
        DataPart(False, ACTIVE, C, TTransferDataType.EActiveIncrementalData, plain=100, packed=60),
    ]
    assert [call.callback for call in run.owners[ACTIVE].calls] == [
        AbCallback.ReceiveSnapshotDataL,
        AbCallback.AllSnapshotsSuppliedL,
        AbCallback.InitialiseGetBackupDataL,
        AbCallback.GetBackupDataSectionL,
    ]


def test_data_that_other_lines_tell_of(made: type[Logs]) -> None:
    lines = made.request(
        "ESBEMsgSupplyDataSync",
        [
            "CDataOwnerManager::SupplyDataL() - START - about to decompress 38 bytes of data",
            "CDataOwnerManager::SupplyDataL() - decompressed data length: 10",
            "CDataOwner::SupplyDataL() - START - SID: 0xe0f1b001, aDrive: C, aTransferType: 5, aLastSection",
            "CDataOwner::ProcessSupplyDataL() - Supplying active base data to data owner with SID 0xe0f1b001",
        ],
    )
    assert only_run(made, *lines).parts == [
        DataPart(True, ACTIVE, C, TTransferDataType.EActiveBaseData, plain=10, packed=38)
    ]


def test_a_log_holds_one_run_after_the_other(made: type[Logs]) -> None:
    base, incremental = runs_of(made, *made.base_backup(), *made.incremental_backup())
    assert (base.mode, incremental.mode) == (BurMode(4, 0x100), BurMode(4, 0x200))
    assert [len(base.requests), len(incremental.requests)] == [10, 9]
    assert base.engine_stopped is not None


def test_a_run_without_a_listing_has_its_own_request(made: type[Logs]) -> None:
    first, second = runs_of(made, *made.begun(), *made.ended(), *made.begun(4, 0x200), *made.ended(4, 0x200))
    names = ["SetBURMode", "PrepSIDStatus", "GetSIDStatus", "SetBURMode"]
    assert [request.name for request in first.requests] == names
    assert [request.name for request in second.requests] == names
    assert [step.text for step in second.steps][:2] == [
        "SetBURMode",
        f"engine is to go to {BurMode(4, 0x200)}",
    ]
    assert first.findings == second.findings == []


def test_the_engine_s_leaving_is_no_run(made: type[Logs]) -> None:
    run = only_run(made, *made.mode((0, 0), (0, 0)))
    assert (run.mode, run.end) == (None, None)
    assert run.engine_stopped == made.start


def test_a_lost_host_aborts_the_run(made: type[Logs]) -> None:
    run = only_run(made, *made.begun(), *made.mode((0, 0), (4, 0x100)))
    assert run.end is RunEnd.ABORTED
    assert [finding.text for finding in run.findings] == [
        "the run was aborted: the host was lost, and the engine went back by itself"
    ]


def test_a_log_can_end_inside_a_run(made: type[Logs]) -> None:
    run = only_run(made, *made.begun())
    assert (run.end, run.ended) == (RunEnd.LOG_ENDS, None)
    assert run.findings == []


def test_a_log_can_end_before_the_line_with_the_mode_before(made: type[Logs]) -> None:
    request_line, _ = made.mode((4, 0x100), (0, 0))
    run = only_run(made, *made.listing(), request_line)
    assert (run.mode, run.end) == (BurMode(4, 0x100), RunEnd.LOG_ENDS)


def test_an_engine_that_begins_anew_has_left_its_run(made: type[Logs]) -> None:
    unanswered = made.request("ESBEMsgGetExpectedDataSize", completed=False)
    first, second = runs_of(made, *made.begun(), *unanswered, *made.base_backup())
    assert (first.end, second.end) == (RunEnd.RESTARTED, RunEnd.NORMAL)
    assert first.requests[-1].name == "GetExpectedDataSize"
    assert [finding.number for finding in first.findings] == [len(made.begun()) + 1]
    assert len(second.requests) == 10
    assert second.findings == []


def test_a_run_begins_with_the_engine_or_with_a_host_that_connects(made: type[Logs]) -> None:
    broken_settings = "Error trying to parse sbeconfig.xml : -983"
    first, second = runs_of(made, *made.begun(), *made.ended(), broken_settings, *made.base_backup()[1:])
    assert (first.findings, len(second.findings)) == ([], 1)
    first, second = runs_of(made, *made.begun(), *made.ended(), *made.base_backup()[2:])
    assert first.requests[-1].name == "SetBURMode"
    assert second.requests[0].name == "GetGSHHandle"


def test_an_engine_that_knows_of_no_run_has_not_ended_one(made: type[Logs]) -> None:
    run = only_run(made, *made.begun(), *made.mode((0, 0), (0, 0)))
    assert run.end is RunEnd.LOG_ENDS
    assert run.engine_stopped is not None


def test_requests_that_are_never_answered_do_not_pile_up(made: type[Logs]) -> None:
    reader = RunReader()
    for timed in made.timed(
        *(f"CSBESession::ServiceL() - ESBEMsgX for thread: t{count}." for count in range(200))
    ):
        reader.take(timed)
    assert len(reader._open) <= 64
    (run,) = reader.close()
    assert len(run.findings) == 200


def test_a_mode_asked_for_during_a_run_begins_none(made: type[Logs]) -> None:
    refused = made.request("ESBEMsgSetBURMode", made.mode((8, 0), (4, 0x100)), completed=False)
    run = only_run(made, *made.begun(), *refused, *made.ended())
    assert (run.mode, run.end) == (BurMode(4, 0x100), RunEnd.NORMAL)
    (finding,) = run.findings
    assert finding.text.startswith("the host's request SetBURMode was not completed")


def test_an_owner_that_does_not_answer_ends_the_log(made: type[Logs]) -> None:
    waiting = made.callback("GetSnapshotData", "GetSnapshotDataL")[:3]
    run = only_run(made, *made.begun(), *made.request("ESBEMsgX", waiting, completed=False))
    assert [(finding.level, finding.sid) for finding in run.findings] == [
        (LogLevel.ERROR, None),
        (LogLevel.ERROR, ACTIVE),
    ]
    assert run.findings[1].text == "the log ends here: the data owner has not answered this callback"


def test_an_application_that_does_not_let_go_ends_the_log(made: type[Logs]) -> None:
    run = only_run(made, *made.mode((4, 0x100), (0, 0), ["CDataOwnerManager::SetBURModeL() - Calling CloseAll()"]))
    assert [finding.text for finding in run.findings] == [
        "the log ends here: an application does not let go of its files"
    ]


def test_a_request_without_completed_ok_has_failed(made: type[Logs]) -> None:
    failed = made.request("ESBEMsgGetSIDStatus", completed=False)
    other_host = made.request("ESBEMsgGetSIDStatus", thread="other.exe[e0f1b00e]0001::Main")
    run = only_run(made, *failed, *other_host, *made.request("ESBEMsgGetExpectedDataSize"), *failed)
    assert [(request.name, request.completed) for request in run.requests] == [
        ("GetSIDStatus", False),
        ("GetSIDStatus", True),
        ("GetExpectedDataSize", True),
        ("GetSIDStatus", False),
    ]
    assert [finding.number for finding in run.findings] == [1, 6]


def test_a_thread_s_name_may_have_been_cut(made: type[Logs]) -> None:
    thread = "a_host_with_quite_a_long_name_for_a_phone.exe[e0f1b00f]0001::Main"
    run = only_run(made, *made.request("ESBEMsgRequestDataSync / ESBEMsgRequestDataAsync", thread=thread))
    assert len(run.requests[0].thread) < len(thread)
    assert run.requests[0].completed


def test_errors_and_warnings_are_found_with_owner_code_and_place(made: type[Logs]) -> None:
    run = only_run(
        made,
        "CDataOwner::OnError() - error = -983",
        "CDataOwner::ParseFilesL() - [0xe0f1b001] - ...*** PARSING FAILED *** - error: -983",
        *made.callback("GetSnapshotData", "GetSnapshotDataL", leave=-4),
    )
    assert [(finding.level, finding.sid, finding.code, finding.number) for finding in run.findings] == [
        (LogLevel.WARNING, None, -983, 1),
        (LogLevel.ERROR, ACTIVE, -983, 2),
        (LogLevel.ERROR, ACTIVE, -4, 7),
    ]


def test_a_log_that_only_an_owner_has_written(made: type[Logs]) -> None:
    run = only_run(
        made, "[0xe0f1b001]: CMine::GetExpectedDataSize()", "[0xe0f1b001]: GetExpectedDataSize result=0"
    )
    assert run.mode is None
    assert run.owners[ACTIVE].calls_made == []
    assert run.owners[ACTIVE].calls == [Calls(AbCallback.GetExpectedDataSize, 1)]


def test_a_line_without_its_owner_belongs_to_the_one_that_was_called(made: type[Logs]) -> None:
    run = only_run(
        made,
        *made.callback("InitialiseRestoreBaseData", "x")[:3],
        "CABDataOwnerCallbackImplementation::InitialiseRestoreBaseDataL()",
    )
    assert run.owners[ACTIVE].calls_logged == [Calls(AbCallback.InitialiseRestoreBaseDataL, 1)]


def test_a_path_at_the_end_of_a_cut_line_is_no_file(made: type[Logs]) -> None:
    path = "C:\\private\\e0f1b002\\" + "x" * 200
    lines = made.requested(
        2,
        "passive base",
        1,
        1,
        [
            f"file name: {path}",
            "CBufferFileWriter::WriteToBufferL() - trying to open: C:\\short for reading",
            "CBufferFileWriter::WriteToBufferL() - size of file is: 1 (err: 0)",
            f"CBufferFileWriter::WriteToBufferL() - trying to open: {path} for reading",
            "CBufferFileWriter::WriteToBufferL() - size of file is: 614 (err: 0)",
        ],
        sid="0xe0f1b002",
    )
    passive = only_run(made, *lines).owners[PASSIVE]
    assert (passive.files_met, passive.files_sent) == ({}, [FileSent("C:\\short", 1)])


def test_data_of_a_request_that_failed_does_not_go_to_the_next(made: type[Logs]) -> None:
    failed = made.requested(5, "active base", 1, 2, [])[:3]
    run = only_run(made, *failed, *made.requested(4, "active snapshot", 27, 55, []))
    assert run.parts == [
        DataPart(False, ACTIVE, C, TTransferDataType.EActiveBaseData),
        DataPart(False, ACTIVE, C, TTransferDataType.EActiveSnapshotData, plain=27, packed=55),
    ]


def test_facts_do_not_grow_with_the_log(made: type[Logs], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "MAX_KEPT", 50)
    monkeypatch.setattr(facts, "MAX_FINDINGS", 3)
    lines: list[str] = []
    for count in range(100):
        owner = f"0x{count:08x}"
        lines += made.request("ESBEMsgX", thread=f"t{count}")
        lines += made.request("ESBEMsgY", thread=f"u{count}", completed=False)
        lines += made.callback("GetSnapshotData", "GetSnapshotDataL", sid=owner)
        lines += made.requested(2, "passive base", 1, 1, [f"file name: C:\\{count}"], sid=owner)
        lines += [
            f"Process p{count}.exe started.",
            f"CDataOwner::ReadyState() - Ready status for data owner {owner} is 2",
        ]
    run = only_run(made, *lines)
    kept = sum(
        [
            len(run.requests),
            len(run.parts),
            len(run.steps),
            len(run.owners),
            *(len(owner.calls_made) + len(owner.calls_logged) for owner in run.owners.values()),
            *(len(owner.statuses) + len(owner.files_met) for owner in run.owners.values()),
        ]
    )
    assert kept <= 50
    assert len(run.findings) == 3
    assert run.left_out > 100


def test_nothing_happened(made: type[Logs]) -> None:
    assert runs_of(made) == []
    assert runs_of(made, "Using Default Settings !", " ") == []


LINES = [
    *["CSBESession", "CABSession", "CDataOwner", "CDataOwnerManager", "CBufferFileWriter"],
    "CSBESession::ServiceL() - ESBEMsgRequestDataSync for thread: a",
    "CSBESession::ServiceL() - Completed OK for thread: a",
    "CDataOwnerManager::SetBURModeL() - Request new BURType (0x00000004), IncType (0x00000100)",
    "CDataOwnerManager::SetBURModeL() - Request new BURType (0xffffffff), IncType (0xffffffff)",
    "CDataOwnerManager::SetBURModeL() - Request new BURType (0x00000000), IncType (0x00000000)",
    "CDataOwnerManager::SetBURModeL() - Previous BURType (0x00000004), IncType (0x00000100)",
    "CDataOwnerManager::SetBURModeL() - Previous BURType (0x00000000), IncType (0x00000000)",
    "CDataOwner::ProcessRequestDataL() - Requesting active base data from data owner with SID 0x00000000",
    "CDataOwner::ProcessRequestDataL() - START - aDrive: z, aTransferType: 99999999999",
    "CDataOwner::ReadyState() - Ready status for data owner 0x00000000 is 77",
    "CDataOwner::CommonSettingsL() - START - sid: 0x00000000, iFilesParsed: 1",
    "CDataOwner::CommonSettingsL() - Active Supported: 1, proxyCount: 9",
    "CABSession::MakeCallbackRestoreCompleteL() - [0x00000000] Calling RestoreComplete",
    "[0x00000000]: C::RestoreComplete()",
    "Error trying to parse sbeconfig.xml : -983",
    "file name: \x1b[2J",
]


@unhurried
@thoroughly(100)
@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=40))
def test_no_log_is_too_strange(texts: list[str]) -> None:
    when = datetime.fromisoformat("2011-03-14 15:09:26")
    data = b"".join(format_line(when, text) for text in texts)
    for number, run in enumerate(read_runs(with_times(read_records([data]), StampResolver())), 1):
        assert all("\x1b" not in line for line in summary(number, run))
