"""A recording of every scene, made once."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from harness.lab.open import DEFAULT_ENTRY
from harness.phone_at_hand import PhoneAtHand
from harness.recording.reading import Recording, read_recordings
from tests.harness.recording.scenes import SCENES, play


class Recorded(NamedTuple):
    """A run, and how its tests ended."""

    folder: Path
    verdicts: dict[str, str]

    @property
    def recording(self) -> Recording:
        (recording,) = read_recordings(self.folder)
        return recording


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """As the plugin would record it, on an emulated handset."""
    folder = tmp_path_factory.mktemp("recorded")
    at_hand = PhoneAtHand(DEFAULT_ENTRY, folder, lab=None, wait_s=0.0, collect_logs=True)
    try:
        verdicts = {test: play(at_hand, folder, test, scene) for test, scene in SCENES.items()}
    finally:
        at_hand.end()
    return Recorded(folder, verdicts)
