"""The phone itself, and its properties."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from device_agent.emulator.operations.reply import Handler, Reply
from device_agent.emulator.owners.registrations import SLOTS
from wire.formats.serialised import drive_list
from wire.layout import EMPTY, Empty, codec_of
from wire.protocol.messages import phone as m
from wire.symbian_errors import KErrNone, Leave

if TYPE_CHECKING:
    from device_agent.emulator.agent import Agent

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a phone's home time has no zone


def microseconds(when: dt.datetime) -> int:
    """Local time in microseconds since 1970."""
    return (when - _EPOCH) // dt.timedelta(microseconds=1)


class PhoneOperations:
    """Information and publish and subscribe."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._topics: dict[int, tuple[int, int]] = {}
        self._last_topic = 0

    def handlers(self) -> dict[int, Handler]:
        """By the method's number."""
        return {
            m.PHONE_INFO.number: self._info,
            m.PROPERTY_GET.number: self._get,
            m.PROPERTY_SET.number: self._set,
            m.PROPERTY_SUBSCRIBE.number: self._subscribe,
            m.PROPERTY_UNSUBSCRIBE.number: self._unsubscribe,
        }

    def end(self) -> None:
        """Let all subscriptions go."""
        self._topics.clear()

    def _info(self, body: Empty, upload: bytes) -> Reply:
        phone = self._agent.phone
        features = m.PhoneFeatures.CONTROLLER | m.PhoneFeatures.OWNER_SLOTS | m.PhoneFeatures.FILES
        features |= m.PhoneFeatures.PACKAGES
        return Reply(
            m.PhoneInfo(
                model=phone.profile.model,
                firmware=phone.profile.firmware,
                imei=phone.profile.imei,
                agent=self._agent.build,
                profile=phone.profile.name,
                features=features | m.PhoneFeatures.EMULATED,
                uptime_ms=phone.clock.tick_ms,
                home_time_us=microseconds(phone.clock.home_time()),
                owner_slots=SLOTS,
                drives=drive_list(phone.files.drives),
            )
        )

    def _get(self, body: m.PropertyId, upload: bytes) -> Reply:
        return Reply(m.PropertyValue(self._agent.phone.properties.get(body.category, body.key)))

    def _set(self, body: m.PropertyAssignment, upload: bytes) -> Reply:
        self._agent.phone.properties.set(body.category, body.key, body.value, self._agent.caller)
        return Reply(EMPTY)

    def _subscribe(self, body: m.PropertyId, upload: bytes) -> Reply:
        self._last_topic += 1
        topic = self._last_topic
        self._topics[topic] = (body.category, body.key)
        self._wait_for_change(topic)
        status, value = self._read(topic)
        return Reply(m.Subscription(topic, status, value))

    def _unsubscribe(self, body: m.Topic, upload: bytes) -> Reply:
        self._topics.pop(body.topic, None)
        return Reply(EMPTY)

    def _wait_for_change(self, topic: int) -> None:
        category, key = self._topics[topic]

        def completed(status: int) -> None:
            if topic in self._topics:
                # Subscribing again before reading, so that no change is missed for good (BE 3).
                self._wait_for_change(topic)
                status, value = self._read(topic) if status == KErrNone else (status, 0)
                change = m.PropertyChange(self._agent.phone.clock.tick_ms, status, value)
                self._agent.tell(topic, codec_of(m.PropertyChange).build(change))

        self._agent.phone.properties.subscribe(category, key, completed)

    def _read(self, topic: int) -> tuple[int, int]:
        try:
            return KErrNone, self._agent.phone.properties.get(*self._topics[topic])
        except Leave as leave:
            return leave.code, 0
