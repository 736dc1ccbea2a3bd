// A program that this agent starts, and whose end it notices.

#ifndef SYMHIL_CHILD_H
#define SYMHIL_CHILD_H

#include <e32base.h>

class CChild;

class MChildUser
    {
public:
    virtual void ChildEnded(CChild& aChild) = 0;
    };

class CChild : public CActive
    {
public:
    static CChild* NewL(const TDesC& aName, MChildUser& aUser);
    ~CChild();
    // Does nothing when it runs. An error when it is not there, or a library that it needs is not, or is too old.
    TInt Start();
    TBool IsRunning() const;

private:
    CChild(const TDesC& aName, MChildUser& aUser);
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);

private:
    TBuf<32> iName;
    MChildUser& iUser;
    RProcess iProcess;
    };

#endif
