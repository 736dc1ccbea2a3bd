"""`python -m harness.labgrid.places`: a place for each handset of an exporter, with tags to reserve it by.

Places that are there already are brought up to date; a place that is another exporter's is left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import Any, Final

from harness.labgrid.session import CoordinatorGone, Refused, Session, open_session

EXPORTER_TIMEOUT_S: Final = 10.0
_AGAIN_S: Final = 0.2


class NotYet(Exception):
    """What is to be exported has not reached the coordinator."""


async def make_places(coordinator: str, exporter: str, places: dict[str, dict[str, str]]) -> list[str]:
    """Make them, once the exporter is there; what cannot be made, as sentences."""
    session = await open_session(coordinator, f"symhil.places.{exporter}")
    try:
        clock = asyncio.get_running_loop().time
        until = clock() + EXPORTER_TIMEOUT_S
        while not set(places) <= {name for name, group in session.resources.get(exporter, {}).items() if group}:
            if clock() >= until:
                raise NotYet(f"{exporter} has not reached the coordinator within {EXPORTER_TIMEOUT_S:g} s")
            await asyncio.sleep(_AGAIN_S)
        problems = [await _make(session, exporter, name, tags) for name, tags in places.items()]
        return [problem for problem in problems if problem]
    finally:
        await session.end()


async def _make(session: Session, exporter: str, name: str, tags: dict[str, str]) -> str:
    pattern = f"{exporter}/{name}/*"
    known = session.places.get(name)
    others = [repr(match) for match in known.matches if repr(match) != pattern] if known is not None else []
    if others:
        return f"the place {name} is for {', '.join(others)}: give the handset another name"
    with contextlib.suppress(Refused):  # there already
        await session.ask("AddPlace", name=name)
    with contextlib.suppress(Refused):
        await session.ask("AddPlaceMatch", placename=name, pattern=pattern)
    try:
        await session.ask("SetPlaceTags", placename=name, tags=tags)
    except Refused as error:
        return f"the place {name} cannot have its tags: {error}"
    return ""


def main(wish: dict[str, Any]) -> int:
    """The exit code: 1 when it may do better later, 2 when not; what is wrong goes to standard error."""
    try:
        problems, code = asyncio.run(make_places(**wish)), 2
    except (CoordinatorGone, NotYet) as error:
        problems, code = [str(error)], 1
    for problem in problems:
        sys.stderr.write(f"symhil lab: {problem}\n")
    return code if problems else 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
