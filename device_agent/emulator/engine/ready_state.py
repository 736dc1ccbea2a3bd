"""Ready states: what events store, and what SIDStatus computes from it (BE 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_agent.emulator.engine.panic import EnginePanic
from device_agent.emulator.engine.session import OwnerSession, status_of
from wire.symbian import SecureId, TActiveBackupType, TDataOwnerStatus
from wire.symbian_errors import KErrNone

if TYPE_CHECKING:
    from device_agent.emulator.engine.engine import BackupEngine
    from device_agent.emulator.engine.owner_list import DataOwner

READY = frozenset({TDataOwnerStatus.EDataOwnerReady, TDataOwnerStatus.EDataOwnerReadyNoImpl})


class ReadyStates:
    """The ready states of all owners of an engine."""

    def __init__(self, engine: BackupEngine) -> None:
        self._engine = engine

    # ------------------------------------------------------------------------------- what the host sees

    def of_sid(self, sid: SecureId) -> TDataOwnerStatus:
        """The status of any SID (BE 8.3); NotFound when it is no owner."""
        owner = self._engine.owners.get(sid)
        if owner is None:
            return TDataOwnerStatus.EDataOwnerNotFound
        status = self.of_owner(owner)
        self._engine.log(f"CDataOwner::ReadyState() - Ready status for data owner 0x{int(sid):08x} is {status:d}")
        return status

    def of_owner(self, owner: DataOwner, asking: frozenset[SecureId] = frozenset()) -> TDataOwnerStatus:
        """BE 8.3, steps 1 to 4: proxies first, then the stored status, recomputed unless it is ready.

        `asking` are the owners whose proxy this one is. Nothing in BE 8.3 ends a circle of proxies, so one must
        use up the engine's stack, and the kernel ends its process (UNVERIFIED).
        """
        if owner.sid in asking:
            raise EnginePanic("KERN-EXEC", 3)
        proxies = TDataOwnerStatus.EDataOwnerReady
        if owner.registration.proxies:
            proxies = self._of_proxies(owner, asking | {owner.sid})
        if owner.registration.proxies and not owner.is_active:
            owner.stored_status = TDataOwnerStatus.EDataOwnerReady if proxies in READY else proxies
        if owner.is_active and owner.stored_status not in READY:
            # A failed confirmation and a process that did not start end here as well (Q15, Q16), and so does
            # an owner whose callback ran into the watchdog (Q17). Ready is never looked at again (Q18).
            owner.stored_status = self.of_session(owner.sid)
        return owner.stored_status if proxies in READY else proxies

    def _of_proxies(self, owner: DataOwner, asking: frozenset[SecureId]) -> TDataOwnerStatus:
        """BE 8.3 step 1: the first proxy that is not ready decides."""
        status = TDataOwnerStatus.EDataOwnerReady
        for sid in owner.registration.proxies:
            if status not in READY:
                break
            proxy = self._engine.owners.get(sid)
            if proxy is None:
                status = TDataOwnerStatus.EDataOwnerNotFound
            elif (
                proxy.registration.active is not None
                and proxy.registration.active.active_type == TActiveBackupType.EActiveOnly
            ):
                return TDataOwnerStatus.EDataOwnerFailed
            else:
                status = self.of_owner(proxy, asking)
        return status

    def of_session(self, sid: SecureId) -> TDataOwnerStatus:
        """What the oldest session of a SID stands for (BE 8.2, Q29)."""
        session = self._engine.sessions.find(sid)
        if session is not None:
            how = "already have interface" if session.primed else "does not have interface"
            word = "confirmed" if session.primed else "confimed"
            self._engine.log(
                f"CABServer::SessionReadyStateL session for 0x{sid:08x} {how}, {word}:{int(session.confirmed)} "
                if session.valid
                else f"CABServer::SessionReadyStateL session for 0x{sid:08x} has been invalidated, "
                "return NotConnected"
            )
        return status_of(session)

    # ------------------------------------------------------------------------------- what events store

    def confirmed(self, session: OwnerSession, error: int) -> None:
        """ConfirmReadyForBUR: 2, 6 without callbacks or for a proxyonly owner, 4 with an error."""
        owner = self._engine.owners.get(session.sid)
        if owner is None:
            return
        active = owner.registration.active
        if error != KErrNone:
            status = TDataOwnerStatus.EDataOwnerFailed
        elif not session.primed or (active is not None and active.active_type == TActiveBackupType.EProxyImpOnly):
            status = TDataOwnerStatus.EDataOwnerReadyNoImpl
        else:
            status = TDataOwnerStatus.EDataOwnerReady
        self._store(owner, status)

    def primed(self, session: OwnerSession) -> None:
        """A prime message while the state computes to NotConnected makes it NotReady."""
        owner = self._engine.owners.get(session.sid)
        if owner is None:
            return
        if self.of_sid(session.sid) == TDataOwnerStatus.EDataOwnerNotConnected:
            owner.stored_status = TDataOwnerStatus.EDataOwnerNotReady

    def closing_down(self, session: OwnerSession) -> None:
        """The owner deletes its client: a ready one becomes NotConnected."""
        owner = self._engine.owners.get(session.sid)
        if owner is not None and self.of_owner(owner) in READY:
            owner.stored_status = TDataOwnerStatus.EDataOwnerNotConnected

    def watchdog_expired(self, session: OwnerSession) -> None:
        """The stored status becomes Failed, which the next look computes anew (Q17)."""
        owner = self._engine.owners.get(session.sid)
        if owner is not None:
            owner.stored_status = TDataOwnerStatus.EDataOwnerFailed

    def primed_after_time_out(self, session: OwnerSession) -> None:
        """A further prime of a timed-out client, which is never completed, stores NotConnected (Q26)."""
        owner = self._engine.owners.get(session.sid)
        if owner is not None:
            owner.stored_status = TDataOwnerStatus.EDataOwnerNotConnected

    def _store(self, owner: DataOwner, status: TDataOwnerStatus) -> None:
        self._engine.log(
            f"CDataOwner::SetReadyState() - Setting ready state of data owner 0x{owner.sid:08x} to {int(status)}"
        )
        owner.stored_status = status
