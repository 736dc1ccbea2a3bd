"""What a step of the suite saw."""

from __future__ import annotations

from dataclasses import dataclass, field

from wire.formats.serialised import DataOwnerInfo, SidTransfer, Transfer
from wire.symbian import Drive, SecureId, TDataOwnerStatus, TTransferDataType

DATA_TYPE = TTransferDataType


@dataclass
class StepResult:
    """What a step saw. The original fails when `failures` is not empty (Test plan 4.9).

    Attributes:
        tolerated: codes that the section expects, in the order in which they came.
        logged: what the original writes down and does not mind.
        listed, chosen: the owner list, and what is left of it for the step.
        partial_list: what was stored; None in a full run.
        states: the last status of each active owner.
        sizes: what ExpectedDataSize said.
        done: transfers that went through, in order.
        bytes_done: how many bytes each moved, as the engine wraps them.
        public_files: what PublicFileList named, by owner.
    """

    failures: list[str] = field(default_factory=list)
    tolerated: list[int] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    listed: list[DataOwnerInfo] = field(default_factory=list)
    chosen: list[DataOwnerInfo] = field(default_factory=list)
    partial_list: tuple[SecureId, ...] | None = None
    states: dict[SecureId, TDataOwnerStatus] = field(default_factory=dict)
    sizes: dict[Transfer, int] = field(default_factory=dict)
    done: list[Transfer] = field(default_factory=list)
    bytes_done: dict[Transfer, int] = field(default_factory=dict)
    public_files: dict[SecureId, list[str]] = field(default_factory=dict)

    def kinds(self, sid: SecureId) -> list[TTransferDataType]:
        """The kinds of an owner's data that went through, in order."""
        return [DATA_TYPE(t.data_type) for t in self.done if isinstance(t, SidTransfer) and t.sid == sid]

    @property
    def sids(self) -> list[SecureId]:
        """The owners that data went through for, in order."""
        return list(dict.fromkeys(t.sid for t in self.done if isinstance(t, SidTransfer)))


def on(drive: Drive, sid: SecureId, kind: TTransferDataType) -> SidTransfer:
    """A transfer, shorter."""
    return SidTransfer(drive, sid, kind)
