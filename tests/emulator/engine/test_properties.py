"""Publish and subscribe, and who may write the backup and restore property (BE 3)."""

from __future__ import annotations

import pytest

from device_agent.emulator.engine.engine import ENGINE_CAPABILITIES, HOST_CAPABILITIES
from device_agent.emulator.phone import Phone
from device_agent.emulator.profile import Faults, HandsetProfile
from device_agent.emulator.properties import Caller, PropertyStore
from tests.emulator.data.bench import code_of
from tests.emulator.engine.bench import BACKUP, NORMAL, ONE, EngineBench, active
from wire.symbian import BACKUP_RESTORE_KEY, ENGINE_SID, SYSTEM_CATEGORY, BurMode, SecureId, TBackupIncType
from wire.symbian_errors import KErrAlreadyExists, KErrArgument, KErrNone, KErrNotFound, KErrPermissionDenied

ENGINE = Caller(ENGINE_SID, ENGINE_CAPABILITIES)
SOMEBODY = Caller(SecureId(0x20009999), frozenset({"WriteDeviceData", "ReadDeviceData", "TCB"}))
KEY = (SYSTEM_CATEGORY, BACKUP_RESTORE_KEY)
OWN = 0x20009999


class Store(PropertyStore):
    """Properties whose notifications wait until they are delivered."""

    def __init__(self) -> None:
        self.posted: list[object] = []
        self.seen: list[int] = []
        super().__init__(self.posted.append)

    def listen(self) -> None:
        self.subscribe(*KEY, self.seen.append)

    def deliver(self) -> list[int]:
        for action in self.posted:
            action()  # type: ignore[operator]
        self.posted.clear()
        return self.seen


@pytest.fixture
def store() -> Store:
    store = Store()
    store.define(*KEY, ENGINE, writer=ENGINE_SID)
    return store


@pytest.mark.rule("3/value")
@pytest.mark.parametrize(
    ("value", "part", "increment", "is_normal"),
    [
        (0x000, 0x00, 0x000, True),
        (0x001, 0x01, 0x000, True),
        (0x101, 0x01, 0x100, True),
        (0x201, 0x01, 0x200, True),
        (0x102, 0x02, 0x100, False),
        (0x204, 0x04, 0x200, False),
        (0x108, 0x08, 0x100, False),
        (0x010, 0x10, 0x000, False),
    ],
)
def test_a_value_is_a_part_and_an_increment(value: int, part: int, increment: int, is_normal: bool) -> None:
    mode = BurMode.from_property(value)
    assert mode == (part, increment)
    assert mode.property_value == value
    assert mode.is_normal == is_normal


@pytest.mark.rule("3/read", "3/initial")
def test_everybody_reads(store: Store) -> None:
    assert store.get(*KEY) == 0
    assert code_of(lambda: store.get(*KEY, as_integer=False)) == KErrArgument
    assert code_of(lambda: store.get(SYSTEM_CATEGORY, 1)) == KErrNotFound


@pytest.mark.rule("3/set-undefined")
def test_an_undefined_one_is_looked_for_before_rights(store: Store) -> None:
    assert code_of(lambda: store.set(SYSTEM_CATEGORY, 1, 5, SOMEBODY)) == KErrNotFound


@pytest.mark.rule("3/set-policy")
def test_only_the_engines_sid_writes(store: Store) -> None:
    assert code_of(lambda: store.set(*KEY, 5, SOMEBODY)) == KErrPermissionDenied
    assert store.get(*KEY) == 0
    store.set(*KEY, 5, Caller(ENGINE_SID))
    assert store.get(*KEY) == 5


def test_without_a_writer_everybody_writes(store: Store) -> None:
    store.define(OWN, 1, SOMEBODY)
    store.set(OWN, 1, 7, Caller(ONE))
    assert store.get(OWN, 1) == 7


@pytest.mark.rule("3/set-completes", "3/one-shot")
def test_a_set_completes_all_subscriptions_once_and_without_a_value(store: Store) -> None:
    store.listen()
    store.listen()
    store.set(*KEY, 0, ENGINE)  # the same value
    assert store.deliver() == [KErrNone, KErrNone]
    store.set(*KEY, 1, ENGINE)
    assert store.deliver() == [KErrNone, KErrNone]  # nobody has subscribed again


@pytest.mark.rule("Q3")
def test_changes_before_the_subscriber_runs_are_one(store: Store) -> None:
    store.listen()
    store.set(*KEY, 1, ENGINE)
    store.set(*KEY, 0x102, ENGINE)
    assert store.deliver() == [KErrNone]
    assert store.get(*KEY) == 0x102


@pytest.mark.rule("3/subscribe-early")
def test_a_subscription_may_come_before_the_definition() -> None:
    store = Store()
    store.listen()
    store.define(*KEY, ENGINE, writer=ENGINE_SID)
    assert store.deliver() == []
    store.set(*KEY, 0, ENGINE)
    assert store.deliver() == [KErrNone]


def test_a_subscription_taken_back_is_not_completed(store: Store) -> None:
    store.listen()
    store.cancel(*KEY, store.seen.append)
    store.cancel(*KEY, store.seen.append)
    store.set(*KEY, 1, ENGINE)
    assert store.deliver() == []


@pytest.mark.rule("3/define")
@pytest.mark.parametrize(
    ("category", "caller", "code"),
    [
        (SYSTEM_CATEGORY, SOMEBODY, KErrAlreadyExists),
        (0x10273356, Caller(ONE), KErrPermissionDenied),
        (0x10273357, Caller(ONE), KErrNone),
        (0x10273356, Caller(SecureId(0x10273356)), KErrNone),
        (0x10273356, SOMEBODY, KErrNone),
    ],
)
def test_who_may_define(store: Store, category: int, caller: Caller, code: int) -> None:
    assert code_of(lambda: store.define(category, BACKUP_RESTORE_KEY, caller)) == code


@pytest.mark.rule("3/delete")
def test_only_who_defined_it_deletes_it(store: Store) -> None:
    store.listen()
    assert code_of(lambda: store.delete(*KEY, SOMEBODY)) == KErrPermissionDenied
    store.delete(*KEY, ENGINE)
    assert store.deliver() == [KErrNotFound]
    assert code_of(lambda: store.get(*KEY)) == KErrNotFound
    assert code_of(lambda: store.delete(*KEY, ENGINE)) == KErrNotFound


@pytest.mark.rule("3/definer", "3/initial")
@pytest.mark.parametrize("undefined", [True, False])
def test_it_is_there_when_the_engine_runs(undefined: bool) -> None:
    phone = Phone(HandsetProfile(faults=Faults(property_undefined=undefined)), source=lambda: 0.0)
    assert code_of(lambda: phone.properties.get(*KEY)) == (KErrNotFound if undefined else KErrNone)
    phone.running_engine()
    assert phone.properties.get(*KEY) == 0
    # Whoever defined it, the writer is the engine.
    assert code_of(lambda: phone.properties.set(*KEY, 1, SOMEBODY)) == KErrPermissionDenied


@pytest.mark.rule("3/lifetime")
def test_it_outlives_the_engine() -> None:
    bench = EngineBench({ONE: active()})
    bench.enter(BACKUP)
    bench.engine.end()
    assert bench.property_value == 0x102


@pytest.mark.rule("3/foreign-definer", "5.2/5", "5.3/5")
def test_a_foreign_definers_policy_makes_mode_changes_fail() -> None:
    bench = EngineBench({ONE: active()}, faults=Faults(property_writer=SOMEBODY.sid))
    bench.client.list_data_owners()
    assert code_of(lambda: bench.change(BACKUP)) == KErrPermissionDenied
    assert bench.engine.mode.is_normal
    assert bench.phone.processes.running(ONE) is not None  # started already
    assert code_of(lambda: bench.change(NORMAL)) == KErrPermissionDenied


@pytest.mark.rule("Q2")
def test_the_increment_type_is_published_where_it_means_nothing() -> None:
    bench = EngineBench({})
    bench.change(0x10, TBackupIncType.EBackupIncrement)
    assert bench.property_value == 0x210
    bench.change(NORMAL, TBackupIncType.EBackupBase)
    assert bench.property_value == 0x101


def test_capabilities_of_a_host_do_not_let_it_write() -> None:
    bench = EngineBench({})
    caller = Caller(SecureId(0xE0F1B000), HOST_CAPABILITIES)
    assert code_of(lambda: bench.phone.properties.set(*KEY, 2, caller)) == KErrPermissionDenied
