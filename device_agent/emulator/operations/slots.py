"""Owner slots: what the host lets its data owners' processes do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_agent.emulator.abclient import ActiveBackupClient
from device_agent.emulator.operations.reply import Handler, Reply, Unserved
from device_agent.emulator.owners.registrations import SLOTS
from device_agent.emulator.owners.relayed import Attachment, SlotProcess
from wire.formats.serialised import drive_list
from wire.layout import EMPTY
from wire.protocol.messages import owners as m
from wire.protocol.messages.method import AgentFault
from wire.symbian import SecureId

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent


class SlotOperations:
    """Attaching to slots, and the owner's own calls."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def handlers(self) -> dict[int, Handler]:
        """By the method's number."""
        return {
            m.OWNER_ATTACH.number: self._attach,
            m.OWNER_DETACH.number: self._detach,
            m.OWNER_CONNECT.number: self._connect,
            m.OWNER_DISCONNECT.number: self._disconnect,
            m.OWNER_CONFIRM_READY.number: self._confirm_ready,
            m.OWNER_BUR_MODE_INFO.number: self._bur_mode_info,
            m.OWNER_DOES_PARTIAL_AFFECT_ME.number: self._does_partial_affect_me,
        }

    def _attach(self, body: m.OwnerAttach, upload: bytes) -> Reply:
        if body.sid not in SLOTS:
            slots = ", ".join(map(str, SLOTS))
            raise Unserved(AgentFault.NOT_OFFERED, f"{body.sid} is no owner slot; there are {slots}")
        self._agent.attachments[body.sid] = Attachment(body.automatic, body.with_callbacks, body.confirm_error)
        return Reply(EMPTY)

    def _detach(self, body: m.Owner, upload: bytes) -> Reply:
        self._agent.attachments.pop(body.sid, None)
        process = self._agent.phone.processes.running(body.sid)
        if isinstance(process, SlotProcess):
            # A slot without a host could only make the engine wait: its process ends, the next mode starts it.
            process.disconnect()
            process.end()
        return Reply(EMPTY)

    def _connect(self, body: m.OwnerConnect, upload: bytes) -> Reply:
        self._process(body.sid).connect_slot(with_callbacks=body.with_callbacks)
        return Reply(EMPTY)

    def _disconnect(self, body: m.Owner, upload: bytes) -> Reply:
        self._process(body.sid).disconnect()
        return Reply(EMPTY)

    def _confirm_ready(self, body: m.OwnerConfirm, upload: bytes) -> Reply:
        self._client(body.sid).confirm_ready(body.error)
        return Reply(EMPTY)

    def _bur_mode_info(self, body: m.Owner, upload: bytes) -> Reply:
        mode, drives = self._client(body.sid).bur_mode_info()
        return Reply(m.BurModeInfo(drive_list(drives), mode.part, mode.increment))

    def _does_partial_affect_me(self, body: m.Owner, upload: bytes) -> Reply:
        return Reply(m.Affected(self._client(body.sid).does_partial_affect_me()))

    def _process(self, sid: SecureId) -> SlotProcess:
        """The slot's process, started if it does not run: that takes no capability."""
        phone = self._agent.phone
        if sid not in self._agent.attachments:
            raise Unserved(AgentFault.NOT_OFFERED, f"nobody is attached to slot {sid}")
        if phone.processes.running(sid) is None:
            phone.processes.start(f"bkowner{SLOTS.index(sid) + 1}.exe", sid)
            phone.scheduler.run_ready()
        process = phone.processes.running(sid)
        assert isinstance(process, SlotProcess)
        return process

    def _client(self, sid: SecureId) -> ActiveBackupClient:
        client = self._process(sid).client
        if client is None:
            raise Unserved(AgentFault.NOT_OFFERED, f"slot {sid} has no client object: connect it first")
        return client
