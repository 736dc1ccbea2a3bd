// A way to the host that comes and goes. Two of them: USB and Bluetooth.

#ifndef SYMHIL_HOSTLINK_H
#define SYMHIL_HOSTLINK_H

#include "port.h"

class CAlarm;
class CHostLink;

class MLinkUser
    {
public:
    virtual void LinkHeard(CHostLink& aLink, const TDesC8& aData) = 0;
    virtual void LinkWritten(CHostLink& aLink) = 0;
    virtual void LinkLost(CHostLink& aLink) = 0;
    };

// Opens its port whenever that is possible; each kind says how.
class CHostLink : public CBase, protected MPort, private MPortUser
    {
public:
    ~CHostLink();
    TBool IsOpen() const;
    TBool IsWriting() const;
    // As of the writer: empty, filled by the caller, then sent.
    TDes8& WriteBuffer();
    void Send();

protected:
    CHostLink(MLinkUser& aUser);
    void BaseConstructL();
    // The port is there.
    void PortOpened();
    void CloseNow();
    void TryAgainLater();

    virtual void OpenPort() = 0;  // now, or later with PortOpened; TryAgainLater when it fails
    virtual void ClosePort() = 0;

private:
    static TInt OpenCallBack(TAny* aSelf);
    // MPortUser
    void Heard(const TDesC8& aData);
    void Written();
    void PortFailed(TInt aError);

private:
    MLinkUser& iUser;
    CPortReader* iReader;
    CPortWriter* iWriter;
    CAlarm* iRetry;
    TBool iIsOpen;
    };

#endif
