// Answers that the core had no room for: given again until it takes them.

#ifndef SYMHIL_ANSWERS_H
#define SYMHIL_ANSWERS_H

#include <e32base.h>

#include "agc.h"

class MVoidTags
    {
public:
    // Nobody wants that answer any more: what was kept for the stream behind it can go.
    virtual void TagIsVoid(TUint32 aTag) = 0;
    };

class CAnswers : public CBase
    {
public:
    CAnswers(MVoidTags& aVoidTags);
    ~CAnswers();
    // `aFault` is 0 for an answer, else the body is its text.
    void Give(agc_core* aCore, TUint32 aTag, TUint32 aFault, TInt aStatus, const TDesC8& aBody);
    void GiveAgain(agc_core* aCore);

private:
    struct TWaiting
        {
        TUint32 iTag;  // 0 when free
        TUint32 iFault;
        TInt iStatus;
        HBufC8* iBody;
        };
    TBool IsTaken(agc_core* aCore, TUint32 aTag, TUint32 aFault, TInt aStatus, const TDesC8& aBody);
    void Free(TWaiting& aWaiting);

private:
    MVoidTags& iVoidTags;
    enum { KCalls = 16 };  // as many as the core keeps
    TWaiting iWaiting[KCalls];
    };

#endif
