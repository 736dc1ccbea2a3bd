"""The handsets that a run may use, of those that the lab has: by backend, by name, by conditions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.errors import ConfigError, LabUnavailable
from harness.lab.choice import Where
from harness.lab.config import DEFAULT_PATH, HandsetEntry, LabConfig, load_config
from harness.lab.hold import holder_of
from harness.lab.open import DEFAULT_ENTRY, with_agent

if TYPE_CHECKING:
    import pytest

    from harness.recording.reading import Recording


class Candidates(NamedTuple):
    """Handsets of a run, the preferred one first.

    Attributes:
        lab: the configuration's file where they are shared; None for emulated handsets of this run's own.
        config: the configuration; None without one.
    """

    entries: tuple[HandsetEntry, ...]
    lab: Path | None
    config: LabConfig | None

    def devices(self) -> list[str]:
        """The names of those that could be opened now; LabUnavailable says why none can."""
        usable, reasons = self.free()
        if not usable:
            listed = "\n".join(f"{name}: {reason}" for name, reason in reasons.items())
            raise LabUnavailable(f"none of the handsets can be had now:\n{listed}")
        return [entry.name for entry in usable]

    def free(self) -> tuple[list[HandsetEntry], dict[str, str]]:
        """Those that could be opened now, and why the others could not."""
        usable, reasons = [], {}
        for entry in self.entries:
            missing = self.config.missing_ports(entry.name) if self.config else []
            holder = holder_of(entry, self.lab)
            if missing:
                reasons[entry.name] = "\n".join(missing)
            elif holder:
                reasons[entry.name] = f"it is held by {holder}"
            else:
                usable.append(entry)
        return usable, reasons


def candidates_of(config: pytest.Config) -> Candidates:
    """What the options of pytest leave; LabUnavailable when that is nothing."""
    backend: str = config.getoption("hil_backend")
    if recordings := recordings_of(config):
        from harness.recording.replaying import entry_of

        return Candidates(tuple(map(entry_of, recordings)), None, None)
    agent: str = config.getoption("hil_agent")
    named: Path | None = config.getoption("hil_config")
    if backend == "labgrid":
        from harness.labgrid.target import entry_of_target

        return Candidates((entry_of_target(config, config.getoption("hil_device") or "main"),), None, None)
    devices: list[str] = [name for name in config.getoption("hil_device").split(",") if name]
    where = Where.parse(config.getoption("hil_where"))
    path = named or (DEFAULT_PATH if DEFAULT_PATH.is_file() or backend == "lab" else None)
    lab = load_config(path) if path else None
    entries: tuple[HandsetEntry, ...] = lab.handsets if lab else (DEFAULT_ENTRY,)
    if devices:
        if lab is None:
            raise ConfigError(
                f"there is no {DEFAULT_PATH} here to look {devices[0]!r} up in",
                hint="name the configuration with --hil-config",
            )
        entries = tuple(lab.find(name) for name in devices)
        for name in devices:
            if missing := lab.missing_ports(name):
                raise LabUnavailable("\n".join(missing), hint="plug the phone in, or correct the configuration")
    elif backend == "emulator" or not where.conditions:
        # Emulated handsets of a lab stand for phones only where they are asked for, or a run would be green
        # without any phone.
        entries = tuple(entry for entry in entries if entry.is_emulated == (backend == "emulator"))
    entries = tuple(entry for entry in entries if where.fits(entry))
    if not entries:
        kind = "emulated handset" if backend == "emulator" else "handset" if where.conditions else "real handset"
        asked = config.getoption("hil_where")
        raise LabUnavailable(
            f"the configuration has no {kind}{f' for which {asked} holds' if asked else ''}",
            hint="add one, or name another with --hil-device; docs/lab.md shows how an entry looks",
        )
    if agent:
        entries = tuple(with_agent(entry, agent) for entry in entries)
    return Candidates(entries, path if backend == "lab" else None, lab)


def recordings_of(config: pytest.Config) -> tuple[Recording, ...]:
    """What is replayed instead of using handsets; nothing with the other backends."""
    path: Path | None = config.getoption("hil_recording")
    is_replay = config.getoption("hil_backend") == "replay"
    if is_replay != (path is not None):
        raise ConfigError(
            "--hil-backend replay and --hil-recording FILE belong together, and only one of them was given"
        )
    if path is None:
        return ()
    from harness.recording.reading import read_recordings

    recordings = read_recordings(path)
    names = [name for name in config.getoption("hil_device").split(",") if name]
    if missing := set(names) - {recording.handset for recording in recordings}:
        there = ", ".join(recording.handset for recording in recordings)
        raise ConfigError(f"{path} was not recorded with {', '.join(sorted(missing))}, but with {there}")
    return tuple(one for one in recordings if not names or one.handset in names)
