"""The lab: which handsets there are, and how to reach one.

config.py        lab_config.yaml
environment.py   variables in it
rules.py         what only several handsets together show
schema.py        its JSON Schema
discovery.py     what is attached to this machine
at_modem.py      asking a phone's modem who it is
probe.py         who is behind a port, and which handset that is
watch.py         what is plugged in and out
doctor.py        what may be wrong, and its mend
choice.py        which handsets a test and a command line ask for
candidates.py    the handsets that a run may use
hold.py          one process at a time for each phone
keeper.py        holding one by hand
open.py          from an entry of the configuration to an open session
"""
