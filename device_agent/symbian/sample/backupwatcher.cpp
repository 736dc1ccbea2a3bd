#include "backupwatcher.h"

#include "notebook.h"
#include "notebookbackup.h"

using namespace conn;

CBackupWatcher* CBackupWatcher::NewL(CNotebook& aNotebook)
    {
    CBackupWatcher* self = new (ELeave) CBackupWatcher(aNotebook);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CBackupWatcher::CBackupWatcher(CNotebook& aNotebook) : CActive(EPriorityStandard), iNotebook(aNotebook)
    {
    CActiveScheduler::Add(this);
    }

void CBackupWatcher::ConstructL()
    {
    User::LeaveIfError(iMode.Attach(KUidSystemCategory, KUidBackupRestoreKey));
    iMode.Subscribe(iStatus);
    SetActive();
    // The engine starts this process when the mode has been set already: look at once.
    TRAPD(error, FollowModeL());
    if (error != KErrNone)
        {
        RunError(error);
        }
    }

CBackupWatcher::~CBackupWatcher()
    {
    Cancel();
    iMode.Close();
    LetGo();
    }

// Subscribe again before reading: a change in between is not missed then.
void CBackupWatcher::RunL()
    {
    User::LeaveIfError(iStatus.Int());
    iMode.Subscribe(iStatus);
    SetActive();
    FollowModeL();
    }

void CBackupWatcher::DoCancel()
    {
    iMode.Cancel();
    }

// An owner that cannot take part lets go, so that nobody waits for it.
TInt CBackupWatcher::RunError(TInt)
    {
    LetGo();
    return KErrNone;
    }

// The low byte says what kind of mode it is; the value as a whole need not be one of the enumerated ones.
void CBackupWatcher::FollowModeL()
    {
    TInt mode = EBURUnset;
    if (iMode.Get(mode) != KErrNone)
        {
        mode = EBURUnset;  // nobody has defined it yet
        }
    if (iClient && mode == iClientMode)
        {
        return;
        }
    LetGo();  // a client belongs to one mode: one that is kept into the next is not taken for ready
    const TInt part = mode & KBURPartTypeMask;
    if (part != EBURUnset && part != EBURNormal)
        {
        iClientMode = mode;
        TakePartL();
        }
    }

// What is slow is done before the engine is told that this owner is ready.
void CBackupWatcher::TakePartL()
    {
    iBackup = CNotebookBackup::NewL(iNotebook);
    iClient = CActiveBackupClient::NewL(iBackup);
    if (IsAffectedL())
        {
        iClient->ConfirmReadyForBURL(KErrNone);
        }
    else
        {
        LetGo();
        }
    }

TBool CBackupWatcher::IsAffectedL()
    {
    TDriveList drives;
    TBURPartType part;
    TBackupIncType increment;
    iClient->BURModeInfoL(drives, part, increment);
    if (part != EBURBackupPartial && part != EBURRestorePartial)
        {
        return ETrue;
        }
    // It leaves when the PC has stored no list of owners: better ready in vain than missing.
    TBool isAffected = ETrue;
    TRAP_IGNORE(isAffected = iClient->DoesPartialBURAffectMeL());
    return isAffected;
    }

// The client before the object that it calls.
void CBackupWatcher::LetGo()
    {
    delete iClient;
    iClient = NULL;
    delete iBackup;
    iBackup = NULL;
    }
