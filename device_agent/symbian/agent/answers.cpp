#include "answers.h"

CAnswers::CAnswers(MVoidTags& aVoidTags) : iVoidTags(aVoidTags)
    {
    }

CAnswers::~CAnswers()
    {
    for (TInt i = 0; i < KCalls; ++i)
        {
        Free(iWaiting[i]);
        }
    }

TBool CAnswers::IsTaken(agc_core* aCore, TUint32 aTag, TUint32 aFault, TInt aStatus, const TDesC8& aBody)
    {
    const TUint32 outcome = aFault != 0 ? agc_refuse(aCore, aTag, aFault, aBody.Ptr(), aBody.Size())
                                        : agc_reply(aCore, aTag, aStatus, aBody.Ptr(), aBody.Size());
    if (outcome == AGC_VOID)
        {
        iVoidTags.TagIsVoid(aTag);
        }
    return outcome != AGC_NO_ROOM;
    }

void CAnswers::Give(agc_core* aCore, TUint32 aTag, TUint32 aFault, TInt aStatus, const TDesC8& aBody)
    {
    if (aTag == 0 || IsTaken(aCore, aTag, aFault, aStatus, aBody))
        {
        return;
        }
    for (TInt i = 0; i < KCalls; ++i)
        {
        TWaiting& waiting = iWaiting[i];
        if (waiting.iTag == 0)
            {
            waiting.iTag = aTag;
            waiting.iFault = aFault;
            waiting.iStatus = aStatus;
            waiting.iBody = aBody.Alloc();
            if (!waiting.iBody && waiting.iFault == 0 && waiting.iStatus == KErrNone)
                {
                waiting.iStatus = KErrNoMemory;
                }
            return;
            }
        }
    }

// Those of an old session too: that is how the core learns that the engine is free again.
void CAnswers::GiveAgain(agc_core* aCore)
    {
    for (TInt i = 0; i < KCalls; ++i)
        {
        TWaiting& waiting = iWaiting[i];
        if (waiting.iTag == 0)
            {
            continue;
            }
        const TPtrC8 body(waiting.iBody ? TPtrC8(*waiting.iBody) : TPtrC8());
        if (IsTaken(aCore, waiting.iTag, waiting.iFault, waiting.iStatus, body))
            {
            Free(waiting);
            }
        }
    }

void CAnswers::Free(TWaiting& aWaiting)
    {
    delete aWaiting.iBody;
    aWaiting.iBody = NULL;
    aWaiting.iTag = 0;
    }
