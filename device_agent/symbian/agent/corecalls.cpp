// CAgent: what the core asks for, agc_platform. No leave may cross it, so each one is trapped here.

#include "agent.h"
#include "controller.h"
#include "files.h"
#include "phone.h"
#include "slots.h"

CAgent& CAgent::Self(void* aSelf)
    {
    return *static_cast<CAgent*>(aSelf);
    }

agc_u32 CAgent::CoreTickMs(void* aSelf)
    {
    return Self(aSelf).TickMs();
    }

agc_u32 CAgent::CoreFreeBytes(void*)
    {
    TInt largest = 0;
    return User::Available(largest);
    }

// A new host, or none any more: what the old one had is given up.
void CAgent::CoreSession(void* aSelf)
    {
    CAgent& self = Self(aSelf);
    self.iAnswers->GiveAgain(self.iCore);
    self.iPhone->SessionOver();
    self.iFiles->SessionOver();
    self.iController->SessionOver();
    self.iSlots->SessionOver();
    }

void CAgent::CoreRequest(void* aSelf, agc_u32 aTag, agc_u32 aMethod, const agc_u8* aBody, agc_u32 aLength)
    {
    CAgent& self = Self(aSelf);
    TRAPD(error, self.RequestL(aTag, aMethod, TPtrC8(aBody, aLength)));
    if (error != KErrNone)
        {
        self.Reply(aTag, error, KNullDesC8);
        }
    }

agc_i32 CAgent::CoreUpload(void* aSelf, agc_u32 aTag, agc_u32, const agc_u8* aData, agc_u32 aLength)
    {
    CAgent& self = Self(aSelf);
    const TPtrC8 data(aData, aLength);
    return self.iFiles->HasTransfer(aTag) ? self.iFiles->Upload(aTag, data) : self.iController->Upload(aTag, data);
    }

void CAgent::CoreUploadEnded(void* aSelf, agc_u32 aTag)
    {
    CAgent& self = Self(aSelf);
    TRAPD(error, self.UploadEndedL(aTag));
    if (error != KErrNone)
        {
        self.Reply(aTag, error, KNullDesC8);
        }
    }

// What has begun goes on, and is answered; an upload that has not ended is not.
void CAgent::CoreCancelled(void* aSelf, agc_u32 aTag)
    {
    CAgent& self = Self(aSelf);
    self.iFiles->Close(aTag);
    self.iController->UploadCancelled(aTag);
    }

agc_i32 CAgent::CoreDownload(void* aSelf, agc_u32 aTag, agc_u32 aOffset, agc_u8* aData, agc_u32 aLength)
    {
    CAgent& self = Self(aSelf);
    TPtr8 to(aData, aLength);
    return self.iFiles->HasTransfer(aTag) ? self.iFiles->Download(aTag, aOffset, to)
                                          : self.iController->Download(aTag, aOffset, to);
    }

void CAgent::CoreRelease(void* aSelf, agc_u32 aTag)
    {
    Self(aSelf).TagIsVoid(aTag);
    }

void CAgent::CoreAnswered(void* aSelf, agc_u32 aTag, agc_i32 aOutcome, agc_i32 aStatus, const agc_u8* aBody,
                          agc_u32 aLength)
    {
    Self(aSelf).iSlots->Answered(aTag, aOutcome, aStatus, TPtrC8(aBody, aLength));
    }

void CAgent::CoreHostSilent(void* aSelf)
    {
    Self(aSelf).iController->ReturnToNormal();
    }
