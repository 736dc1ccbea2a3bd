"""Data owners on board of the emulated handset.

watcher.py             how an owner's process follows the property
reference_client.py    the public suite's abtestclient1 to 4
tutorial.py            the data owner that the tutorial builds
central_repository.py  a proxy for other owners
relayed.py             slots whose callbacks the host answers
registrations.py       the registration files of all of them
on_board.py            all of them by name, for profiles
"""
