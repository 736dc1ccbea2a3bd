"""Wording -> level and error number, for the table of "Log format 10"."""

from __future__ import annotations

import pytest

from wire.formats.log_level import LogLevel, judge

ERROR, WARNING, INFO = LogLevel.ERROR, LogLevel.WARNING, LogLevel.INFO


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        ("[0xe0f1a003] - ...*** PARSING FAILED *** - error: -983", ERROR, -983),
        ("ParseFilesL() - Error in sid: 0xe0f1a003 (-983)", ERROR, -983),
        ("HandlePathL(0xe0f1a003) - Path is not recognised by the data owner : x", WARNING, None),
        ("Not an Absolute Path: x [type: 0]", WARNING, None),
        ("Path attribute error", WARNING, None),
        ("EPassive - Could not convert filename", WARNING, None),
        ("Unknown element while parsing 0xe0f1a003", WARNING, None),
        ("Process noexist.exe failed to start(-1)", ERROR, -1),
        ("Data owner (or proxy) with SID 0xe0f1a001 errored (-1) whilst starting", ERROR, -1),
        ("[0xe0f1a001] Received IPC ConfirmReadyForBUR, errorCode: -4", ERROR, -4),
        ("[0xe0f1a001] Received IPC ConfirmReadyForBUR, errorCode: 0", INFO, None),
        ("Setting ready state of data owner 0xe0f1a001 to 4", ERROR, None),
        ("Setting ready state of data owner 0xe0f1a001 to 2", INFO, None),
        ("[0xe0f1a001] Received IPC Leave(-20)", ERROR, -20),
        ("[0xe0f1a001] primed: 0", ERROR, None),
        ("[0xe0f1a001] primed: 1", INFO, None),
        ("State Error - Active data has been requested more than once", ERROR, None),
        ("*Error: called when device is in Normal/Unset mode", ERROR, None),
        ("drive: c:, aTransferType: 5, secureId: 0xe0f1a001 - ERROR: -20", ERROR, -20),
        ("Left with error: -6", ERROR, -6),
        ("END - leaving with error: -20", ERROR, -20),
        ("ERROR - error: -14", ERROR, -14),
        ("opening: C:\\x for reading failed with error: -14", ERROR, -14),
        ("restore not permitted, skipping file data (12 bytes)", WARNING, None),
        ("size of file is: 214 (err: 0)", INFO, None),
        ("size of file is: 0 (err: -14)", WARNING, -14),
        ("trying to deleting file C:\\x (error was: -21)", WARNING, -21),
        ("trying to deleting file C:\\x (error was: 0)", INFO, None),
        ("setting attribs returned error: -21", WARNING, -21),
        ("x returned err: -21", WARNING, -21),
        ("get entry error: 0", INFO, None),
        ("get entry error: -1", INFO, -1),
        ("get entry error: -12", INFO, -12),
        ("get entry error: -18", WARNING, -18),
        ("RDbs error -1 SID: 0xe0f1a001", WARNING, -1),
        ("CreateCipherL() - Corrupt data", ERROR, None),
        ("NextLC() - Compression header is corrupt", ERROR, None),
        ("corrupt data", ERROR, None),
        ("Watchdog expired", ERROR, None),
        ("CSBESession::ServiceL() - UNKNOWN OP CODE for thread: x", ERROR, None),
        ("ABDataOwner [0xe0f1a001] Panic'd with error code -33", ERROR, -33),
        ("CDataOwner::OnError() - error = -983", WARNING, -983),
        ("Unknown generic data type supplied, leaving with KErrUnknown (-19)", ERROR, -19),
        ("END - function: 6 from client: a.exe[e0f1a001]0001::Main - COMPLETED (-33)", INFO, -33),
        ("END - function: 10 from client: a.exe[e0f1a001]0001::Main - COMPLETED (2)", INFO, None),
    ],
)
def test_the_table(text: str, level: LogLevel, code: int | None) -> None:
    assert judge(text) == (level, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Error trying to parse sbeconfig.xml : -1", -1),
        ("Error trying to parse sbeconfig.xml : -12", -12),
        ("END - function: 3 from client: a.exe[e0f1a001]0001::Main - ASYNCH -> NOT COMPLETED", None),
        ("Java Backup-Restore Plug-In not loaded, java files won't be backed or restored", None),
        ("Setting P&S flag to BURType (0x00000004), IncType (0x00000100), err: ", None),
        ("file name: C:\\Error\\*Error: State Error - primed: 0", None),
    ],
)
def test_what_is_never_an_error(text: str, code: int | None) -> None:
    assert judge(text) == (INFO, code)


def test_a_configuration_that_is_there_but_broken_is_worth_a_warning() -> None:
    assert judge("Error trying to parse sbeconfig.xml : -983") == (WARNING, -983)
    assert judge("Error trying to parse sbeconfig.xml : -120") == (WARNING, -120)


def test_the_worst_of_several_wordings_counts() -> None:
    assert judge("x (err: -1), y (err: -2)") == (WARNING, -1)
    assert judge("z returned error: -6, Path attribute error") == (WARNING, None)
    assert judge("x (err: -1) - ERROR: -20") == (ERROR, -20)
    assert judge("- ERROR: -20 x (err: -1)") == (ERROR, -20)
