#include "relayserver.h"

#include "priorities.h"
#include "relay.h"
#include "uids.h"

CRelayServer* CRelayServer::NewL(MRelayClients& aClients)
    {
    CRelayServer* self = new (ELeave) CRelayServer(aClients);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CRelayServer::CRelayServer(MRelayClients& aClients) : CServer2(EPriorityServer), iClients(aClients)
    {
    }

// Leaves with KErrAlreadyExists when an agent is running.
void CRelayServer::ConstructL()
    {
    StartL(KRelayServerName);
    }

MRelayClients& CRelayServer::Clients() const
    {
    return iClients;
    }

CSession2* CRelayServer::NewSessionL(const TVersion&, const RMessage2& aMessage) const
    {
    const TUint32 sid = aMessage.SecureId().iId;
    const TBool isOwner = sid >= KFirstSlotSid && sid < KFirstSlotSid + KSlotCount;
    if (!isOwner && sid != KControllerSid)
        {
        User::Leave(KErrPermissionDenied);
        }
    return new (ELeave) CRelaySession(Clients(), sid);
    }

// The base class completes the client's message with the error, and goes on with the next.
TInt CRelayServer::RunError(TInt aError)
    {
    return CServer2::RunError(aError);
    }

CRelaySession::CRelaySession(MRelayClients& aClients, TUint32 aSid) : iClients(aClients), iSid(aSid)
    {
    }

CRelaySession::~CRelaySession()
    {
    iClients.RelayGone(iSid, this);
    }

void CRelaySession::ServiceL(const RMessage2& aMessage)
    {
    iClients.RelayedL(iSid, aMessage);
    }
