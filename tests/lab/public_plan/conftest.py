from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.handset import Handset
from harness.log.collect import SecureBackupLog
from tests.lab.public_plan.archive import PlanArchive
from tests.lab.public_plan.observed import EngineLog
from tests.lab.public_plan.phone_setup import PhoneSetup
from tests.lab.public_plan.plan import Case
from tests.lab.public_plan.suite import PublicSuite


@pytest.fixture
def suite(handset: Handset, hil_folder: Path, plan_case: Case) -> PublicSuite:
    """The steps in the form that the case uses, with an empty archive, as the scripts delete theirs at first."""
    archive = PlanArchive(hil_folder / "archive")
    return PublicSuite(handset, archive, asynchronous=plan_case.step.is_asynchronous)


@pytest.fixture
def setup(handset: Handset) -> Iterator[PhoneSetup]:
    """What a script sets up on the phone."""
    made = PhoneSetup(handset)
    yield made
    made.undo()


@pytest.fixture
def log(securebackup_log: SecureBackupLog) -> EngineLog:
    """The engine's log of this test."""
    return EngineLog(securebackup_log)
