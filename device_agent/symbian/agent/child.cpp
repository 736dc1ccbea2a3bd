#include "child.h"

#include "priorities.h"

CChild* CChild::NewL(const TDesC& aName, MChildUser& aUser)
    {
    return new (ELeave) CChild(aName, aUser);
    }

CChild::CChild(const TDesC& aName, MChildUser& aUser) : CActive(EPriorityServer), iName(aName), iUser(aUser)
    {
    iProcess.SetHandle(KNullHandle);
    CActiveScheduler::Add(this);
    }

CChild::~CChild()
    {
    Cancel();
    }

TBool CChild::IsRunning() const
    {
    return IsActive();
    }

TInt CChild::Start()
    {
    if (IsActive())
        {
        return KErrNone;
        }
    const TInt error = iProcess.Create(iName, KNullDesC);
    if (error != KErrNone)
        {
        return error;
        }
    iProcess.Logon(iStatus);
    SetActive();
    iProcess.Resume();
    return KErrNone;
    }

void CChild::RunL()
    {
    iProcess.Close();
    iUser.ChildEnded(*this);
    }

// The program goes on; only our interest in its end is over.
void CChild::DoCancel()
    {
    iProcess.LogonCancel(iStatus);
    iProcess.Close();
    }

TInt CChild::RunError(TInt)
    {
    return KErrNone;
    }
