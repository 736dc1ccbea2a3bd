"""The Secure Backup Engine, a module for each chapter of its behavioural specification.

    config.py         4.2  sbeconfig.xml
    engine.py         4.1, 6  life cycle, the host API and which mode each call needs
    mode.py           5  changing mode
    owner_list.py     7  discovery, settings, drives
    ready_state.py    8  what SIDStatus answers
    transfer.py       10, 11.1  the container's capacity and decoder, the checks before each transfer
    active_data.py    11.2 to 11.4, 14  active data and proxies
    session.py        12, 15  the owner's side: messages, callbacks, watchdog
    splitting.py      13  how data is cut into callbacks
    passive_data.py   17  files that the engine copies itself
    public_files.py   17  files that the host copies
    package_data.py   17  installed packages
    import_packages.py  7.1  packages that register without a private directory
    versions.py       20  versions of the engine, by name
    panic.py          its sudden end
    file_records.py   9.5, 17  files in a stream

A rule is one function that bears the number of its section or quirk (Q1 to Q35), and so does its test.
"""
