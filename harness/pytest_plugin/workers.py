"""A run over several handsets: one worker of pytest-xdist for each, and what is done when one is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin import uses_handset
from harness.pytest_plugin.choosing import device_of, wanted_by
from harness.pytest_plugin.session import hil_session

if TYPE_CHECKING:
    from harness.spreading import HandsetScheduling

SPREADING: pytest.StashKey[HandsetScheduling | None] = pytest.StashKey()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """A worker with a phone leaves for the others which handsets each test fits."""
    folder = spread_folder(session.config)
    if folder is None:
        return
    from harness.spreading import write_fits

    hil = hil_session(session.config)
    fits: dict[str, list[str] | None] = {}
    for item in session.items:
        # What fits no handset at all may be skipped by any worker.
        names = hil.fitting(wanted_by(item), device_of(item), item.nodeid) if uses_handset(item) else []
        fits[item.nodeid] = names or None
    write_fits(folder, session.config.workerinput["workerid"], fits)  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A worker whose phone is gone gives a test back; and a test that lost its phone is repeated, if so asked."""
    if not uses_handset(item):
        return None
    folder = spread_folder(item.config)
    if folder is not None:
        from harness.spreading import write_out

        hil = hil_session(item.config)
        phone = hil.own_phone(wanted_by(item), device_of(item), item.nodeid)
        if phone is not None and not phone.is_usable():
            write_out(folder, phone.entry.name, phone.out, was_lost=phone.was_lost)
            return True  # without any report
    repeats: int = item.config.getoption("hil_retry_lost")
    if repeats <= 0:
        return None
    from harness.repeating import run_repeatedly

    hil = hil_session(item.config)
    wanted, device = wanted_by(item), device_of(item)
    return run_repeatedly(item, nextitem, repeats, lambda: hil.has_phone_for(wanted, device, item.nodeid))


def spread_folder(config: pytest.Config) -> Path | None:
    """In a worker that shares a lab with others: where they leave each other word."""
    folder = getattr(config, "workerinput", {}).get("symhil_folder")
    return Path(folder) if folder else None


# In the process that starts the workers:


def spreading_of(config: pytest.Config) -> HandsetScheduling | None:
    """What spreads this run over the handsets of a lab; None where it does not have to be."""
    if config.getoption("hil_backend") != "lab" or config.getoption("dist", "no") not in {"load", "worksteal"}:
        return None
    if SPREADING not in config.stash:
        from harness.errors import HilError
        from harness.spreading import make_scheduling

        try:
            config.stash[SPREADING] = make_scheduling(config)
        except HilError as error:
            pytest.exit(f"{error.category.value}: {error}", returncode=error.exit_code)
    return config.stash[SPREADING]


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """`-n auto` is the number of handsets that can be had."""
    if config.getoption("hil_backend") != "lab":
        return None
    from harness.errors import HilError
    from harness.lab.candidates import candidates_of

    try:
        return len(candidates_of(config).devices())
    except HilError:
        return 1  # and before it starts, it is told why


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker gets its phone."""
    spreading = spreading_of(node.config)
    if spreading is not None:
        spreading.give_device(node)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended."""
    spreading = node.config.stash.get(SPREADING, None)
    if spreading is not None:
        spreading.take_device(node)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config) -> HandsetScheduling | None:
    """One worker, one phone."""
    return spreading_of(config)
