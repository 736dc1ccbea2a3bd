// Follows the mode of the phone: connects to the backup engine when a backup or restore begins, and lets go of it
// when it is over.

#ifndef BACKUPWATCHER_H
#define BACKUPWATCHER_H

#include <connect/abclient.h>
#include <e32base.h>
#include <e32property.h>

class CNotebook;
class CNotebookBackup;

class CBackupWatcher : public CActive
    {
public:
    static CBackupWatcher* NewL(CNotebook& aNotebook);
    ~CBackupWatcher();

private:
    CBackupWatcher(CNotebook& aNotebook);
    void ConstructL();
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);
    void FollowModeL();
    void TakePartL();
    TBool IsAffectedL();
    void LetGo();

private:
    CNotebook& iNotebook;
    RProperty iMode;
    CNotebookBackup* iBackup;
    conn::CActiveBackupClient* iClient;
    TInt iClientMode;
    };

#endif
