// The agent: the core, what it stands on, and what serves the host. All in one thread, and nothing here waits.

#ifndef SYMHIL_AGENT_H
#define SYMHIL_AGENT_H

#include <e32base.h>
#include <f32file.h>

#include "agc.h"
#include "answers.h"
#include "host.h"
#include "links.h"
#include "relayserver.h"
#include "tickclock.h"

class CAlarm;
class CController;
class CFiles;
class CPhone;
class CSlots;

class CAgent : public CBase, private MHost, private MVoidTags, private MLinksUser, private MRelayClients
    {
public:
    static CAgent* NewL();
    ~CAgent();

private:
    CAgent();
    void ConstructL();
    void ConstructCoreL();

    // What the core asks for: agc_platform. No leave may cross it.
    static agc_u32 CoreTickMs(void* aSelf);
    static agc_u32 CoreFreeBytes(void* aSelf);
    static void CoreSession(void* aSelf);
    static void CoreRequest(void* aSelf, agc_u32 aTag, agc_u32 aMethod, const agc_u8* aBody, agc_u32 aLength);
    static agc_i32 CoreUpload(void* aSelf, agc_u32 aTag, agc_u32 aOffset, const agc_u8* aData, agc_u32 aLength);
    static void CoreUploadEnded(void* aSelf, agc_u32 aTag);
    static void CoreCancelled(void* aSelf, agc_u32 aTag);
    static agc_i32 CoreDownload(void* aSelf, agc_u32 aTag, agc_u32 aOffset, agc_u8* aData, agc_u32 aLength);
    static void CoreRelease(void* aSelf, agc_u32 aTag);
    static void CoreAnswered(void* aSelf, agc_u32 aTag, agc_i32 aOutcome, agc_i32 aStatus, const agc_u8* aBody,
                             agc_u32 aLength);
    static void CoreHostSilent(void* aSelf);
    static CAgent& Self(void* aSelf);

    void RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody);
    void UploadEndedL(TUint32 aTag);

    // MHost
    void Reply(TUint32 aTag, TInt aStatus, const TDesC8& aBody);
    void Refuse(TUint32 aTag, TUint32 aFault, const TDesC8& aText);
    void Tell(TUint32 aTopic, const TDesC8& aBody);
    TUint32 Ask(TUint32 aMethod, const TDesC8& aBody, TUint32 aDeadlineMs);
    TUint32 TickMs();
    // MVoidTags
    void TagIsVoid(TUint32 aTag);
    // MLinksUser
    void LinkUp();
    void LinkDown();
    void Received(const TDesC8& aData);
    void WriterIdle();
    TUint32 NowMs();
    // MRelayClients
    void RelayedL(TUint32 aSid, const RMessage2& aMessage);
    void RelayGone(TUint32 aSid, const CSession2* aSession);

    // Lets the core do what is due, and writes what it wants to say.
    void RunCore();
    void RunCoreSoon();
    void Write();
    static TInt RunCoreCallBack(TAny* aSelf);

private:
    RFs iFs;
    TTickClock iClock;
    TAny* iMemory;
    agc_core* iCore;
    TBuf8<24> iProduct;
    CAlarm* iTick;
    CAsyncCallBack* iSoon;
    CAnswers* iAnswers;
    CPhone* iPhone;
    CFiles* iFiles;
    CController* iController;
    CSlots* iSlots;
    CRelayServer* iServer;
    CLinks* iLinks;
    };

#endif
