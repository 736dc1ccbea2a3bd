"""The portable core of the agent, in C++98; `report.py` says what was built of it."""
