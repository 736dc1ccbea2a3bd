// The answers of this owner to the backup engine. One object for each backup or restore mode.
//
// What goes out, base or increment, has one form: four bytes that say from where on in the text, then the text
// from there. A base begins at 0; an increment where the text of the snapshot ended, if that part is unchanged.
//
// What an author has to know, since no header says it:
//
//   * All sections of one stream come in buffers of at most 4096 bytes, and may be cut anywhere.
//   * aFinished is ETrue before a get callback; who has more must set EFalse each time.
//   * GetSnapshotDataL is given the size of the buffer as its drive. Do not look at it.
//   * AllSnapshotsSuppliedL comes in partial backups only. It is not the place to decide on base or increment.
//   * The last restore callback need not have aFinished set; RestoreComplete is what surely comes.
//   * A leave reaches the PC, but not out of AllSnapshotsSuppliedL and RestoreComplete. GetExpectedDataSize,
//     RestoreComplete, TerminateMultiStageOperation and GetDataChecksum must not leave at all.
//   * A callback that takes 200 s makes this process unusable for the rest of its life.

#ifndef NOTEBOOKBACKUP_H
#define NOTEBOOKBACKUP_H

#include <connect/abclient.h>
#include <e32base.h>

class CNotebook;

class CNotebookBackup : public CBase, public conn::MActiveBackupDataClient
    {
public:
    static CNotebookBackup* NewL(CNotebook& aNotebook);
    ~CNotebookBackup();

    // Backup
    void AllSnapshotsSuppliedL();
    void ReceiveSnapshotDataL(TDriveNumber aDrive, TDesC8& aBuffer, TBool aLastSection);
    TUint GetExpectedDataSize(TDriveNumber aDrive);
    void GetSnapshotDataL(TDriveNumber aDrive, TPtr8& aBuffer, TBool& aFinished);
    void InitialiseGetBackupDataL(TDriveNumber aDrive);
    void GetBackupDataSectionL(TPtr8& aBuffer, TBool& aFinished);
    // Restore
    void InitialiseRestoreBaseDataL(TDriveNumber aDrive);
    void RestoreBaseDataSectionL(TDesC8& aBuffer, TBool aFinished);
    void InitialiseRestoreIncrementDataL(TDriveNumber aDrive);
    void RestoreIncrementDataSectionL(TDesC8& aBuffer, TBool aFinished);
    void RestoreComplete(TDriveNumber aDrive);
    // Both. The engine never calls them.
    void TerminateMultiStageOperation();
    TUint GetDataChecksum(TDriveNumber aDrive);

private:
    CNotebookBackup(CNotebook& aNotebook);
    void ConstructL();
    TUint FirstNewByte() const;
    void ReceiveL(const TDesC8& aData);
    void ApplyReceivedL();
    void FinishRestoreL();
    static void AppendL(RBuf8& aTo, const TDesC8& aData);
    static void AppendNumberL(RBuf8& aTo, TUint aNumber);
    static TUint NumberAt(const TDesC8& aFrom, TInt aOffset);
    static TUint ChecksumOf(const TDesC8& aText);
    static void GiveSection(const TDesC8& aAll, TInt& aAt, TPtr8& aBuffer, TBool& aFinished);

private:
    CNotebook& iNotebook;
    RBuf8 iOldSnapshot;  // that the PC has kept and sends back; may come more than once
    TBool iOldSnapshotIsWhole;
    RBuf8 iSnapshot;  // to give away
    TInt iSnapshotAt;
    RBuf8 iOutgoing;
    TInt iOutgoingAt;
    RBuf8 iIncoming;  // of one base or increment
    RBuf8 iRestored;  // what the text will be
    TBool iIsForUs;   // the drive being restored is that of the notebook
    TBool iIsRestoring;
    };

#endif
