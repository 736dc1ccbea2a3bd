"""`symhil trace`: the wire of a run, as lines or as one file."""

from __future__ import annotations

from pathlib import Path

import click

from wire.protocol.frame import Kind
from wire.symbian import SecureId


@click.group()
def trace() -> None:
    """Look at what went over the wire."""


def _sid(ctx: click.Context, param: click.Parameter, value: str | None) -> SecureId | None:
    try:
        return SecureId.parse(value) if value is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@trace.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.name for kind in Kind], case_sensitive=False),
    help="Only frames of this kind; may be given several times.",
)
@click.option("--method", default="", metavar="TEXT", help="Only what belongs to calls of such a name.")
@click.option("--sid", callback=_sid, metavar="SID", help="Only what is about this data owner.")
@click.option("--from", "sender", type=click.Choice(["host", "phone"]), help="Only what one side has sent.")
@click.option("--trouble", is_flag=True, help="Only errors, damage, repetitions and what happened to the link.")
@click.option("--text", default="", metavar="TEXT", help="Only lines that contain this.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on each line.")
def show(
    run: Path,
    kinds: tuple[str, ...],
    method: str,
    sid: SecureId | None,
    sender: str | None,
    trouble: bool,
    text: str,
    as_json: bool,
) -> int:
    """Show the frames of RUN: the folder of a run or of a test, or a wire.pcapng.

    The frames of all captures in a folder come in the order of time. Answers and streams are shown with the
    call that they belong to, also where a filter leaves the call itself out.
    """
    from harness.trace_reading import FrameChoice, json_of, line_of, packets_of, read_conversation
    from wire.protocol.conversation import Conversation

    choice = FrameChoice(
        frozenset(Kind[kind.upper()] for kind in kinds),
        method,
        sid,
        None if sender is None else sender == "host",
        trouble,
        text,
    )
    start_ns: int | None = None
    for seen in read_conversation(packets_of(run), Conversation()):
        start_ns = seen.packet.time_ns if start_ns is None else start_ns
        if choice.wants(seen):
            click.echo(json_of(seen) if as_json else line_of(seen, start_ns))
    return 0


@trace.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--redact", is_flag=True, help="Replace data by digests of the same length, and mask the IMEI.")
def save(run: Path, file: Path, redact: bool) -> int:
    """Write RUN, the folder of a run or a recording, as a recording into FILE: `pytest --hil-backend replay`.

    It is a compressed capture, which Wireshark and `symhil trace show` read too, as in n8.pcapng.gz.
    """
    from harness.recording.saving import save_recording

    count = save_recording(run, file, redact=redact)
    click.echo(f"{file}: {count} tests, {file.stat().st_size} bytes{', redacted' if redact else ''}")
    return 0


@trace.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def merge(run: Path, file: Path) -> int:
    """Write all captures in the folder RUN into one FILE, in the order of time, for Wireshark."""
    from harness.trace_reading import merge_captures

    count = merge_captures(run, file)
    click.echo(f"{file}: {count} packets")
    return 0


@trace.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.option("--profile", default="", metavar="NAME|FILE", help="The kind of emulated handset.")
@click.option("--test", "tests", default="", metavar="TEXT", help="Only tests whose name contains this.")
def drift(run: Path, profile: str, tests: str) -> int:
    """Say what the host said in RUN to an emulated handset, and list where it answers otherwise than the phone.

    RUN is the folder of a run or a recording. The exit code is 1 when something differs.
    """
    from harness.emulated import EmulatedHandset
    from harness.errors import ExitCode, printable
    from harness.recording.drift import compare
    from harness.recording.reading import read_recordings

    played = compared = differ = 0
    with EmulatedHandset(profile=profile) as emulated:
        for recording in read_recordings(run):
            for one in compare(recording, emulated.open, tests):
                played += 1
                compared += one.compared
                differ += len(one.drifts)
                for drift in one.drifts:
                    where = f"frame {drift.number}, " if drift.number else ""
                    click.echo(printable(f"{drift.test}: {where}{drift.asked}"))
                    click.echo(printable(f"  phone:    {drift.phone}\n  emulated: {drift.emulated}"))
    click.echo(f"{played} tests, {compared} answers, callbacks and events compared, {differ} differ")
    return ExitCode.FAILED if differ else ExitCode.OK
