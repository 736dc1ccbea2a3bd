"""TestRestore and TestRestoreAsync (Test plan 5.3, 5.4)."""

from __future__ import annotations

from harness.errors import EngineError
from tests.lab.public_plan.blocks import Blocks
from tests.lab.public_plan.owner_parts import identity_number
from tests.lab.public_plan.step_result import DATA_TYPE, StepResult
from wire.formats.serialised import DataOwnerInfo, SidTransfer
from wire.symbian import (
    BurMode,
    SecureId,
    TBackupIncType,
    TBURPartType,
    TJavaTransferType,
    TPackageDataType,
    TTransferDataType,
)


class RestoreStep(Blocks):
    """TestRestore; TestRestoreAsync with `asynchronous` set."""

    asynchronous = False

    def run(self) -> StepResult:
        """The whole step, in the order of the original. The owners are those of the archive, not the phone's."""
        self.result.listed = list(self.archive.owners())
        owners = self.choose(self.result.listed)
        part = TBURPartType.EBURRestorePartial if self.is_partial else TBURPartType.EBURRestoreFull
        incremental = self.section.incremental
        increment = TBackupIncType.EBackupIncrement if incremental else TBackupIncType.EBackupBase
        asynchronous = self.asynchronous
        with self.mode(BurMode(part, increment), asynchronously=asynchronous, back_asynchronously=asynchronous):
            self.supply(self.of_packages(owners, TPackageDataType.ESystemSnapshotData))
            self.supply(self.of_packages(owners, TPackageDataType.ESystemData))
            self.supply(self.of_suites(owners, TJavaTransferType.EJavaMIDlet))
            if self._system_files_restored():
                self.supply(self.of_suites(owners, TJavaTransferType.EJavaMIDletData))
                self._restore(owners)
        self._check_private_files()
        return self.result

    def _system_files_restored(self) -> bool:
        """Only the asynchronous form hears of an error, which ends the step."""
        try:
            self.engine.all_system_files_restored(asynchronous=self.asynchronous)
        except EngineError as error:
            if self.asynchronous:
                self.result.failures.append(str(error))
                return False
            self.result.logged.append(str(error))
        return True

    def _restore(self, owners: list[DataOwnerInfo]) -> None:
        incremental = self.section.incremental
        if incremental:
            with_passive, with_active = True, self.is_partial
        elif self.asynchronous:
            # The condition stands before the wrong part in the original.
            with_passive, with_active = self.is_partial, True
        else:
            with_passive, with_active = True, self.is_partial
        if with_passive:
            self.supply(self._of(owners, DATA_TYPE.EPassiveSnapshotData))
            self.supply(self._of(owners, DATA_TYPE.EPassiveBaseData))
            if incremental:
                self.supply(self._of(owners, DATA_TYPE.EPassiveIncrementalData))
        if with_active:
            self.when_ready(self._of(owners, DATA_TYPE.EActiveSnapshotData), self.supply)
            self.when_ready(self._of(owners, DATA_TYPE.EActiveBaseData), self.supply)
            if incremental:
                self.when_ready(self._of(owners, DATA_TYPE.EActiveIncrementalData), self.supply)

    def _of(self, owners: list[DataOwnerInfo], kind: TTransferDataType) -> list[SidTransfer]:
        return self.of_owners(owners, kind, is_backup=False)

    def _check_private_files(self) -> None:
        for name, size in () if self.asynchronous else self.section.private_files:
            for info in self.result.chosen:
                path = f"C:{SecureId(identity_number(info) or 0).private_directory}{name}"
                try:
                    found = self.handset.files.stat(path).size
                except EngineError as error:
                    self.result.failures.append(f"{path}: {error}")
                    continue
                if found != size:
                    self.result.failures.append(f"{path} has {found} bytes instead of {size}")


class AsynchronousRestoreStep(RestoreStep):
    """TestRestoreAsync: asynchronous forms; the sizes of files are not checked."""

    asynchronous = True
