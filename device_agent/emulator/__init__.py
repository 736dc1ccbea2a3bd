"""The emulated handset: the backup engine as the specification describes it, and everything it needs.

clock.py          time that can be advanced: nothing here ever sleeps
scheduler.py      the processes of the phone take turns; the engine waits inside its callbacks
properties.py     publish and subscribe, with the kernel's policies
filesystem.py     drives, folders, files
file_logger.py    the log server, which writes into the folder logs/connect if there is one
processes.py      processes that have a secure ID
installer.py      the software installer and its packages
engine/           the Secure Backup Engine, a module for each chapter of its specification
abclient.py       the library that data owners use, with its quirks
owners/           data owners on board: the public suite's, the tutorial's, slots for the host's own
agent.py          the agent: serves the host's requests, relays callbacks
ports.py          pseudo-terminal and TCP
profile.py        what a handset is; profiles.py has those that come with it
profile_file.py   reads a user's from YAML; profile_model.py knows its keys
phone.py          all of it put together
"""
