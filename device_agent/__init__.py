"""The phone side: the agent, and the emulated handset that stands in for a real one."""
