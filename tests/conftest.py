"""What all tests share."""

from __future__ import annotations

import signal

pytest_plugins = ["pytester"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it puts into the background deaf to Ctrl-C, and children inherit that: those that tests
    # interrupt would never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
