"""The emulated handset as a USB device.

bus.py           its speed
descriptors.py   layouts of USB's descriptors and requests
pc_suite.py      what an S60 phone in PC Suite mode shows
endpoints.py     packets and transfers on one endpoint
device.py        control requests, and the functions behind the endpoints
modem.py         what answers on the first serial function
usbip.py         layouts of USB/IP, which carries a device's transfers to another machine's kernel
connection.py    one connection of USB/IP, without input or output
port.py          the emulated handset's port that is served so
"""
