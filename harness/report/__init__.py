"""A run as one page, report.html: made of what is in the run's folder, so that it can be made again.

    results.json     which tests there were, and how they ended; without it the folders are taken
    <test>/          wire.pcapng: the sequence, times and sizes; securebackup.txt: what the engine wrote
    ../<run>/        earlier runs, for what a failed test did differently when it passed

The page needs nothing else: no network, no fonts, no server.
"""
