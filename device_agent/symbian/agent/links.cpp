#include "links.h"

#include "bluetoothlink.h"
#include "settings.h"
#include "usblink.h"

namespace
    {
    // A host that is there says something more often than that: its keep-alive.
    const TUint32 KSilentMs = 10 * 1000;
    }

CLinks* CLinks::NewL(MLinksUser& aUser, const TSettings& aSettings)
    {
    CLinks* self = new (ELeave) CLinks(aUser);
    CleanupStack::PushL(self);
    self->ConstructL(aSettings);
    CleanupStack::Pop(self);
    return self;
    }

CLinks::CLinks(MLinksUser& aUser) : iUser(aUser)
    {
    }

void CLinks::ConstructL(const TSettings& aSettings)
    {
    if (aSettings.UsesUsb())
        {
        iUsb = CUsbLink::NewL(*this, aSettings.UsbPort());
        }
    if (aSettings.UsesBluetooth())
        {
        iBluetooth = CBluetoothLink::NewL(*this);
        }
    }

CLinks::~CLinks()
    {
    delete iUsb;
    delete iBluetooth;
    }

CHostLink* CLinks::IdleWriter()
    {
    return iCurrent && iCurrent->IsOpen() && !iCurrent->IsWriting() ? iCurrent : NULL;
    }

// USB does not tell when a program on the PC closes its port. So another link takes over from one that is silent.
void CLinks::LinkHeard(CHostLink& aLink, const TDesC8& aData)
    {
    const TUint32 now = iUser.NowMs();
    if (iCurrent != &aLink)
        {
        if (iCurrent && now - iLastHeardMs < KSilentMs)
            {
            return;
            }
        Forget();
        iCurrent = &aLink;
        iUser.LinkUp();
        }
    iLastHeardMs = now;
    iUser.Received(aData);
    }

void CLinks::LinkWritten(CHostLink& aLink)
    {
    if (iCurrent == &aLink)
        {
        iUser.WriterIdle();
        }
    }

void CLinks::LinkLost(CHostLink& aLink)
    {
    if (iCurrent == &aLink)
        {
        Forget();
        }
    }

void CLinks::Forget()
    {
    if (iCurrent)
        {
        iCurrent = NULL;
        iUser.LinkDown();
        }
    }
