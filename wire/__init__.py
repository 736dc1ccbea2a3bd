"""Bytes <-> meaning: everything that the host and the phone must read and write alike.

No input or output, no threads, no clock of its own, and no knowledge of either end.
"""
