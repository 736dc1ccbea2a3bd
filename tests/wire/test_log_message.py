"""Texts -> parts. The lines are of the shapes that "Log format 6" to "Log format 9" list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.thorough import thoroughly
from wire.formats.log_level import LogLevel
from wire.formats.log_line import hex_dump_texts
from wire.formats.log_message import ENGINE_CLASSES, LogKind, LogMessage, callback_named, parse_message
from wire.symbian import AbCallback, SecureId

OWNER = SecureId(0xE0F1A001)
PROXY = SecureId(0xE0F1A004)


def test_an_owner_s_line_names_owner_class_and_callback() -> None:
    assert parse_message("[0xe0f1a001]: CMyClient::InitialiseGetBackupData()") == LogMessage(
        kind=LogKind.OWNER,
        sid=OWNER,
        cls="CMyClient",
        function="InitialiseGetBackupData",
        body="CMyClient::InitialiseGetBackupData()",
        callback=AbCallback.InitialiseGetBackupDataL,
        level=LogLevel.INFO,
        error_code=None,
        leave_code=None,
    )


def test_an_engine_s_line_names_class_and_function() -> None:
    message = parse_message("CDataOwner::HandlePathL(0xe0f1a001) - Added selection: \\private\\ [type: 0]")
    assert message.kind is LogKind.ENGINE
    assert (message.cls, message.function, message.sid) == ("CDataOwner", "HandlePathL", OWNER)
    assert message.body == "Added selection: \\private\\ [type: 0]"


@pytest.mark.parametrize(
    ("text", "cls", "function", "body"),
    [
        ("CABSession::ConstructL() [0xe0f1a001]", "CABSession", "ConstructL", "[0xe0f1a001]"),
        ("~CABSession for sid:0xe0f1a001", "~CABSession", "", "sid:0xe0f1a001"),
        (
            "CABServer::SessionReadyStateL session for 0xe0f1a001 already have interface, confirmed:0 ",
            "CABServer",
            "SessionReadyStateL",
            "session for 0xe0f1a001 already have interface, confirmed:0 ",
        ),
        (
            "CSBEDecompressAndEncrypt::NextLC - Got compression header (compressed size=35, uncompressed=27)",
            "CSBEDecompressAndEncrypt",
            "NextLC",
            "Got compression header (compressed size=35, uncompressed=27)",
        ),
        ("CNewClassOfAnotherVersion::DoIt() - text", "CNewClassOfAnotherVersion", "DoIt", "text"),
    ],
)
def test_the_rarer_shapes_of_the_engine(text: str, cls: str, function: str, body: str) -> None:
    message = parse_message(text)
    assert message.kind is LogKind.ENGINE
    assert (message.cls, message.function, message.body) == (cls, function, body)


@pytest.mark.parametrize(
    "text",
    [
        "Process referencetestdataowner.exe started.",
        "Process referencetestdataowner.exe already exists - not starting",
        "Process noexist.exe failed to start(-1)",
        "Existing session for process a.exe has status 3",
        "Existing process a.exe hasn't yet connected to a session",
        "Data owner(0xe0f1a001): Adding Proxy(0xe0f1a004) to the list",
        "Error trying to parse sbeconfig.xml : -1",
        "Using Default Settings !",
        "sbeconfig.xml parsed sucessfully",
        "Invalidate all ABSessions after set Setting P&S flag to 0x00000001",
        "Key length: 16",
        "Unknown generic data type supplied, leaving with KErrUnknown (-19)",
        "file name: C:\\private\\e0f1a002\\Cache.dat",
        "ABDataOwner [0xe0f1a001] Panic'd with error code -33",
        " ",
        "",
    ],
)
def test_lines_without_a_class(text: str) -> None:
    message = parse_message(text)
    assert message.kind is LogKind.PLAIN
    assert (message.cls, message.function, message.body) == ("", "", text)


def test_a_text_of_no_known_shape_is_kept() -> None:
    message = parse_message("hello 0xe0f1a001")
    assert (message.kind, message.sid, message.body) == (LogKind.OTHER, None, "hello 0xe0f1a001")


def test_dumps_are_told_from_other_texts() -> None:
    for text in hex_dump_texts(bytes(range(40)), header="buffer ", margin="       "):
        assert parse_message(text).kind is LogKind.DUMP
    helper = "00c05888: " + "41 " * 10 + "   " * 6 + "A" * 10 + " " * 6 + "."
    assert parse_message(helper).kind is LogKind.DUMP
    assert parse_message("0010 : no dump").kind is LogKind.OTHER
    assert parse_message("x" * 200 + hex_dump_texts(b"longer than any line")[0]).kind is LogKind.OTHER


def test_a_class_alone_does_not_make_a_line_the_engine_s() -> None:
    message = parse_message("CABDataOwnerCallbackImplementation::InitialiseRestoreBaseDataL()")
    assert (message.kind, message.sid) == (LogKind.OWNER, None)
    assert message.callback is AbCallback.InitialiseRestoreBaseDataL
    assert parse_message("CDataOwner::RestoreComplete()").kind is LogKind.ENGINE
    assert len(ENGINE_CLASSES) == 15


def test_the_line_with_results_names_its_callback() -> None:
    message = parse_message("[0xe0f1a001]: GetExpectedDataSize result=0 size=8000 drive=C")
    assert (message.function, message.callback) == ("GetExpectedDataSize", AbCallback.GetExpectedDataSize)
    other = parse_message("[0xe0f1a001]: Proxy data about to be requested for SID 0xe0f1a004")
    assert (other.sid, other.function, other.callback) == (OWNER, "", None)


@pytest.mark.parametrize("callback", AbCallback)
def test_the_engine_s_call_names_the_callback(callback: AbCallback) -> None:
    name = callback.name.removesuffix("L")
    message = parse_message(f"CABSession::MakeCallback{name}L() - [0xe0f1a001] Calling {name}")
    assert (message.callback, message.sid) == (callback, OWNER)
    assert callback_named(callback.name) is callback
    assert callback_named(callback.name + "X") is None


@pytest.mark.parametrize(
    "text",
    [
        "CABSession::MadeCallback() - [0xe0f1a001] Calling ABClient to process callback",
        "CABServer::SessionReadyStateL session for 0xe0f1a001 already have interface, confirmed:0 ",
        "CDataOwner::RequestPassiveDataL() - START - aDrive: C, aTransferType: 2, iSecureId: 0xe0f1a001, i",
        "CDataOwner::RequestDataL() - drive: c:, aTransferType: 5, secureId: 0xe0f1a001 - ERROR: -20",
        "CDataOwner::AddDBMSFilesL() - START - aDriveNumber: C, owner: 0xe0f1a001, count: 0",
        "CDataOwner::GetExpectedDataSizeL() - END - size is: 8000, data owner 0xe0f1a001",
        "CDataOwner::ProcessRequestDataL() - Requesting active base data from data owner with SID 0xe0f1a001",
        "CDataOwnerManager::FindDataOwnersL() - found reg file: C:\\x.xml for sid: 0xe0f1a001",
        "CDataOwnerManager::GetDataOwnersL() - Found package for secure id 0xe0f1a001, package id 0xe0f1a004",
        "CDataOwner::HandleBackupRegistrationL() - Unknown version at SID(0xe0f1a001)",
        "CDataOwner::OnStartElementL() - Unknown element while parsing 0xe0f1a001",
        "CDataOwner::HandleProxyDataManager() - Not a Hex Number specified in reg_file of 0xe0f1a001)",
        "CSBEDecompressAndEncrypt::SetGenericTransferTypeL() - SecureId ID 0xe0f1a001",
        "CABSession::RequestDataL() - [0xe0f1a001] START - aProxySID: 0xe0f1a004",
        "CDataOwner::X() - proxySid: 0xe0f1a004, SID: 0xe0f1a001",
        "Data owner(0xe0f1a001): Adding Proxy(0xe0f1a004) to the list",
        "~CABSession for sid:0xe0f1a001",
    ],
)
def test_where_an_owner_stands_in_the_text(text: str) -> None:
    assert parse_message(text).sid == OWNER


@pytest.mark.parametrize(
    "text",
    [
        "CABSession::RequestDataL() - START - aTType: 5, aBuffer.Ptr(): 0x00c0588c, aProxySID: 0xe0f1a004",
        "CDataOwner::X() - proxySid: 0xe0f1a004",
        "CDataOwner::X() - ProxySID = 0xe0f1a004",
        "CSBESession::RequestDataAsyncL() - Server-side data length: 58, address: 0x00c0041c",
        "CPackageDataTransfer::HandlePublicBackup(0xe0f1a009) - iSystemInformation.iSupported: 1",
        "CDataOwnerManager::SetBURModeL() - Request new BURType (0x00000004), IncType (0x00000100)",
        "CDataOwner::FindSnapshot() - END - ret: 0x00c0041c",
    ],
)
def test_proxies_addresses_and_packages_are_no_owners(text: str) -> None:
    assert parse_message(text).sid is None


def test_a_leave_has_its_code_twice_over() -> None:
    message = parse_message("CABSession::HandleIPCPropagateLeaveL() - [0xe0f1a001] Received IPC Leave(-20)")
    assert (message.leave_code, message.error_code, message.level) == (-20, -20, LogLevel.ERROR)
    other = parse_message("CDataOwner::RequestDataL() - secureId: 0xe0f1a001 - ERROR: -20")
    assert (other.leave_code, other.error_code) == (None, -20)


@thoroughly(100)
@given(st.text())
def test_any_text_has_parts(text: str) -> None:
    message = parse_message(text)
    assert message.body in text
