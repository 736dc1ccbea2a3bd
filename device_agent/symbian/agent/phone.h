// The phone itself, and its properties.

#ifndef SYMHIL_PHONE_H
#define SYMHIL_PHONE_H

#include <e32base.h>
#include <f32file.h>

class CPropertyWatch;
class MHost;

// The number by which Symbian knows a model; the name of it is the business of whoever has a table.
typedef TBuf8<24> TModelText;
void GetModel(TModelText& aModel);

class CPhone : public CBase
    {
public:
    static CPhone* NewL(MHost& aHost, RFs& aFs);
    ~CPhone();
    TBool Serves(TUint32 aMethod) const;
    void RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody);
    // The host is gone, and its subscriptions with it.
    void SessionOver();
    void SetController(TBool aIsThere);

private:
    CPhone(MHost& aHost, RFs& aFs);
    void InfoL(TUint32 aTag);
    void GetL(TUint32 aTag, const TDesC8& aBody);
    void SetL(TUint32 aTag, const TDesC8& aBody);
    void SubscribeL(TUint32 aTag, const TDesC8& aBody);
    void UnsubscribeL(TUint32 aTag, const TDesC8& aBody);

private:
    MHost& iHost;
    RFs& iFs;
    RPointerArray<CPropertyWatch> iWatches;
    TUint16 iLastTopic;
    TBool iHasController;
    };

#endif
