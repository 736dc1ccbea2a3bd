"""securebackup.txt, the log of the Secure Backup Engine, on the host: read, understood, followed, compared.

    wire.formats.log_reader   bytes -> records
    reading, follow           files -> records with their times
    steps                     records -> what happened: requests, modes, callbacks, errors
    facts, runs               records -> what one backup or restore was
    timeline, diff, show      what people look at, and report and common, which help

"Log format n" names section n of the project's notes on the file logger's format.
"""
