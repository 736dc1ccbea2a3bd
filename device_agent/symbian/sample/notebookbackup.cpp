#include "notebookbackup.h"

#include "notebook.h"

namespace
    {
    const TInt KNumberSize = 4;
    const TInt KSnapshotSize = 2 * KNumberSize;  // the text's length, and its checksum
    }

CNotebookBackup* CNotebookBackup::NewL(CNotebook& aNotebook)
    {
    CNotebookBackup* self = new (ELeave) CNotebookBackup(aNotebook);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CNotebookBackup::CNotebookBackup(CNotebook& aNotebook) : iNotebook(aNotebook)
    {
    }

// Everything slow belongs here, before ConfirmReadyForBURL, and not into the first callback.
void CNotebookBackup::ConstructL()
    {
    AppendNumberL(iSnapshot, iNotebook.Text().Length());
    AppendNumberL(iSnapshot, ChecksumOf(iNotebook.Text()));
    }

CNotebookBackup::~CNotebookBackup()
    {
    iOldSnapshot.Close();
    iSnapshot.Close();
    iOutgoing.Close();
    iIncoming.Close();
    iRestored.Close();
    }

// ---------------------------------------------------------------------------------------------- backup

void CNotebookBackup::AllSnapshotsSuppliedL()
    {
    }

// In a restore the PC sends it too, where there is nothing to compare it with.
void CNotebookBackup::ReceiveSnapshotDataL(TDriveNumber aDrive, TDesC8& aBuffer, TBool aLastSection)
    {
    if (aDrive != iNotebook.Drive())
        {
        return;
        }
    if (iOldSnapshotIsWhole)
        {
        iOldSnapshot.Zero();  // another one begins
        iOldSnapshotIsWhole = EFalse;
        }
    AppendL(iOldSnapshot, aBuffer);
    iOldSnapshotIsWhole = aLastSection;
    }

// Where the PC's knowledge of the text ends: 0 without a snapshot, or with one of a text that has changed since.
TUint CNotebookBackup::FirstNewByte() const
    {
    if (!iOldSnapshotIsWhole || iOldSnapshot.Length() != KSnapshotSize)
        {
        return 0;
        }
    const TUint known = NumberAt(iOldSnapshot, 0);
    const TDesC8& text = iNotebook.Text();
    if (known > static_cast<TUint>(text.Length()) ||
        ChecksumOf(text.Left(known)) != NumberAt(iOldSnapshot, KNumberSize))
        {
        return 0;
        }
    return known;
    }

// For the progress bar.
TUint CNotebookBackup::GetExpectedDataSize(TDriveNumber aDrive)
    {
    return aDrive == iNotebook.Drive() ? KNumberSize + iNotebook.Text().Length() - FirstNewByte() : 0;
    }

void CNotebookBackup::GetSnapshotDataL(TDriveNumber, TPtr8& aBuffer, TBool& aFinished)
    {
    GiveSection(iSnapshot, iSnapshotAt, aBuffer, aFinished);
    if (aFinished)
        {
        iSnapshotAt = 0;  // it may be asked for again
        }
    }

// The same for base and increment: nothing tells an owner which one it is, but whether a snapshot came.
void CNotebookBackup::InitialiseGetBackupDataL(TDriveNumber aDrive)
    {
    iOutgoing.Zero();
    iOutgoingAt = 0;
    if (aDrive == iNotebook.Drive())
        {
        const TUint from = FirstNewByte();
        AppendNumberL(iOutgoing, from);
        AppendL(iOutgoing, iNotebook.Text().Mid(from));
        }
    }

void CNotebookBackup::GetBackupDataSectionL(TPtr8& aBuffer, TBool& aFinished)
    {
    GiveSection(iOutgoing, iOutgoingAt, aBuffer, aFinished);
    }

// As much as fits; a buffer that is filled with nothing behind it is the last one.
void CNotebookBackup::GiveSection(const TDesC8& aAll, TInt& aAt, TPtr8& aBuffer, TBool& aFinished)
    {
    const TPtrC8 section(aAll.Mid(aAt, Min(aBuffer.MaxLength(), aAll.Length() - aAt)));
    aBuffer.Copy(section);
    aAt += section.Length();
    aFinished = aAt == aAll.Length();
    }

// --------------------------------------------------------------------------------------------- restore

void CNotebookBackup::InitialiseRestoreBaseDataL(TDriveNumber aDrive)
    {
    iIsForUs = aDrive == iNotebook.Drive();
    if (iIsForUs)
        {
        iIncoming.Zero();
        iRestored.Zero();
        iIsRestoring = ETrue;
        }
    }

void CNotebookBackup::RestoreBaseDataSectionL(TDesC8& aBuffer, TBool aFinished)
    {
    ReceiveL(aBuffer);
    if (aFinished)
        {
        ApplyReceivedL();
        }
    }

void CNotebookBackup::InitialiseRestoreIncrementDataL(TDriveNumber aDrive)
    {
    iIsForUs = aDrive == iNotebook.Drive();
    if (!iIsForUs)
        {
        return;
        }
    ApplyReceivedL();  // of what came before, should it not have been finished
    if (!iIsRestoring)
        {
        iRestored.Zero();
        AppendL(iRestored, iNotebook.Text());
        iIsRestoring = ETrue;
        }
    }

void CNotebookBackup::RestoreIncrementDataSectionL(TDesC8& aBuffer, TBool aFinished)
    {
    ReceiveL(aBuffer);
    if (aFinished)
        {
        ApplyReceivedL();
        }
    }

// Nobody hears of a leave here; the text stays as it was then.
void CNotebookBackup::RestoreComplete(TDriveNumber aDrive)
    {
    if (aDrive == iNotebook.Drive() && iIsRestoring)
        {
        TRAP_IGNORE(FinishRestoreL());
        }
    }

void CNotebookBackup::FinishRestoreL()
    {
    ApplyReceivedL();
    iNotebook.ReplaceL(iRestored);
    }

void CNotebookBackup::ReceiveL(const TDesC8& aData)
    {
    if (iIsForUs)
        {
        AppendL(iIncoming, aData);
        }
    }

// Data from outside is looked at before it is believed.
void CNotebookBackup::ApplyReceivedL()
    {
    if (iIncoming.Length() == 0)
        {
        return;
        }
    const TUint from = iIncoming.Length() >= KNumberSize ? NumberAt(iIncoming, 0) : KMaxTUint;
    if (from > static_cast<TUint>(iRestored.Length()))
        {
        User::Leave(KErrCorrupt);
        }
    iRestored.SetLength(from);
    AppendL(iRestored, iIncoming.Mid(KNumberSize));
    iIncoming.Zero();
    }

// ------------------------------------------------------------------------------------------------ both

void CNotebookBackup::TerminateMultiStageOperation()
    {
    iOutgoing.Zero();
    iOutgoingAt = 0;
    iSnapshotAt = 0;
    iIncoming.Zero();
    iIsRestoring = EFalse;
    }

TUint CNotebookBackup::GetDataChecksum(TDriveNumber aDrive)
    {
    return aDrive == iNotebook.Drive() ? ChecksumOf(iNotebook.Text()) : 0;
    }

void CNotebookBackup::AppendL(RBuf8& aTo, const TDesC8& aData)
    {
    const TInt needed = aTo.Length() + aData.Length();
    if (needed > aTo.MaxLength())
        {
        aTo.ReAllocL(2 * needed);
        }
    aTo.Append(aData);
    }

void CNotebookBackup::AppendNumberL(RBuf8& aTo, TUint aNumber)
    {
    TBuf8<KNumberSize> bytes;
    for (TInt i = 0; i < KNumberSize; ++i)
        {
        bytes.Append(static_cast<TUint8>(aNumber >> (8 * i)));
        }
    AppendL(aTo, bytes);
    }

TUint CNotebookBackup::NumberAt(const TDesC8& aFrom, TInt aOffset)
    {
    TUint number = 0;
    for (TInt i = KNumberSize - 1; i >= 0; --i)
        {
        number = number << 8 | aFrom[aOffset + i];
        }
    return number;
    }

TUint CNotebookBackup::ChecksumOf(const TDesC8& aText)
    {
    TUint16 checksum = 0;
    Mem::Crc(checksum, aText.Ptr(), aText.Length());
    return checksum;
    }
