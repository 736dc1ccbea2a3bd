"""Checking, explaining, mending and writing backup_registration.xml.

What a file means is decided in wire.formats.registration alone, by the reader on which the emulated handset
acts too. Here is what helps the person who writes such files.
"""
