"""Ways to a phone: each moves bytes and knows nothing of what they mean.

base.py     what a transport promises; the file-descriptor one that most others are
serial.py   serial ports and pyserial's URLs
usb.py      a phone's bulk endpoints, with usb_device.py to find and claim them and usb_transfers.py to move bytes
tcp.py      a bridge or an emulated handset on a TCP port
"""
