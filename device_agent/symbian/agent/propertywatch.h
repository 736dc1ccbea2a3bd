// A subscription of the host to a property.

#ifndef SYMHIL_PROPERTYWATCH_H
#define SYMHIL_PROPERTYWATCH_H

#include <e32base.h>
#include <e32property.h>

class MHost;

class CPropertyWatch : public CActive
    {
public:
    static CPropertyWatch* NewL(MHost& aHost, TUint32 aTopic, TUint32 aCategory, TUint32 aKey);
    ~CPropertyWatch();
    TUint32 Topic() const;
    // The property's value; gives the error of reading it.
    TInt Read(TInt& aValue);

private:
    CPropertyWatch(MHost& aHost, TUint32 aTopic);
    void ConstructL(TUint32 aCategory, TUint32 aKey);
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);
    void Subscribe();
    void Tell(TInt aStatus, TInt aValue);

private:
    MHost& iHost;
    TUint32 iTopic;
    RProperty iProperty;
    };

#endif
