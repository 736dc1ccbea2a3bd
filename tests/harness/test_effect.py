"""A call that is cut off says whether it was done, and nothing is done twice on its own."""

from __future__ import annotations

import click
import pytest

import harness.cli
from harness.data_owner import DataOwner
from harness.errors import CallTimeout, Effect, HandsetLost, LinkClosed
from tests.phone_in_thread import phone_in_thread
from wire.protocol.messages import files
from wire.symbian import Drive, TTransferDataType

C = Drive.parse("C")
BASE = TTransferDataType.EActiveBaseData


def test_a_call_on_a_lost_phone_is_not_done() -> None:
    with phone_in_thread() as phone:
        handset = phone.handset()
        handset.close()
        with pytest.raises(LinkClosed) as caught:
            handset.files.write("C:\\a.txt", b"a")
        assert caught.value.effect is Effect.NOT_DONE


def test_a_call_that_never_left_is_not_done() -> None:
    with phone_in_thread() as phone:
        handset = phone.handset()
        connection = handset.connection
        connection.transport.exchange = lambda outgoing, timeout_s: b""  # type: ignore[method-assign]
        connection._link._send_window.size = 0  # nothing may be on the way, so it waits
        with pytest.raises(CallTimeout) as caught:
            connection.call(files.FILE_STAT, files.Path("C:\\"), timeout_s=0.05)
        assert caught.value.effect is Effect.NOT_DONE
        handset.close()


def test_a_phone_that_goes_in_the_midst_of_a_call_leaves_it_unknown() -> None:
    class Vanishing(DataOwner):
        def get_backup_data_section(self, size: int) -> tuple[bytes, bool]:
            phone.vanish()
            return b"", True

    with phone_in_thread() as phone:
        handset = phone.handset()
        slot = handset.attach(Vanishing())
        run = handset.backup(partial=[slot.sid]).__enter__()
        run.wait_ready(slot.sid)
        with pytest.raises(HandsetLost) as caught:
            run.request(slot.sid, C, BASE)
        assert caught.value.effect is Effect.UNKNOWN
        asked = f"RequestData {slot.sid} C EActiveBaseData: {Effect.UNKNOWN.value}"
        assert asked in caught.value.__notes__
        handset.close()


def test_an_answer_whose_data_is_cut_off_was_done() -> None:
    with phone_in_thread() as phone:
        handset = phone.handset()
        handset.files.write("C:\\big.bin", bytes(1 << 20))

        def read() -> None:
            request = files.FileRead("C:\\big.bin", 0, 1 << 20)
            with handset.connection.download(files.FILE_READ, request) as (_, pieces):
                next(pieces)
                phone.vanish()
                list(pieces)

        with pytest.raises(HandsetLost) as caught:
            read()
        assert caught.value.effect is Effect.DONE
        handset.close()


def test_the_command_line_shows_what_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lost(*arguments: object, **options: object) -> None:
        error = LinkClosed("the line is gone")
        error.add_note("and the phone could not be brought back to normal: the line is gone")
        raise error

    monkeypatch.setattr(click.Group, "main", lost)
    assert harness.cli.main([]) == 11
    assert "could not be brought back to normal" in capsys.readouterr().err
