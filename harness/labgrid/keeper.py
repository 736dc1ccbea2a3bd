"""`python -m harness.labgrid.keeper`: holds a place of labgrid for the process that started this one.

labgrid's coordinator does not notice when the owner of a place dies. So the owner has this process, and a pipe:
at the pipe's end, however it came about, the place is released and its reservation cancelled.

A line of JSON on standard output for each thing that happens:

    {"state": "acquired", "place": "n8", "host": "10.0.0.5", "port": 7001, "extra": {...}, "power": true}
    {"state": "waiting", "why": "place n8 is acquired by pc7/anna"}
    {"state": "gone", "why": "..."}       the coordinator; an "acquired" follows when it is back
    {"state": "failed", "kind": "held", "why": "..."}     and that is the end

Locks die with the coordinator: when it is there again the place is acquired again, if nobody else was quicker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from typing import Any, Final, NamedTuple

from labgrid.remote.generated import labgrid_coordinator_pb2 as pb2

from harness.labgrid.session import CoordinatorGone, Refused, Session, open_session

POLL_S: Final = 0.3
GRACE_S: Final = 1.0
"""How long to try in any case: a place that was just given back is free a little later."""
AGAIN_S: Final = 0.5
RELEASE_TIMEOUT_S: Final = 60.0
"""How long to try to give a place back to a coordinator that does not answer. A new one knows of no lock."""
AVAILABLE_S: Final = 5.0
PORT: Final = "NetworkSerialPort"


class Wish(NamedTuple):
    """What is wanted: a place by its name, or any with these tags.

    Attributes:
        give_back: only give back the place that another keeper of this user had, which was killed.
    """

    coordinator: str
    user: str
    place: str
    tags: dict[str, str]
    wait_s: float
    give_back: str = ""


class Failure(Exception):
    """It cannot be had. `kind` is held, config or unavailable."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


def say(state: str, **fields: Any) -> None:
    """Tell the process that wants the place."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps({"state": state, **fields}) + "\n")
        sys.stdout.flush()


class Keeper:
    """Gets a place, keeps it, gives it back."""

    def __init__(self, wish: Wish, ended: asyncio.Event) -> None:
        self._wish = wish
        self._ended = ended
        self._session: Session | None = None
        self._changed = asyncio.Event()
        self._clock = asyncio.get_running_loop().time
        self._place = ""
        self._tokens: list[str] = []
        self._said: dict[str, Any] = {}

    async def run(self) -> None:
        """Until standard input ends; Failure when the place cannot be had."""
        try:
            if self._wish.give_back:
                self._place = self._wish.give_back
                return
            await self._get(self._clock() + max(self._wish.wait_s, GRACE_S))
            while not self._ended.is_set():
                await self._keep()
        except CoordinatorGone as error:
            raise Failure("unavailable", str(error)) from None
        except Refused as error:
            raise Failure("unavailable", f"the coordinator refused: {error}") from None
        finally:
            await self._give_back()

    async def _connect(self) -> Session:
        if self._session is not None:
            await self._session.end()
            self._session = None
        self._session = await open_session(self._wish.coordinator, self._wish.user)
        self._session.on_change = self._changed.set
        return self._session

    # ------------------------------------------------------------------------------------------ getting

    async def _get(self, deadline: float) -> None:
        last = ""
        while why := await self._try_patiently(deadline):
            if self._ended.is_set() or self._clock() >= deadline:
                raise Failure("held", why)
            if why != last:
                say("waiting", why=why)
                last = why
            await asyncio.sleep(POLL_S)

    async def _try_patiently(self, deadline: float) -> str:
        """A coordinator that is being started anew is waited for as well."""
        while True:
            try:
                session = self._session
                if session is None or session.stopping.is_set():
                    self._tokens = []
                    session = await self._connect()
                return await self._try(session)
            except CoordinatorGone:
                if self._ended.is_set() or self._clock() >= deadline:
                    raise
                await asyncio.sleep(AGAIN_S)

    async def _try(self, session: Session) -> str:
        """Why it cannot be had now; empty once it is ours."""
        if self._wish.place:
            return await self._try_place(session, self._wish.place)
        if not self._tokens:
            await self._reserve(session)
        answer = await session.ask("PollReservation", token=self._tokens[-1])
        allocated = answer.reservation.allocations.get("main")
        if not allocated:
            return self._why_none(session)
        why = await self._try_place(session, allocated)
        if why:
            # A place whose phone is not there: its reservation is kept, so that the next one is for another place.
            await self._reserve(session)
        return why

    async def _reserve(self, session: Session) -> None:
        filters = {"main": pb2.Reservation.Filter(filter=self._wish.tags)}
        answer = await session.ask("CreateReservation", filters=filters, prio=0.0)
        self._tokens.append(answer.reservation.token)

    def _why_none(self, session: Session) -> str:
        tags = " ".join(f"{key}={value}" for key, value in self._wish.tags.items())
        fitting = [place for place in session.places.values() if self._wish.tags.items() <= place.tags.items()]
        if not fitting:
            return f"the coordinator has no place with the tags {tags}"
        holders = ", ".join(f"{place.name} ({place.acquired or 'reserved'})" for place in fitting[:8])
        return f"no place with the tags {tags} is free: {holders}{', ...' if len(fitting) > 8 else ''}"

    async def _try_place(self, session: Session, name: str) -> str:
        """Acquire it; why it cannot be now."""
        try:
            await session.ask("AcquirePlace", placename=name)
        except Refused as error:
            if error.code == "INVALID_ARGUMENT":
                there = ", ".join(sorted(session.places)) or "none"
                raise Failure("config", f"the coordinator has no place {name}; there are: {there}") from None
            await session.sync_with_coordinator()
            place = session.places.get(name)
            holder = place.acquired if place is not None else None
            return f"place {name} is acquired by {holder}" if holder else str(error)
        self._place = name
        until = self._clock() + AVAILABLE_S
        await session.sync_with_coordinator()
        while not (found := self._where(session)):
            if self._clock() >= until or not session.places[name].acquired_resources:
                await self._release(session)
                return f"no exporter offers what place {name} is for"
            await asyncio.sleep(POLL_S)
        self._tell(found)
        return ""

    def _where(self, session: Session) -> dict[str, Any]:
        """The phone's port among what the place has; empty while it is not available."""
        place = session.places.get(self._place)
        resources = [
            session.resources.get(exporter, {}).get(group, {}).get(name)
            for exporter, group, _, name in (place.acquired_resources if place is not None else ())
        ]
        found = [resource for resource in resources if resource is not None and resource.data]
        power = any("Power" in resource.cls for resource in found)
        for resource in found:
            if resource.cls == PORT and resource.avail and resource.params.get("port"):
                params = resource.params
                extra = {key: value for key, value in (params.get("extra") or {}).items() if value is not None}
                where = {"host": params["host"], "port": params["port"], "protocol": params.get("protocol", "")}
                return {"place": self._place, **where, "extra": extra, "power": power}
        return {}

    def _tell(self, found: dict[str, Any]) -> None:
        if found != self._said:
            self._said = found
            say("acquired", **found)

    # ------------------------------------------------------------------------------------------ keeping

    async def _keep(self) -> None:
        """Until something changes; when the coordinator is gone, until it is back or we are to end."""
        session = self._session
        assert session is not None
        self._changed.clear()
        waits = [asyncio.create_task(event.wait()) for event in (self._ended, session.stopping, self._changed)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        if session.stopping.is_set() and not self._ended.is_set():
            say("gone", why="the coordinator does not answer any more")
            self._said = {}
            await self._acquire_again()
        elif found := self._where(session):
            self._tell(found)

    async def _acquire_again(self) -> None:
        place = self._place
        while not self._ended.is_set():
            with contextlib.suppress(CoordinatorGone, Failure):
                session = await self._connect()
                self._place = place
                known = session.places.get(place)
                if known is not None and known.acquired == session.owner:
                    return  # only the line to it was cut
                self._tokens = []  # they were lost with the locks
                if not await self._try_place(session, place):
                    return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), AGAIN_S)

    # ------------------------------------------------------------------------------------------ giving back

    async def _give_back(self) -> None:
        until = self._clock() + RELEASE_TIMEOUT_S
        while self._place or self._tokens:
            try:
                session = self._session
                if session is None or session.stopping.is_set():
                    session = await self._connect()
                await self._release(session)
                for token in self._tokens:
                    with contextlib.suppress(Refused):
                        await session.ask("CancelReservation", token=token)
                self._tokens = []
            except CoordinatorGone:
                if self._clock() >= until:
                    break
                await asyncio.sleep(AGAIN_S)
        if self._session is not None:
            await self._session.end()

    async def _release(self, session: Session) -> None:
        """Give the place back if it is ours: who has it after the coordinator was started anew keeps it."""
        if self._place:
            with contextlib.suppress(Refused):
                await session.ask("ReleasePlace", placename=self._place, fromuser=session.owner)
            self._place = ""


async def keep(wish: Wish) -> int:
    """Keep what is wished for until standard input ends. The exit code."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            ended.set()

    loop.add_reader(sys.stdin.fileno(), read)
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    # Ctrl-C in a terminal reaches us too; the one who has us ends his work first.
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    try:
        await Keeper(wish, ended).run()
    except Failure as failure:
        say("failed", kind=failure.kind, why=str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(keep(Wish(**json.loads(sys.argv[1])))))
