"""Recordings: captures of the wire as phones that say again what they said.

    reading.py         a capture or the folder of a run, as tests with the steps of each
    recorded_phone.py  the phone's end of a link that says what was recorded, in step with what it is asked
    replaying.py       it as the handset of a pytest run, in place of a phone
    differences.py     where a harness first asks something else, in words
    drift.py           where the emulated handset answers otherwise than a recorded phone
    saving.py          a run as one compressed file, with what was personal taken out if that is wanted

A capture says with `conditions` under what it was recorded, in words: ALLOW_RESTORE, COLLECT_LOGS.
"""

ALLOW_RESTORE = "allow-restore"
COLLECT_LOGS = "collect-logs"
