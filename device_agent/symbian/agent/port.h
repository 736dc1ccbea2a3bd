// A port of any kind, as the link sees it, and the link: one reader and one writer on a port.

#ifndef SYMHIL_PORT_H
#define SYMHIL_PORT_H

#include <e32base.h>

class MPort
    {
public:
    virtual void Read(TRequestStatus& aStatus, TDes8& aTo) = 0;  // one byte or more
    virtual void CancelRead() = 0;
    virtual void Write(TRequestStatus& aStatus, const TDesC8& aFrom) = 0;
    virtual void CancelWrite() = 0;
    };

class MPortUser
    {
public:
    virtual void Heard(const TDesC8& aData) = 0;
    virtual void Written() = 0;
    // Any error: the port is as good as gone (Device agent 2.3).
    virtual void PortFailed(TInt aError) = 0;
    };

class CPortReader : public CActive
    {
public:
    static CPortReader* NewL(MPort& aPort, MPortUser& aUser);
    ~CPortReader();
    void Start();

private:
    CPortReader(MPort& aPort, MPortUser& aUser);
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);

private:
    enum { KSize = 4096 };
    MPort& iPort;
    MPortUser& iUser;
    TBuf8<KSize> iBuffer;
    };

class CPortWriter : public CActive
    {
public:
    static CPortWriter* NewL(MPort& aPort, MPortUser& aUser);
    ~CPortWriter();
    // Empty, and to be filled before Start; only while none is being written.
    TDes8& Buffer();
    void Start();

private:
    CPortWriter(MPort& aPort, MPortUser& aUser);
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);

private:
    enum { KSize = 8192 };
    MPort& iPort;
    MPortUser& iUser;
    TBuf8<KSize> iBuffer;
    };

#endif
