#include "hostlink.h"

#include "alarm.h"
#include "priorities.h"

namespace
    {
    const TUint32 KRetryMs = 1000;
    }

CHostLink::CHostLink(MLinkUser& aUser) : iUser(aUser)
    {
    }

void CHostLink::BaseConstructL()
    {
    iReader = CPortReader::NewL(*this, *this);
    iWriter = CPortWriter::NewL(*this, *this);
    iRetry = CAlarm::NewL(EPriorityRetry, TCallBack(OpenCallBack, this));
    iRetry->After(0);
    }

// The kinds close their port in their own destructors, while the reader can still be cancelled through them.
CHostLink::~CHostLink()
    {
    delete iRetry;
    delete iReader;
    delete iWriter;
    }

TInt CHostLink::OpenCallBack(TAny* aSelf)
    {
    static_cast<CHostLink*>(aSelf)->OpenPort();
    return KErrNone;
    }

void CHostLink::TryAgainLater()
    {
    iRetry->After(KRetryMs);
    }

TBool CHostLink::IsOpen() const
    {
    return iIsOpen;
    }

TBool CHostLink::IsWriting() const
    {
    return iWriter->IsActive();
    }

TDes8& CHostLink::WriteBuffer()
    {
    return iWriter->Buffer();
    }

void CHostLink::Send()
    {
    iWriter->Start();
    }

void CHostLink::PortOpened()
    {
    iIsOpen = ETrue;
    iReader->Start();
    }

void CHostLink::CloseNow()
    {
    if (iReader)
        {
        iReader->Cancel();
        }
    if (iWriter)
        {
        iWriter->Cancel();
        }
    ClosePort();
    iIsOpen = EFalse;
    }

void CHostLink::Heard(const TDesC8& aData)
    {
    iUser.LinkHeard(*this, aData);
    }

void CHostLink::Written()
    {
    iUser.LinkWritten(*this);
    }

// Half a frame that was on its way is lost; the core begins again with the next link.
void CHostLink::PortFailed(TInt)
    {
    CloseNow();
    iUser.LinkLost(*this);
    TryAgainLater();
    }
