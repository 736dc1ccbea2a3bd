"""symhil: a hardware-in-the-loop harness for data owners on Symbian handsets."""

__version__ = "0.1.0"
