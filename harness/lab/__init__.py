"""The lab: which handsets there are, and how to reach one.

config.py   lab_config.yaml
open.py     from an entry of the configuration to an open session
"""
