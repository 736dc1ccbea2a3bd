"""What the phones of a run are at, while it runs.

phone_view.py  one phone's state, learned from the frames that pass
screen.py      all of them as lines of a terminal, or one of them as a line of a log
display.py     where and when they are shown: below pytest's own lines, or now and then among them
workers.py     the same where workers of pytest-xdist hold the phones, and another process has the terminal
"""
