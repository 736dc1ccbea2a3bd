"""What no handset's entry shows by itself: two of one name, two on one port, a port that is not there."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wire.config import Tree

if TYPE_CHECKING:
    from harness.lab.config import HandsetEntry, Link, UsbLink


class Written(NamedTuple):
    """A handset, and where it is written: the `number`-th of a file."""

    entry: HandsetEntry
    tree: Tree
    number: int

    def describe(self, *location: Hashable, message: str) -> str:
        """A message with its place in the entry."""
        return self.tree.describe(("handsets", self.number, *location), message)

    def place(self, *location: Hashable) -> str:
        """`file:line:column`, for a message about another place."""
        place = self.tree.place_of(("handsets", self.number, *location))
        return f"{self.tree.name}:{place.line}:{place.column}"


def problems_across(handsets: list[Written]) -> list[str]:
    """Names, identities and ports that two handsets share, each told at the second."""
    problems: list[str] = []
    for number, second in enumerate(handsets):
        problems += _ports_used_twice(second, second)
        for first in handsets[:number]:
            problems += _names_used_twice(first, second)
            problems += _ports_used_twice(first, second)
    return problems


def _names_used_twice(first: Written, second: Written) -> Iterator[str]:
    for key in ("name", "identity"):
        value = getattr(second.entry, key)
        if value and value == getattr(first.entry, key):
            yield second.describe(
                key, message=f"a handset with the {key} {value} is there already, at {first.place(key)}"
            )


def _ports_used_twice(first: Written, second: Written) -> Iterator[str]:
    for index, link in enumerate(second.entry.links):
        for other_index, other in enumerate(first.entry.links):
            if first is second and other_index >= index:
                break
            if reach_the_same(link, other):
                whose = "this handset" if first is second else f"handset {first.entry.name}"
                place = first.place("links", other_index)
                yield second.describe("links", index, message=f"{whose} has the same port already, at {place}")
                break


def reach_the_same(one: Link, other: Link) -> bool:
    """Both lead, or may lead, to the same phone. Emulated ones are always new ones."""
    if one.kind == "usb" and other.kind == "usb":
        return _usb_may_be_same(one, other)
    resource = resource_of(one)
    return bool(resource) and resource == resource_of(other)


def _usb_may_be_same(one: UsbLink, other: UsbLink) -> bool:
    """What one leaves open may be anything, so two selectors differ only in what both of them give."""
    return all(
        not mine or not theirs or mine == theirs
        for mine, theirs in (
            (one.vendor.lower().removeprefix("0x"), other.vendor.lower().removeprefix("0x")),
            (one.product.lower().removeprefix("0x"), other.product.lower().removeprefix("0x")),
            (one.serial, other.serial),
            (one.port_path, other.port_path),
        )
    )


def resource_of(link: Link) -> str:
    """What only one process at a time may use, under one name whatever path leads to it; empty for any one."""
    match link.kind:
        case "serial":
            return f"port {os.path.realpath(link.port)}"
        case "bluetooth":
            return f"port {os.path.realpath(link.device)}"
        case "tcp":
            return f"tcp {link.host} {link.port}"
        case "url":
            return f"url {link.url}"
        case "usb":
            return f"usb {link.vendor} {link.product} {link.serial} {link.port_path}"
        case "labgrid":
            return f"labgrid {link.coordinator} {link.place}" if link.place else ""
        case "emulator":
            return ""


def port_of(link: Link) -> str:
    """The device file of a link; empty where it has none."""
    if link.kind == "serial":
        return link.port
    return link.device if link.kind == "bluetooth" else ""


def problems_with_ports(handset: Written) -> Iterator[str]:
    """Each port of a handset that is not on this machine, unless another of its links may lead to it."""
    missing = [(index, port_of(link)) for index, link in enumerate(handset.entry.links) if port_of(link)]
    missing = [(index, port) for index, port in missing if not Path(port).exists()]
    if len(missing) < len(handset.entry.links):
        return
    for index, port in missing:
        key = "port" if handset.entry.links[index].kind == "serial" else "device"
        where = ("links", index, handset.entry.links[index].kind, key)
        yield handset.describe(*where, message=f"there is no port {port} on this machine")
