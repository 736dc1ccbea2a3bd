"""The lab: which handsets there are, and how to reach one.

config.py   lab_config.yaml
yaml_tree.py  YAML with the place of everything, so that errors can say where
open.py     from an entry of the configuration to an open session
"""
