"""Handsets of other machines, through labgrid: its coordinator, exporters, places and reservations are the engine.

    a test's machine                    the coordinator            a machine with phones
      pytest --- lease.py                 who has which place        rack.py (symhil lab export)
                   | pipe                        ^    ^                | starts
                 keeper.py  ---- gRPC -----------+    +---- gRPC ---- exporter.py   bridge of each phone
      pytest ------------------------- TCP: the phone's bytes -------------------------^

lease.py       a place that is ours, held by a process of its own
keeper.py      that process: it gives the place back when ours ends, however it ends
session.py     a session with a coordinator
rack.py        a machine's handsets, exported: a bridge for each, and labgrid's exporter
exporter.py    labgrid's exporter, which knows our resource
places.py      a place with tags for each exported handset
resources.py   the resource SymbianHandset
drivers.py     SymbianAgentDriver, which gives a Handset; for labgrid's own environment files
strategy.py    off, agent, normal, backup, restore
target.py      our fixtures on a labgrid target
demo.py        a whole lab on this machine

Only the modules that are run as processes of their own, and those that a labgrid environment imports, import
labgrid: it comes with a fork of pyserial that overwrites pyserial.
"""
