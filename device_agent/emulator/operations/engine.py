"""The backup engine, through one CSBEClient that lives as long as the host wants (BE 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from device_agent.emulator.engine.engine import BackupEngine
from device_agent.emulator.engine.host_api import HostSession
from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.operations.reply import Handler, Reply
from wire.formats.serialised import (
    FileFilter,
    FileListEntry,
    PackageIdentity,
    SecureIdentity,
    SerialisedError,
    drives_in,
    read_generic,
    symbian_time,
    write_owner_info,
)
from wire.layout import EMPTY, Empty, codec_of
from wire.protocol.messages import engine as m
from wire.protocol.messages.method import DataSize, Method
from wire.symbian import BurMode, SecureId, TBURPartType
from wire.symbian_errors import KErrArgument, KErrNotSupported, KErrServerTerminated, Leave

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent

THREAD_NAME: Final = "bkctl.exe[e0f1b00f]0001::Main"


class EngineOperations:
    """One client of the engine. It is made with the first request that needs it."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._session: HostSession | None = None
        self._is_in_mode = False

    def handlers(self) -> dict[int, Handler]:
        """By the method's number."""
        handlers: dict[Method[Any, Any], Handler] = {
            m.ENGINE_CONNECT: self._connect,
            m.ENGINE_DISCONNECT: self._disconnect,
            m.LIST_DATA_OWNERS: self._list_data_owners,
            m.SET_SID_LIST: self._set_sid_list,
            m.SET_BUR_MODE: self._set_bur_mode,
            m.SID_STATUS: self._sid_status,
            m.EXPECTED_DATA_SIZE: self._expected_data_size,
            m.REQUEST_DATA: self._request_data,
            m.SUPPLY_DATA: self._supply_data,
            m.ALL_SNAPSHOTS_SUPPLIED: self._all_snapshots_supplied,
            m.ALL_SYSTEM_FILES_RESTORED: self._all_system_files_restored,
            m.PUBLIC_FILE_LIST: self._public_file_list,
            m.LARGE_PUBLIC_FILE_LIST: self._large_public_file_list,
            m.PUBLIC_FILE_LIST_XML: self._public_file_list_xml,
        }
        return {method.number: self._surviving(method, handler) for method, handler in handlers.items()}

    def _surviving(self, method: Method[Any, Any], handler: Handler) -> Handler:
        """The same for an engine that may panic meanwhile, of itself or because the profile says so."""

        def serve(body: Any, upload: bytes) -> Reply:
            phone = self._agent.phone
            phone.engine_is_called = True
            try:
                if phone.profile.faults.engine_panics_in == method.name:
                    self._client()
                    raise EnginePanic(phone.profile.version.panic_category, KErrArgument)
                return handler(body, upload)
            except EnginePanic as panic:
                phone.engine_panicked(panic)
                self._session = None
                raise Leave(KErrServerTerminated) from panic
            finally:
                phone.engine_is_called = False

        return serve

    def end(self) -> None:
        """Close the client; the engine ends by itself when it was the last."""
        if self._session is not None:
            session, self._session = self._session, None
            if not session.engine.ended:
                session.engine.host_disconnected()

    def return_to_normal(self) -> None:
        """End a backup or restore mode that the host has left us in, never somebody else's.

        An engine that has panicked meanwhile has left the property as it was; a new one's first Normal sets it.
        """
        if not self._is_in_mode or self._agent.phone.backup_mode.is_normal:
            return
        self._is_in_mode = False
        if self._session is not None and self._session.engine.ended:
            self._session = None
        session = self._client()
        session.set_bur_mode(session.engine.mode_drives, BurMode(TBURPartType.EBURNormal))

    def _client(self) -> HostSession:
        """The client; -15 when the engine it belonged to has ended: the next call makes a new one."""
        if self._session is None:
            engine: BackupEngine = self._agent.phone.running_engine()
            engine.host_connected(self._agent.caller)
            engine.log(f"CSBESession::ServiceL() - ESBEMsgGetGSHHandle for thread: {THREAD_NAME}")
            engine.log(f"CSBESession::ServiceL() - Completed OK for thread: {THREAD_NAME}")
            self._session = HostSession(engine, THREAD_NAME)
        elif self._session.engine.ended:
            self._session = None
            raise Leave(KErrServerTerminated)
        return self._session

    def _connect(self, body: Empty, upload: bytes) -> Reply:
        return Reply(m.EngineInfo(self._client().capacity))

    def _disconnect(self, body: Empty, upload: bytes) -> Reply:
        self.end()
        return Reply(EMPTY)

    def _list_data_owners(self, body: m.Variant, upload: bytes) -> Reply:
        infos = self._client().list_data_owners()
        return Reply(m.EntryCount(len(infos)), [b"".join(map(write_owner_info, infos))])

    def _set_sid_list(self, body: m.SidListBody, upload: bytes) -> Reply:
        self._client().set_sid_list_for_partial(body.sids)
        return Reply(EMPTY)

    def _set_bur_mode(self, body: m.ModeChange, upload: bytes) -> Reply:
        mode = BurMode(body.part, body.increment)
        self._client().set_bur_mode(drives_in(body.drives), mode)
        self._is_in_mode = not mode.is_normal
        return Reply(EMPTY)

    def _sid_status(self, body: m.SidListBody, upload: bytes) -> Reply:
        statuses = self._client().sid_status(body.sids)
        # The engine never writes the error of an entry (BE 8.3).
        entries = (m.SidStatus(sid, status, 0) for sid, status in zip(body.sids, statuses, strict=True))
        return Reply(m.SidStatusList(tuple(entries)))

    def _expected_data_size(self, body: m.TransferType, upload: bytes) -> Reply:
        return Reply(DataSize(self._client().expected_data_size(body.transfer_type) & 0xFFFFFFFF))

    def _request_data(self, body: m.DataRequest, upload: bytes) -> Reply:
        info = self._client().request_data(body.transfer_type)
        answer = m.RequestedData(info.finished, len(info.data), info.transfer_type)
        return Reply(answer, [info.data])

    def _supply_data(self, body: m.DataSupply, upload: bytes) -> Reply:
        self._client().supply_data(body.transfer_type, upload, finished=body.finished)
        return Reply(EMPTY)

    def _all_snapshots_supplied(self, body: m.Variant, upload: bytes) -> Reply:
        self._client().all_snapshots_supplied()
        return Reply(EMPTY)

    def _all_system_files_restored(self, body: m.Variant, upload: bytes) -> Reply:
        self._client().all_system_files_restored()
        return Reply(EMPTY)

    def _public_file_list(self, body: m.PublicFilesOf, upload: bytes) -> Reply:
        client, sid = self._client(), _owner_sid(body.owner)
        if body.raw:
            filters = [FileFilter(int(i), text) for i, text in client.raw_public_file_list(sid, body.drive)]
            data = b"".join(codec_of(FileFilter).build(entry) for entry in filters)
            return Reply(m.EntryCount(len(filters)), [data])
        entries = []
        for found in client.public_file_list(sid, body.drive):
            size = len(found.file.content)
            entry = FileListEntry(
                int(found.file.attributes),
                size & 0xFFFFFFFF,
                symbian_time(found.file.modified),
                0,
                0,
                0,
                found.path,
                size >> 32,
                0,
            )
            entries.append(codec_of(FileListEntry).build(entry))
        return Reply(m.EntryCount(len(entries)), entries)

    def _large_public_file_list(self, body: m.LargePublicFilesOf, upload: bytes) -> Reply:
        client = self._client()
        # This form knows SIDs only; a package's identity is good enough for the others (BE 6).
        sid = _owner_sid(body.owner, (SecureIdentity,))
        entries, cursor = client.large_public_file_list(sid, body.drive, body.cursor, body.maximum)
        return Reply(m.LargePublicFiles(cursor, len(entries)), entries)

    def _public_file_list_xml(self, body: m.PublicFilesOf, upload: bytes) -> Reply:
        self._client().public_file_list_xml()
        return Reply(EMPTY)


_Owners = tuple[type[SecureIdentity] | type[PackageIdentity], ...]


def _owner_sid(identity: bytes, accepted: _Owners = (SecureIdentity, PackageIdentity)) -> SecureId:
    """-5 for anything that is no data owner's identity of an accepted kind (BE 6)."""
    try:
        value = read_generic(identity)
    except SerialisedError as error:
        raise Leave(error.code) from error
    if not isinstance(value, accepted):
        raise Leave(KErrNotSupported)
    return value.sid
