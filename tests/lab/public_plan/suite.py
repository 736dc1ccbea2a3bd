"""One run of the suite's steps on a handset, with the archive that they share."""

from __future__ import annotations

import pytest

from harness.handset import Handset
from tests.lab.public_plan.archive import PlanArchive
from tests.lab.public_plan.backup_steps import AsynchronousBackupStep, BackupStep, SecondBackupStep
from tests.lab.public_plan.blocks import pause
from tests.lab.public_plan.plan import SECTIONS, Case, Step
from tests.lab.public_plan.restore_steps import AsynchronousRestoreStep, RestoreStep
from tests.lab.public_plan.step_result import StepResult
from wire.symbian import SecureId

CASE_PAUSE_S = 10.0
"""Between the cases of a script: owners get the time to see the phone in normal (Test plan 6)."""


class PublicSuite:
    """TestBackup and TestRestore, in the form that a case uses.

    Attributes:
        second: the last run of TestBackup2, which sees more than the others.
    """

    def __init__(self, handset: Handset, archive: PlanArchive, *, asynchronous: bool = False) -> None:
        self.handset = handset
        self.archive = archive
        self._asynchronous = asynchronous
        self.second: SecondBackupStep | None = None

    def run(self, plan_case: Case) -> StepResult:
        """The step of a case, and its verdict by the original's rule (Test plan 4.9)."""
        if plan_case.step in {Step.RESTORE, Step.RESTORE_ASYNC}:
            result = self._restore(plan_case.section)
        elif plan_case.step is Step.BACKUP_2:
            self.second = SecondBackupStep(self.handset, self.archive, SECTIONS[plan_case.section])
            result = self.second.run()
        else:
            result = self._backup(plan_case.section)
        assert not result.failures, "; ".join(result.failures)
        pause(self.handset, CASE_PAUSE_S)
        return result

    def backup_first(self, section: str) -> StepResult:
        """A backup that stands before a case in the script, in the same form."""
        result = self._backup(section)
        assert not result.failures, "; ".join(result.failures)
        pause(self.handset, CASE_PAUSE_S)
        return result

    def _backup(self, section: str) -> StepResult:
        step = AsynchronousBackupStep if self._asynchronous else BackupStep
        return step(self.handset, self.archive, SECTIONS[section]).run()

    def _restore(self, section: str) -> StepResult:
        if not self.handset.allow_restore:
            pytest.skip(f"nothing is restored to {self.handset.name}: its entry does not say allow_restore: true")
        step = AsynchronousRestoreStep if self._asynchronous else RestoreStep
        return step(self.handset, self.archive, SECTIONS[section]).run()

    def require_owner(self, *sids: SecureId) -> None:
        """Skip what is ours of a case, on a phone without an owner that the suite expects; its verdict stands."""
        there = {info.sid for info in self.handset.engine.list_data_owners()}
        missing = [str(sid) for sid in sids if sid not in there]
        if missing:
            pytest.skip(
                f"{self.handset.name} has no data owner {', '.join(missing)}: there is nothing more to look at"
            )
