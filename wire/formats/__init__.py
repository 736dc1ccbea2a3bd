"""Symbian's own formats: what the engine, its clients and its log write, byte for byte.

serialised.py    identities, transfer types and lists as CSBEClient passes them
container.py     the sections that carry transferred data, compressed
registration/    backup_registration.xml, as the engine reads it
log_line.py      a line of the file logger, and log_*.py that read one back
"""
