"""Ways to a phone: each moves bytes and knows nothing of what they mean.

base.py     what a transport promises; the file-descriptor one that most others are
serial.py   serial ports and pyserial's URLs
tcp.py      a bridge or an emulated handset on a TCP port
"""
