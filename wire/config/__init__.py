"""Configuration of both ends: YAML text that a model checks, errors with their place. No file is opened here.

tree.py    YAML with the place of everything
check.py   a pydantic model laid over a tree
"""

from __future__ import annotations

from wire.config.check import check
from wire.config.tree import ConfigProblem, Place, Tree, read_tree

__all__ = ["ConfigProblem", "Place", "Tree", "check", "read_tree"]
