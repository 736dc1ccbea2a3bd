"""A phone that goes and comes back under another name."""

from __future__ import annotations

import pytest

from harness.errors import HandsetLost
from harness.handset import Handset
from harness.transport.serial import open_serial
from tests.usb.conftest import PluggedPhone


def test_the_agents_port_has_another_name_after_it(phone: PluggedPhone) -> None:
    """The kernel keeps the number of a port that somebody still holds."""
    before = phone.agent_tty()
    with Handset.open(open_serial(before)) as handset:
        phone.unplug()
        with pytest.raises(HandsetLost):
            handset.properties.mode()
        holder = handset.connection.transport
        assert holder.name == before
        phone.plug_in()
        after = phone.agent_tty()
        assert after != before
        with Handset.open(open_serial(after)) as again:
            assert again.info.model == "Emulated S60 handset"


def test_it_unplugs_itself(phone: PluggedPhone) -> None:
    """As a phone whose battery falls out: the kernel is not asked."""
    with Handset.open(open_serial(phone.agent_tty())) as handset:
        phone.vanish()
        with pytest.raises(HandsetLost):
            handset.properties.mode()
    phone.plug_in()
    with Handset.open(open_serial(phone.agent_tty())) as again:
        assert again.properties.mode().is_normal
