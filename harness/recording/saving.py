"""A run as one recording: compressed, with what is needed to know later whether it can still be replayed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

from harness import __version__
from harness.capture import CaptureWriter, Packet
from harness.errors import ArtifactError
from harness.recording.reading import VERSION, Part, read_about, read_parts
from harness.recording.redacting import redacted
from wire.protocol.messages import describe_messages

_LEVEL: Final = 6


def save_recording(run: Path, into: Path, *, redact: bool) -> int:
    """Write the captures of a run into one file; how many tests there are in it.

    Raises:
        ArtifactError: there are none, it is there already, or it cannot be written.
    """
    if into.exists():
        raise ArtifactError(f"{into} is there already", hint="name a file that does not exist yet")
    parts = sorted(read_parts(run), key=lambda part: part.time_ns)
    if not parts:
        raise ArtifactError(f"{run} holds nothing that was said")
    before = read_about(run) if run.is_file() else {}
    about = {
        "recording": VERSION,
        "harness": before.get("harness", __version__),
        "redacted": redact or bool(before.get("redacted")),
        "definitions": before.get("definitions", describe_messages()),
    }
    partial = into.with_name(into.name + ".part")
    try:
        with partial.open("wb") as file:
            # Neither name nor time: the same run is the same file.
            compressed = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0)
            with compressed:
                _write(parts, cast("BinaryIO", compressed), json.dumps(about), redact=redact)
        partial.replace(into)
    except OSError as error:
        raise ArtifactError(f"{into} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return sum(bool(part.test) for part in parts)


def _write(parts: list[Part], file: BinaryIO, comment: str, *, redact: bool) -> None:
    writer: CaptureWriter | None = None
    for part in parts:
        conditions = " ".join(sorted(part.conditions))
        if writer is None:
            writer = CaptureWriter(file, part.handset, test=part.test, conditions=conditions, comment=comment)
        else:
            writer.begin(part.handset, test=part.test, conditions=conditions)
        for packet in _packets(part, redact=redact):
            writer.add(
                packet.time_ns,
                packet.data,
                outgoing=packet.outgoing,
                comment=packet.comment,
                damaged=packet.damaged,
            )


def _packets(part: Part, *, redact: bool) -> Iterator[Packet]:
    packets = [packet for _, packet in part.packets]
    return iter(redacted(packets) if redact else packets)
