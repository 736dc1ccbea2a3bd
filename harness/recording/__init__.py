"""Recordings: captures of the wire as phones that say again what they said.

    steps.py           what was said in a capture: messages, not frames
    reading.py         a capture or the folder of a run, as tests with the steps of each
    recorded_phone.py  the phone's end of a link that says what was recorded, in step with what it is asked
    script.py          how far it has said a part of its recording, and what may be asked next
    replay_clock.py    its time
    differences.py     where a harness first asks something else, in words
    replaying.py       all that as the handset of a pytest run, in place of a phone
    saving.py          a run as one compressed file
    redact.py          what stands for what is personal; redacting.py puts it into a capture, frame by frame
    drift.py           where the emulated handset answers otherwise than a recorded phone (comparing.py)

A capture says with `conditions` under what it was recorded, in words: ALLOW_RESTORE, COLLECT_LOGS.
"""

ALLOW_RESTORE = "allow-restore"
COLLECT_LOGS = "collect-logs"
