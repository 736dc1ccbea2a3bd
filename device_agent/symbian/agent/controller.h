// The controller's side of the agent: gives bkctl.exe the host's engine requests, one at a time, and takes what
// came of them. Nothing here waits.
//
// The stream behind an answer stays where the engine put it, in bkctl's memory: its message is left open, and read
// from piece by piece, until the host has all of it. A request that comes meanwhile waits for that.

#ifndef SYMHIL_CONTROLLER_H
#define SYMHIL_CONTROLLER_H

#include <e32base.h>

#include "child.h"
#include "relay.h"

class CAlarm;
class MHost;

class CController : public CBase, private MChildUser
    {
public:
    static CController* NewL(MHost& aHost);
    ~CController();
    // Starts bkctl, and gives the error of that.
    TInt Start();
    TBool Serves(TUint32 aMethod) const;
    void RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody);
    void SessionOver();
    // The host fell silent: the mode it left the phone in is ended.
    void ReturnToNormal();

    // Streams.
    TBool HasTransfer(TUint32 aTag) const;
    TInt Upload(TUint32 aTag, const TDesC8& aData);
    void UploadEnded(TUint32 aTag);
    void UploadCancelled(TUint32 aTag);
    TInt Download(TUint32 aTag, TUint32 aOffset, TDes8& aTo);
    void Release(TUint32 aTag);

    void RelayedL(const RMessage2& aMessage);
    void RelayGone(const CSession2* aSession);

private:
    CController(MHost& aHost);
    void ConstructL();
    static TInt AbortCallBack(TAny* aSelf);
    void Abort();
    // MChildUser
    void ChildEnded(CChild& aChild);

    void BeginUploadL(const TDesC8& aBody);
    void Deliver();
    void Deliver(TUint32 aMethod, const TDesC8& aBody, TInt aUploadSize);
    void FetchUploadL(const RMessage2& aMessage);
    void JobEnded(const RMessage2& aMessage);
    void Lost(TInt aError);
    void DropWaiting();

private:
    enum TInternal
        {
        ENothing,
        EDisconnect,
        EToNormal
        };

    MHost& iHost;
    CChild* iChild;
    CAlarm* iAbortAlarm;

    // bkctl's sessions and the messages that it has left open.
    const CSession2* iSession;
    const CSession2* iAbortSession;
    RMessage2 iTake;
    RMessage2 iAbort;
    RMessage2 iHeld;
    TUint32 iHeldTag;

    // The request that waits to be taken; its tag is 0 when there is none.
    TUint32 iTag;
    TUint32 iMethod;
    TBool iIsReady;  // its upload is whole
    HBufC8* iBody;
    HBufC8* iUpload;

    // What bkctl is doing. The tag is 0 for what the agent wants of it by itself.
    TBool iIsRunning;
    TBool iIsUnwanted;  // its host is gone; the core is told of its end, since the engine is free then
    TUint32 iRunningTag;
    TUint32 iRunningMethod;

    TInternal iInternal;  // what the agent wants of it by itself; goes first
    HBufC8* iAnswer;
    };

#endif
