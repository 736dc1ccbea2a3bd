#include "propertywatch.h"

#include "bodies.h"
#include "host.h"
#include "priorities.h"

CPropertyWatch* CPropertyWatch::NewL(MHost& aHost, TUint32 aTopic, TUint32 aCategory, TUint32 aKey)
    {
    CPropertyWatch* self = new (ELeave) CPropertyWatch(aHost, aTopic);
    CleanupStack::PushL(self);
    self->ConstructL(aCategory, aKey);
    CleanupStack::Pop(self);
    return self;
    }

CPropertyWatch::CPropertyWatch(MHost& aHost, TUint32 aTopic)
    : CActive(EPriorityWatch), iHost(aHost), iTopic(aTopic)
    {
    CActiveScheduler::Add(this);
    }

void CPropertyWatch::ConstructL(TUint32 aCategory, TUint32 aKey)
    {
    User::LeaveIfError(iProperty.Attach(TUid::Uid(aCategory), aKey));
    Subscribe();
    }

CPropertyWatch::~CPropertyWatch()
    {
    Cancel();
    iProperty.Close();
    }

TUint32 CPropertyWatch::Topic() const
    {
    return iTopic;
    }

TInt CPropertyWatch::Read(TInt& aValue)
    {
    aValue = 0;
    return iProperty.Get(aValue);
    }

void CPropertyWatch::Subscribe()
    {
    iProperty.Subscribe(iStatus);
    SetActive();
    }

// Subscribing again before reading, so that no change is missed for good (BE 3).
void CPropertyWatch::RunL()
    {
    const TInt completed = iStatus.Int();
    if (completed != KErrNone && completed != KErrNotFound)
        {
        // Not to be read by us: to subscribe again would complete at once, for ever.
        Tell(completed, 0);
        return;
        }
    Subscribe();
    TInt value = 0;
    const TInt status = completed == KErrNone ? Read(value) : completed;
    Tell(status, status == KErrNone ? value : 0);
    }

void CPropertyWatch::DoCancel()
    {
    iProperty.Cancel();
    }

TInt CPropertyWatch::RunError(TInt aError)
    {
    Tell(aError, 0);
    return KErrNone;
    }

void CPropertyWatch::Tell(TInt aStatus, TInt aValue)
    {
    wire::PropertyChange change;
    change.tick_ms = iHost.TickMs();
    change.status = aStatus;
    change.value = aValue;
    TBuf8<wire::PropertyChangeAt::SIZE> body;
    TRAPD(error, WriteBodyL(body, change));
    if (error == KErrNone)
        {
        iHost.Tell(iTopic, body);
        }
    }
