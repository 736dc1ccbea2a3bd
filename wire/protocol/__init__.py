"""Our protocol between harness and agent, from the bottom up.

    stuffing.py    any bytes between two flags
    frame.py       bytes on the line <-> frames: length, checksum, resynchronisation
    link.py        a reliable link over a line that loses and damages bytes: one session, in order, once
    calls.py       requests, answers, streams and events in both directions over one link
    messages/      every operation, named in one table

docs/protocol.md shows the same from the outside. Nothing here reads a clock or a port: bytes and the time are
passed in, bytes and events come out.
"""
