"""The definitions of this package, written out for others. Each writer is a function that gives the text."""
