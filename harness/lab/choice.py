"""Which handsets a test may run on: what it asks for, what the command line leaves, what the lab has."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from typing import Final, NamedTuple

from harness.errors import ConfigError
from harness.lab.config import HandsetEntry
from wire.config.check import nearest_of
from wire.protocol.messages.phone import PhoneFeatures

ENTRY_NEEDS: Final = ("restore", "emulator", "real")
"""What the configuration tells of a handset; the others are what its agent says, once it is open."""

FEATURE_NEEDS: Final = {
    "controller": PhoneFeatures.CONTROLLER,
    "owner-slots": PhoneFeatures.OWNER_SLOTS,
    "files": PhoneFeatures.FILES,
    "packages": PhoneFeatures.PACKAGES,
    "java": PhoneFeatures.JAVA,
}
NEEDS: Final = (*ENTRY_NEEDS, *FEATURE_NEEDS)


class Wanted(NamedTuple):
    """What a test asks of a handset, with `@pytest.mark.handset(tags=[...], needs=[...])`."""

    tags: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, tags: Iterable[str] = (), needs: Iterable[str] = ()) -> Wanted:
        """ConfigError says which word is not known."""
        for name, words in (("tags", tags), ("needs", needs)):
            if isinstance(words, str):
                raise ConfigError(f"{name} is a list of words, not the text {words!r}")
        for need in needs:
            if need not in NEEDS:
                raise ConfigError(
                    f"no handset can have {need!r}{nearest_of(need, NEEDS)}; known are {', '.join(NEEDS)}"
                )
        return cls(frozenset(tags), frozenset(needs))

    def __or__(self, other: object) -> Wanted:
        assert isinstance(other, Wanted)
        return Wanted(self.tags | other.tags, self.needs | other.needs)

    def __str__(self) -> str:
        parts = (("tags", self.tags), ("needs", self.needs))
        return ", ".join(f"{name} {' '.join(sorted(words))}" for name, words in parts if words) or "any handset"

    def fits(self, entry: HandsetEntry) -> bool:
        """As far as the configuration tells."""
        has = {"restore": entry.allow_restore, "emulator": entry.is_emulated, "real": not entry.is_emulated}
        return self.tags <= set(entry.tags) and all(has.get(need, True) for need in self.needs)

    def missing_features(self, features: int) -> list[str]:
        """What the agent of an open handset says that it does not have."""
        return [need for need, feature in FEATURE_NEEDS.items() if need in self.needs and not features & feature]


class Where(NamedTuple):
    """`key=pattern` or `key!=pattern` conditions, all of which hold: `platform=s60v3,tag!=slow`."""

    conditions: tuple[tuple[str, bool, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Where:
        """ConfigError says which part is wrong."""
        conditions = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            key, equals, pattern = part.partition("=")
            name = key.rstrip("!").strip()
            if not equals or name not in _KEYS:
                raise ConfigError(
                    f"{part!r} is no condition{nearest_of(name, _KEYS)}: KEY=VALUE or KEY!=VALUE is expected, "
                    f"with a key among {', '.join(_KEYS)}",
                    hint="as in --hil-where 'platform=s60v3,tag!=slow'; * in a value stands for anything",
                )
            conditions.append((name, not key.endswith("!"), pattern.strip()))
        return cls(tuple(conditions))

    def fits(self, entry: HandsetEntry) -> bool:
        """All conditions hold."""
        return all(
            any(fnmatch.fnmatchcase(value, pattern) for value in _values(entry, key)) == wanted
            for key, wanted, pattern in self.conditions
        )


_KEYS: Final = ("name", "model", "platform", "firmware", "engine", "tag", "link")


def _values(entry: HandsetEntry, key: str) -> Iterable[str]:
    if key == "tag":
        return entry.tags
    if key == "link":
        return [link.kind for link in entry.links]
    return [str(getattr(entry, key))]
