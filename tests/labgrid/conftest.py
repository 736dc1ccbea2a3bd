"""A whole lab with labgrid's own programs. It runs where `make test-labgrid` runs it and is skipped elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.lab.hold import FOLDER_VARIABLE
from tests.labgrid.demo_lab import DemoLab, demo_lab

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if importlib.util.find_spec("labgrid") is None:
        skip = pytest.mark.skip(
            reason="needs labgrid, which has an environment of its own: run `make test-labgrid`"
        )
        for item in items:
            if item.path.parent == HERE:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoLab]:
    """Three machines with twelve emulated handsets. What a test kills is started again before the next one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(tmp_path_factory.mktemp("locks")))
        with demo_lab(tmp_path_factory.mktemp("lab"), machines=3, handsets=12) as running:
            yield running


@pytest.fixture(autouse=True)
def as_the_lab_s_user(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that a test starts find the coordinator."""
    if "lab" in request.fixturenames:
        running: DemoLab = request.getfixturevalue("lab")
        monkeypatch.setenv("LG_COORDINATOR", running.coordinator)
