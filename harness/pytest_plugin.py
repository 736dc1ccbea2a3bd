"""The pytest plugin; idle unless one of its fixtures is used."""
