// What the user may decide about the agent, in a small text file on the phone: words, with blanks between them.
//
//     usb           not by Bluetooth
//     bluetooth     not by USB
//     ACM::2        that USB port and no other; ACM::0 is the phone's modem and is used only when it stands here

#ifndef SYMHIL_SETTINGS_H
#define SYMHIL_SETTINGS_H

#include <c32comm.h>
#include <f32file.h>

class TSettings
    {
public:
    TSettings();
    // Without a file, or with one that cannot be read, both links are used.
    void Read(RFs& aFs);

    TBool UsesUsb() const;
    TBool UsesBluetooth() const;
    const TDesC& UsbPort() const;

private:
    void Understand(const TDesC8& aText);

private:
    TBool iUsb;
    TBool iBluetooth;
    TPortName iPort;
    };

#endif
