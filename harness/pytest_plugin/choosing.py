"""Which handset for which test: what its markers ask for, and --hil-all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.lab.choice import Wanted


def wanted_by(item: pytest.Item) -> Wanted:
    """What the markers of a test ask of a handset, those of its class and module included."""
    from harness.errors import ConfigError
    from harness.lab.choice import Wanted

    wanted = Wanted()
    for marker in item.iter_markers("handset"):
        try:
            wanted |= Wanted.parse(*marker.args, **marker.kwargs)
        except (ConfigError, TypeError) as error:
            raise pytest.UsageError(
                f"{item.nodeid}: the marker handset(tags=[...], needs=[...]): {error}"
            ) from error
    return wanted


def device_of(item: pytest.Item) -> str:
    """The handset that a test is bound to by --hil-all."""
    spec = getattr(item, "callspec", None)
    return str(spec.params.get("_hil_device", "")) if spec is not None else ""


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With --hil-all a test becomes one for each handset that fits."""
    if not metafunc.config.getoption("hil_all") or "_hil_device" not in metafunc.fixturenames:
        return
    from harness.errors import HilError
    from harness.lab.candidates import candidates_of, recordings_of

    try:
        entries = candidates_of(metafunc.config).entries
        recordings = recordings_of(metafunc.config)
    except HilError:
        return  # the first test says so
    wanted = wanted_by(metafunc.definition)
    names = [entry.name for entry in entries if wanted.fits(entry)]
    if recordings:
        names = [one.handset for one in recordings if one.has_function(metafunc.definition.nodeid)]
    if names:
        metafunc.parametrize("_hil_device", names, indirect=True, ids=names)


def check_markers(items: list[pytest.Item]) -> None:
    """A marker that is used wrongly is told before anything runs."""
    for item in items:
        wanted_by(item)


def row_of(item: pytest.Item) -> str:
    """A test's name without the handset that --hil-all has put into it."""
    device = device_of(item)
    return item.nodeid.replace(f"[{device}]", "").replace(f"-{device}]", "]") if device else item.nodeid
