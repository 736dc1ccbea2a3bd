"""A session with a labgrid coordinator, under a name of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import grpc
from labgrid.remote.client import ClientSession, ServerError
from labgrid.remote.generated import labgrid_coordinator_pb2 as pb2

CONNECT_TIMEOUT_S: Final = 10.0
STANDARD_PORT: Final = 20408


class CoordinatorGone(Exception):
    """It does not answer, or not any more."""


class Refused(Exception):
    """The coordinator will not do it.

    Attributes:
        code: gRPC's name for the reason.
    """

    def __init__(self, code: str, details: str) -> None:
        super().__init__(details)
        self.code = code


class Session(ClientSession):  # type: ignore[misc]
    """labgrid's session, with a user's name that no other session has.

    labgrid's own tools work as the user of the machine; two of our runs would then take each other's places for
    their own.
    """

    def __init__(self, address: str, user: str) -> None:
        self.user = user
        self.on_change: Callable[[], None] = lambda: None
        super().__init__(address, asyncio.get_running_loop())

    def getuser(self) -> str:
        """See ClientSession."""
        return self.user

    @property
    def owner(self) -> str:
        """What the coordinator writes down for who has a place."""
        return f"{self.gethostname()}/{self.user}"

    async def on_resource_changed(self, *arguments: Any) -> None:
        """See ClientSession."""
        await super().on_resource_changed(*arguments)
        self.on_change()

    async def on_place_changed(self, place_pb2: Any) -> None:
        """See ClientSession."""
        await super().on_place_changed(place_pb2)
        self.on_change()

    async def ask(self, method: str, **fields: Any) -> Any:
        """One of the coordinator's calls, by its name; Refused or CoordinatorGone."""
        request = getattr(pb2, f"{method}Request")(**fields)
        try:
            return await getattr(self.stub, method)(request)
        except grpc.aio.AioRpcError as error:
            if error.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}:
                raise CoordinatorGone(f"the coordinator does not answer: {error.details()}") from None
            raise Refused(error.code().name, error.details()) from None

    async def end(self) -> None:
        """Close it, whatever state it is in."""
        self.stopping.set()
        await self.stop()
        await self.close()


async def open_session(address: str, user: str) -> Session:
    """Connect; CoordinatorGone when nobody answers."""
    logging.getLogger().setLevel(logging.CRITICAL)  # what labgrid would report is raised here
    if ":" not in address:
        address += f":{STANDARD_PORT}"
    session = Session(address, user)
    try:
        await asyncio.wait_for(session.start(), CONNECT_TIMEOUT_S)
    except (ServerError, TimeoutError):
        await session.end()
        raise CoordinatorGone(f"no labgrid coordinator answers on {address}") from None
    return session
