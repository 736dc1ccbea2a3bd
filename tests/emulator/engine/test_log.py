"""What messages leave in the engine's log: their names and numbers, and how they ended (Log format 7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from device_agent.emulator.engine.session import OwnerSession
from tests.emulator.data.bench import C, code_of, record, registration
from tests.emulator.engine.bench import (
    BACKUP,
    NO_PROXIES,
    NORMAL,
    ONE,
    PARTIAL,
    RESTORE,
    SNAPSHOT,
    TWO,
    EngineBench,
    Script,
    active,
)
from wire.symbian import TBURPartType, TTransferDataType
from wire.symbian_errors import KErrInUse

PRIME = "EABMsgPrimeForCallback/EABMsgPrimeForCallbackAndResponse/EABMsgPrimeForCallbackAndResponseDes"
PASSIVE_BASE = TTransferDataType.EPassiveBaseData
OPEN = "ASYNCH -> NOT COMPLETED"

# Each message with its number, its name, and how it ends for a session that is primed and has received a snapshot.
OWNER_MESSAGES: list[tuple[Callable[[OwnerSession], object], int, str, str]] = [
    (lambda s: s.bur_mode_info(), 0, "EABMsgBURModeInfo", "COMPLETED (0)"),
    (lambda s: s.does_partial_affect_me(), 1, "EABMsgDoesPartialAffectMe", "COMPLETED (0)"),
    (lambda s: s.confirm_ready(0), 2, "EABMsgConfirmReadyForBUR", "COMPLETED (0)"),
    (lambda s: s.prime(nothing), 3, PRIME, OPEN),
    (lambda s: s.prime_with_integer(nothing, 1), 4, PRIME, OPEN),
    (lambda s: s.prime_with_data(nothing, b""), 5, PRIME, OPEN),
    (lambda s: s.propagate_leave(-1), 6, "EABMsgPropagateLeave", "COMPLETED (0)"),
    (lambda s: s.get_data(1), 7, "EABMsgGetDataSync", "COMPLETED (-20)"),
    (lambda s: s.send_data_length(1, 5, finished=True), 8, "EABMsgSendDataLength", "COMPLETED (-20)"),
    (lambda s: s.closing_down(), 9, "EABMsgClosingDownCallback", "COMPLETED (0)"),
    (lambda s: s.snapshot_drive(), 10, "EABMsgGetDriveNumForSuppliedSnapshot", f"COMPLETED ({int(C)})"),
]


def nothing(command: int, arg1: int, arg2: int) -> None:
    """A prime that nobody answers."""


@pytest.mark.parametrize(("send", "number", "name", "end"), OWNER_MESSAGES, ids=[row[2] for row in OWNER_MESSAGES])
def test_an_owners_message(send: Callable[[OwnerSession], object], number: int, name: str, end: str) -> None:
    bench = EngineBench({ONE: active()})
    bench.enter_partial(ONE)
    session = bench.connect(Script()).session
    bench.put(b"s", SNAPSHOT)
    lines = bench.log
    code_of(lambda: send(session))
    client = f"{ONE:08x}.exe[{ONE:08x}]0001::Main"
    flags = "iMisbehavingClient: 0, iConfirmedReadyForBUR: 1"
    said = [line for line in lines if line.startswith("CABSession::ServiceL()")]
    assert said == [
        f"CABSession::ServiceL() - START - [0x{ONE:08x}] function: {number} from client: {client}, {flags}",
        f"CABSession::ServiceL() - {name}",
        f"CABSession::ServiceL() - END - function: {number} from client: {client} - {end}",
    ]


HOST_MESSAGES: list[tuple[Callable[[EngineBench], object], TBURPartType, list[str]]] = [
    (lambda b: b.client.list_data_owners(), NORMAL, ["ESBEMsgPrepDataOwnerInfo", "ESBEMsgGetDataOwnerInfo"]),
    (lambda b: b.client.set_sid_list_for_partial([]), NORMAL, ["ESBEMsgSetSIDListPartial"]),
    (lambda b: b.change(NORMAL), BACKUP, ["ESBEMsgSetBURMode"]),
    (lambda b: b.status(), BACKUP, ["ESBEMsgPrepSIDStatus", "ESBEMsgGetSIDStatus"]),
    (lambda b: b.size(), BACKUP, ["ESBEMsgGetExpectedDataSize"]),
    (lambda b: b.get(), BACKUP, ["ESBEMsgRequestDataSync / ESBEMsgRequestDataAsync"]),
    (lambda b: b.put(NO_PROXIES + b"x"), BACKUP, ["ESBEMsgSupplyDataSync"]),
    (lambda b: b.client.all_snapshots_supplied(), PARTIAL, ["ESBEMsgAllSnapshotsSupplied"]),
    (lambda b: b.client.all_system_files_restored(), BACKUP, ["ESBEMsgAllSystemFilesRestored"]),
    (lambda b: b.client.public_file_list(ONE, C), BACKUP, ["ESBEMsgPrepPublicFiles"]),
    (lambda b: b.client.raw_public_file_list(ONE, C), BACKUP, ["ESBEMsgPrepPublicFilesRaw"]),
    (lambda b: b.client.large_public_file_list(ONE, C, 0, 1), BACKUP, ["ESBEMsgPrepPublicFiles"]),
]


@pytest.mark.parametrize(("send", "part", "names"), HOST_MESSAGES, ids=[" ".join(row[2]) for row in HOST_MESSAGES])
def test_a_hosts_message(send: Callable[[EngineBench], object], part: TBURPartType, names: list[str]) -> None:
    bench = EngineBench({ONE: active()})
    if part != NORMAL:
        bench.enter(part)
    bench.connect(Script(b"x"))
    lines = bench.log
    send(bench)
    thread = "for thread: test.exe[e0f1b000]0001::Main"
    expected = []
    for name in names:
        expected += [
            f"CSBESession::ServiceL() - {name} {thread}",
            f"CSBESession::ServiceL() - Completed OK {thread}",
        ]
    assert [line for line in lines if line.startswith("CSBESession::ServiceL()")] == expected


def test_what_is_found_and_read() -> None:
    folders = {sid: f"C:{sid.private_directory}" for sid in (ONE, TWO)}
    primary, more = "backup_registration.xml", "backup_registration_more.xml"
    bench = EngineBench({ONE: "", TWO: ""}, files={folders[ONE] + more: registration("<system_backup/>")})
    lines = bench.log
    bench.client.list_data_owners()
    begin = lines.index("CDataOwnerManager::FindDataOwnersL() - Begin")
    end = lines.index("CDataOwnerManager::FindDataOwnersL() - End")
    found = "CDataOwnerManager::FindDataOwnersL() - found reg file:"
    assert lines[begin : end + 1] == [
        "CDataOwnerManager::FindDataOwnersL() - Begin",
        "CDataOwnerManager::FindRegistrationFilesL() - START",
        f"CDataOwnerManager::FindRegistrationFilesL() - found file: {folders[ONE]}{primary}",
        f"CDataOwnerManager::FindRegistrationFilesL() - found file: {folders[ONE]}{more}",
        f"CDataOwnerManager::FindRegistrationFilesL() - found file: {folders[TWO]}{primary}",
        "CDataOwnerManager::FindRegistrationFilesL() - END - total files 3",
        " ",
        f"{found} {folders[ONE]}{primary} for sid: 0x{ONE:08x}",
        f"{found} {folders[ONE]}{more} for existing sid: 0x{ONE:08x}",
        f"{found} {folders[TWO]}{primary} for sid: 0x{TWO:08x}",
        "CDataOwnerManager::FindDataOwnersL() - End",
    ]
    # What was read in the one file is not said again with the other.
    assert sum("iSystemInformation.iSupported" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("primed", "confirmed", "said"),
    [
        (True, True, "already have interface, confirmed:1 "),
        (True, False, "already have interface, confirmed:0 "),
        (False, True, "does not have interface, confimed:1 "),
        (False, False, "does not have interface, confimed:0 "),
    ],
)
def test_a_sessions_state(primed: bool, confirmed: bool, said: str) -> None:
    bench = EngineBench({ONE: active()})
    client = bench.connect(Script() if primed else None, confirm=0 if confirmed else None)
    lines = bench.log
    bench.engine.ready_states.of_session(ONE)
    client.session.valid = False
    bench.engine.ready_states.of_session(ONE)
    begin = f"CABServer::SessionReadyStateL session for 0x{ONE:08x} "
    assert lines == [begin + said, begin + "has been invalidated, return NotConnected"]


def test_what_is_deleted_before_a_restore() -> None:
    body = '<passive_backup delete_before_restore="yes"><include_directory name="\\"/></passive_backup>'
    folder = f"C:{ONE.private_directory}"
    bench = EngineBench({ONE: body}, files={f"{folder}held.txt": b"", f"{folder}more\\free.txt": b""})
    bench.phone.files.file(f"{folder}held.txt").exclusive = True
    bench.enter(RESTORE)
    lines = bench.log
    bench.put(record(f"{folder}new.txt"), PASSIVE_BASE)
    begin = "CDataOwner::CleanupBeforeRestoreL() - trying to deleting file "
    assert [line.removeprefix(begin) for line in lines if line.startswith(begin)] == [
        f"{folder}backup_registration.xml (error was: 0)",
        f"{folder}held.txt (error was: {KErrInUse})",
        f"{folder}more\\free.txt (error was: 0)",
    ]
