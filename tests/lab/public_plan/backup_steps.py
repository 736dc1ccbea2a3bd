"""TestBackup, TestBackupAsync and TestBackup2 (Test plan 5.1, 5.2, 5.5)."""

from __future__ import annotations

from harness.errors import EngineError
from tests.lab.public_plan.blocks import Blocks
from tests.lab.public_plan.mode_sequence import ModeOutcome, run_mode_sequence
from tests.lab.public_plan.owner_parts import has_public_files
from tests.lab.public_plan.step_result import DATA_TYPE, StepResult
from wire.formats.serialised import (
    DataOwnerInfo,
    JavaIdentity,
    LargeFileListEntry,
    SecureIdentity,
    read_owner_infos,
    write_owner_info,
)
from wire.layout import codec_of
from wire.symbian import BurMode, TBackupIncType, TBURPartType, TJavaTransferType, TPackageDataType

MAX_LIST_SIZE = 1024


class BackupStep(Blocks):
    """TestBackup; TestBackupAsync with `asynchronous` set."""

    asynchronous = False
    lists_raw = True
    checks_public_files = True

    def run(self) -> StepResult:
        """The whole step, in the order of the original."""
        owners = self.choose(self._list_owners())
        for info in owners:
            self.archive.save_owner(info)
        part = TBURPartType.EBURBackupPartial if self.is_partial else TBURPartType.EBURBackupFull
        incremental = self.section.incremental
        increment = TBackupIncType.EBackupIncrement if incremental else TBackupIncType.EBackupBase
        with self.mode(BurMode(part, increment), asynchronously=self.asynchronous):
            self._list_public_files(owners)
            self.request(self.of_suites(owners, TJavaTransferType.EJavaMIDlet))
            self.request(self.of_suites(owners, TJavaTransferType.EJavaMIDletData))
            if incremental:
                self._back_up_increment(owners)
            else:
                self._back_up_base(owners)
            self.before_normal(owners)
        self.after_normal()
        return self.result

    def _list_owners(self) -> list[DataOwnerInfo]:
        try:
            self.result.listed = self.engine.list_data_owners(asynchronous=self.asynchronous)
        except EngineError as error:
            self.result.failures.append(str(error))
        excluded = set(self.section.excluded)
        if not self.is_partial:
            # The agent's owner slots belong to tests; without one behind them they are never ready.
            excluded |= set(self.handset.info.owner_slots)
        return [info for info in self.result.listed if info.sid not in excluded]

    def _list_public_files(self, owners: list[DataOwnerInfo]) -> None:
        """The first error ends this part, and nobody minds."""
        with self.logging():
            for drive in self.drives:
                for info in filter(has_public_files, owners):
                    assert info.sid is not None
                    assert not isinstance(info.identity, JavaIdentity)
                    if self.lists_raw:
                        self.engine.raw_public_files(info.identity, drive)
                    found = self.engine.public_files(info.identity, drive, asynchronous=self.asynchronous)
                    self.result.public_files.setdefault(info.sid, []).extend(entry.name for entry in found)
        expected = self.section.public_files
        if self.checks_public_files and expected:
            names = {path.rsplit("\\", 1)[-1] for paths in self.result.public_files.values() for path in paths}
            if names != expected:
                self.result.failures.append(f"public files: {sorted(names)} instead of {sorted(expected)}")

    def _back_up_base(self, owners: list[DataOwnerInfo]) -> None:
        self._request_packages(owners)
        if self.is_partial:
            self.when_ready(self.of_owners(owners, DATA_TYPE.EActiveBaseData, is_backup=True), self.request)
            self.when_ready(self.of_owners(owners, DATA_TYPE.EActiveSnapshotData, is_backup=True), self.request)
        self.request(self.of_owners(owners, DATA_TYPE.EPassiveBaseData, is_backup=True))
        self.request(self.of_owners(owners, DATA_TYPE.EPassiveSnapshotData, is_backup=True))

    def _back_up_increment(self, owners: list[DataOwnerInfo]) -> None:
        self.supply_package_snapshots(owners)
        self.when_ready(self.of_owners(owners, DATA_TYPE.EActiveSnapshotData, is_backup=True), self.supply)
        self.supply(self.of_owners(owners, DATA_TYPE.EPassiveSnapshotData, is_backup=True))
        with self.logging():
            self.engine.all_snapshots_supplied(asynchronous=self.asynchronous)
        self._request_packages(owners)
        if self.is_partial:
            self.when_ready(self.of_owners(owners, DATA_TYPE.EActiveIncrementalData, is_backup=True), self.request)
            self.when_ready(self.of_owners(owners, DATA_TYPE.EActiveSnapshotData, is_backup=True), self.request)
        self.request(self.of_owners(owners, DATA_TYPE.EPassiveIncrementalData, is_backup=True))
        self.request(self.of_owners(owners, DATA_TYPE.EPassiveSnapshotData, is_backup=True))

    def _request_packages(self, owners: list[DataOwnerInfo]) -> None:
        self.request(self.of_packages(owners, TPackageDataType.ESystemData))
        self.request(self.of_packages(owners, TPackageDataType.ESystemSnapshotData))

    def supply_package_snapshots(self, owners: list[DataOwnerInfo]) -> None:
        """From the archive."""
        self.supply(self.of_packages(owners, TPackageDataType.ESystemSnapshotData))

    def before_normal(self, owners: list[DataOwnerInfo]) -> None:
        """What a step does besides, while the phone is in its mode."""

    def after_normal(self) -> None:
        """And afterwards."""


class AsynchronousBackupStep(BackupStep):
    """TestBackupAsync: asynchronous forms, no raw list, public files are not compared."""

    asynchronous = True
    lists_raw = False
    checks_public_files = False


class SecondBackupStep(BackupStep):
    """TestBackup2: large public file lists, then calls in an abnormal order, whose errors are ignored.

    Attributes:
        large_lists: the first answer of each large list.
        outcomes: what the abnormal calls gave.
    """

    lists_raw = False
    large_lists: list[list[LargeFileListEntry]]
    outcomes: list[ModeOutcome]

    def supply_package_snapshots(self, owners: list[DataOwnerInfo]) -> None:
        """In the asynchronous form. The original does not wait for it; over a link there is always an answer."""
        self.supply(self.of_packages(owners, TPackageDataType.ESystemSnapshotData), asynchronous=True)

    def before_normal(self, owners: list[DataOwnerInfo]) -> None:
        self.large_lists = []
        with self.logging():
            for drive in self.drives:
                for info in filter(has_public_files, owners):
                    assert info.sid is not None
                    identity = SecureIdentity(info.sid)
                    entries, _ = self.engine.large_public_files(identity, drive, cursor=0, maximum=MAX_LIST_SIZE)
                    self.large_lists.append(entries)

    def after_normal(self) -> None:
        self.outcomes = run_mode_sequence(self.handset, self.drives)
        self._round_trips()

    def _round_trips(self) -> None:
        """An owner's information and a file's entry through their serialised forms."""
        for info in self.result.chosen[:1]:
            assert read_owner_infos(write_owner_info(info), 1) == [info]
        for entry in [entry for entries in self.large_lists for entry in entries][:1]:
            codec = codec_of(LargeFileListEntry)
            assert codec.parse(codec.build(entry)) == entry
