"""symhil's fixtures on a target of labgrid: `pytest --lg-env env.yaml --hil-backend labgrid`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import ConfigError, LabUnavailable

if TYPE_CHECKING:
    import pytest

    from harness.lab.config import HandsetEntry


def entry_of_target(config: pytest.Config, role: str) -> HandsetEntry:
    """The phone of a target. Its driver lets go of it, since a phone has one session at a time."""
    try:
        from labgrid.binding import BindingState
        from labgrid.exceptions import NoDriverFoundError
        from labgrid.pytestplugin.hooks import LABGRID_ENV_KEY
        from labgrid.remote.client import Error
    except ImportError as error:
        raise LabUnavailable(
            "--hil-backend labgrid needs labgrid, which is not installed here",
            hint="pip install 'symhil[labgrid]', in an environment of its own",
        ) from error
    environment = config.stash.get(LABGRID_ENV_KEY, None)
    if environment is None:
        raise ConfigError(
            "--hil-backend labgrid takes the phone from labgrid's environment", hint="give it --lg-env"
        )
    try:
        target = environment.get_target(role)
    except Error as error:
        raise LabUnavailable(
            f"labgrid: {' '.join(map(str, error.args))}", hint="labgrid-client acquire"
        ) from error
    if target is None:
        there = ", ".join(environment.config.get_targets())
        raise ConfigError(f"labgrid's environment has no target {role}; there are: {there}", hint="--hil-device")
    try:
        driver = target.get_driver("SymbianAgentDriver", activate=False)
    except (NoDriverFoundError, KeyError) as error:
        raise ConfigError(
            f"the target {role} has no SymbianAgentDriver",
            hint="add `SymbianAgentDriver: {}` to its drivers, and `harness.labgrid.drivers` to the imports",
        ) from error
    if driver.state is BindingState.active:
        target.deactivate(driver)
    entry: HandsetEntry = driver.entry()
    return entry
