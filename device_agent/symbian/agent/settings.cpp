#include "settings.h"

namespace
    {
    _LIT(KFileName, "C:\\data\\symhil.txt");
    _LIT8(KUsb, "usb");
    _LIT8(KBluetooth, "bluetooth");
    _LIT8(KAcm, "acm::");
    const TInt KMaxFileSize = 256;
    }

TSettings::TSettings() : iUsb(ETrue), iBluetooth(ETrue)
    {
    }

void TSettings::Read(RFs& aFs)
    {
    RFile file;
    if (file.Open(aFs, KFileName, EFileRead | EFileShareAny) != KErrNone)
        {
        return;
        }
    TBuf8<KMaxFileSize> text;
    if (file.Read(text) == KErrNone)
        {
        Understand(text);
        }
    file.Close();
    }

void TSettings::Understand(const TDesC8& aText)
    {
    TLex8 words(aText);
    for (TPtrC8 word = words.NextToken(); word.Length() > 0; word.Set(words.NextToken()))
        {
        if (word.CompareF(KUsb) == 0)
            {
            iBluetooth = EFalse;
            }
        else if (word.CompareF(KBluetooth) == 0)
            {
            iUsb = EFalse;
            }
        else if (word.Left(KAcm().Length()).CompareF(KAcm) == 0 && word.Length() <= KMaxPortName)
            {
            iPort.Copy(word);
            iPort.UpperCase();
            }
        }
    if (!iUsb && !iBluetooth)
        {
        iUsb = iBluetooth = ETrue;  // both words: each alone would have closed the other
        }
    }

TBool TSettings::UsesUsb() const
    {
    return iUsb;
    }

TBool TSettings::UsesBluetooth() const
    {
    return iBluetooth;
    }

const TDesC& TSettings::UsbPort() const
    {
    return iPort;
    }
