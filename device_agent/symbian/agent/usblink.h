// USB CDC-ACM through C32 and ECACM.

#ifndef SYMHIL_USBLINK_H
#define SYMHIL_USBLINK_H

#include <c32comm.h>

#include "hostlink.h"

class CUsbLink : public CHostLink
    {
public:
    // `aOnly`: the port to use, empty for any but the modem.
    static CUsbLink* NewL(MLinkUser& aUser, const TDesC& aOnly);
    ~CUsbLink();

private:
    CUsbLink(MLinkUser& aUser, const TDesC& aOnly);

    // CHostLink
    void OpenPort();
    void ClosePort();
    // MPort
    void Read(TRequestStatus& aStatus, TDes8& aTo);
    void CancelRead();
    void Write(TRequestStatus& aStatus, const TDesC8& aFrom);
    void CancelWrite();

    TInt OpenServer();
    TInt OpenAny();
    void Configure();

private:
    TPortName iOnly;
    RCommServ iServer;
    RComm iPort;
    TBool iHasServer;
    };

#endif
