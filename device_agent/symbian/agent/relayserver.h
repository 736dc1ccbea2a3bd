// The server that the controller and the owners connect to. Nobody else: it asks for the SID of whoever does.

#ifndef SYMHIL_RELAYSERVER_H
#define SYMHIL_RELAYSERVER_H

#include <e32base.h>

class CRelaySession;

class MRelayClients
    {
public:
    // A message of a client; to be completed now or later. It may leave before that, not after.
    virtual void RelayedL(TUint32 aSid, const RMessage2& aMessage) = 0;
    // Its session is over. Messages of it that are still open are to be forgotten, not completed.
    virtual void RelayGone(TUint32 aSid, const CSession2* aSession) = 0;
    };

class CRelayServer : public CServer2
    {
public:
    static CRelayServer* NewL(MRelayClients& aClients);
    MRelayClients& Clients() const;

private:
    CRelayServer(MRelayClients& aClients);
    void ConstructL();
    CSession2* NewSessionL(const TVersion& aVersion, const RMessage2& aMessage) const;
    TInt RunError(TInt aError);

private:
    MRelayClients& iClients;
    };

class CRelaySession : public CSession2
    {
public:
    CRelaySession(MRelayClients& aClients, TUint32 aSid);
    ~CRelaySession();

private:
    void ServiceL(const RMessage2& aMessage);

private:
    MRelayClients& iClients;
    TUint32 iSid;
    };

#endif
