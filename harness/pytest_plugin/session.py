"""The session at the handsets of one pytest run, made when the first test asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.pytest_plugin import wake
from harness.pytest_plugin.live import display_of

if TYPE_CHECKING:
    from harness.hil_session import HilSession

SESSION: pytest.StashKey[HilSession] = pytest.StashKey()


def hil_session(config: pytest.Config) -> HilSession:
    """The session of this run."""
    from harness.hil_session import HilSession, artifacts_folder

    session = config.stash.get(SESSION, None)
    if session is None:
        wake(config)  # has been done, unless a test has asked for its fixture by name while it ran
        # pytest's own folder for tmp_path; hooks have no other way to it.
        basetemp: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001
        only = getattr(config, "workerinput", {}).get("symhil_device")
        session = config.stash[SESSION] = HilSession(config, artifacts_folder(config, basetemp / "hil"), only=only)
        display = display_of(config)
        if display is not None:
            session.show_on(display)
    return session
