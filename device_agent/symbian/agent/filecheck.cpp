#include "filecheck.h"

#include "agc.h"
#include "bodies.h"
#include "files.h"
#include "host.h"
#include "priorities.h"

namespace
    {
    const TInt KPieceSize = 16 * 1024;
    }

CFileCheck* CFileCheck::NewL(CFiles& aFiles, MHost& aHost, TUint32 aTag)
    {
    CFileCheck* self = new (ELeave) CFileCheck(aFiles, aHost, aTag);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CFileCheck::CFileCheck(CFiles& aFiles, MHost& aHost, TUint32 aTag)
    : CActive(EPriorityRetry), iFiles(aFiles), iHost(aHost), iTag(aTag), iPiece(NULL, 0)
    {
    CActiveScheduler::Add(this);
    }

void CFileCheck::ConstructL()
    {
    iBuffer = HBufC8::NewL(KPieceSize);
    iPiece.Set(iBuffer->Des());
    }

CFileCheck::~CFileCheck()
    {
    Cancel();
    iFile.Close();
    delete iBuffer;
    }

void CFileCheck::StartL(RFs& aFs, const TDesC& aPath, TUint32 aOffset, TUint32 aLength)
    {
    User::LeaveIfError(iFile.Open(aFs, aPath, EFileRead | EFileShareAny));
    User::LeaveIfError(iFile.Size(iSize));
    const TUint32 size = iSize;
    iAt = aOffset < size ? aOffset : size;
    iEnd = aLength < size - iAt ? iAt + aLength : size;
    Next();
    }

void CFileCheck::Next()
    {
    iFile.Read(iAt, iPiece, Min(iEnd - iAt, KPieceSize), iStatus);
    SetActive();
    }

void CFileCheck::RunL()
    {
    User::LeaveIfError(iStatus.Int());
    iCrc = agc_crc32(iCrc, iPiece.Ptr(), iPiece.Size());
    iAt += iPiece.Size();
    iChecked += iPiece.Size();
    // Shorter than when it began: what is there is what was checked.
    if (iPiece.Size() > 0 && iAt < iEnd)
        {
        Next();
        return;
        }
    AnswerL();
    iFiles.CheckEnded(this);  // deletes this
    }

void CFileCheck::DoCancel()
    {
    // To cancel a read is not in the libraries of all firmware; it is over in a moment, and Cancel waits for it.
    }

TInt CFileCheck::RunError(TInt aError)
    {
    iHost.Reply(iTag, aError, KNullDesC8);
    iFiles.CheckEnded(this);  // deletes this
    return KErrNone;
    }

void CFileCheck::AnswerL()
    {
    wire::FileCheck answer;
    answer.file_size = WideOf(iSize);
    answer.checked = WideOf(iChecked);
    answer.crc32 = iCrc;
    TBuf8<wire::FileCheckAt::SIZE> body;
    WriteBodyL(body, answer);
    iHost.Reply(iTag, KErrNone, body);
    }
