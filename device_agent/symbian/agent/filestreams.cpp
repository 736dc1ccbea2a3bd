// CFiles: data out of files and into them.

#include "bodies.h"
#include "files.h"
#include "host.h"

namespace
    {
    // Files of 2 GiB and more are not to be had by this file server's interface.
    TInt OffsetL(const wire::U64& aOffset)
        {
        if (aOffset.high != 0 || aOffset.low > static_cast<TUint32>(KMaxTInt))
            {
            User::Leave(KErrEof);
            }
        return aOffset.low;
        }
    }

CFiles::TTransfer* CFiles::Find(TUint32 aTag)
    {
    for (TInt i = 0; i < KTransfers; ++i)
        {
        if (iTransfers[i].iTag == aTag)
            {
            return &iTransfers[i];
            }
        }
    return NULL;
    }

// NULL when there are too many; the host is told.
CFiles::TTransfer* CFiles::NewTransfer(TUint32 aTag)
    {
    TTransfer* transfer = Find(0);
    if (!transfer)
        {
        _LIT8(KTooMany, "8 files are being read or written; wait for one to end");
        iHost.Refuse(aTag, wire::AgentFault::NO_RESOURCES, KTooMany);
        return NULL;
        }
    transfer->iFile = RFile();
    transfer->iLength = 0;
    return transfer;
    }

TBool CFiles::HasTransfer(TUint32 aTag) const
    {
    return aTag != 0 && const_cast<CFiles*>(this)->Find(aTag) != NULL;
    }

// A log may be open by its writer, and grow: what is there now is what is given.
void CFiles::BeginReadL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::FileRead request;
    ReadBodyL(aBody, request);
    ReadPathL(request.path);
    const TInt start = OffsetL(request.offset);
    TTransfer* transfer = NewTransfer(aTag);
    if (!transfer)
        {
        return;
        }
    TInt error = transfer->iFile.Open(iFs, iPath, EFileRead | EFileShareAny);
    if (error == KErrInUse)
        {
        // By somebody who lets others read, and nobody write.
        error = transfer->iFile.Open(iFs, iPath, EFileRead | EFileShareReadersOnly);
        }
    User::LeaveIfError(error);
    TInt size = 0;
    error = transfer->iFile.Size(size);
    if (error == KErrNone && start > size)
        {
        error = KErrEof;
        }
    if (error != KErrNone)
        {
        transfer->iFile.Close();
        User::Leave(error);
        }
    const TUint32 there = size - start;
    transfer->iTag = aTag;
    transfer->iStart = start;
    transfer->iLength = request.length < there ? request.length : there;
    wire::FilePart answer;
    answer.file_size = WideOf(size);
    answer.length = transfer->iLength;
    TBuf8<wire::FilePartAt::SIZE> body;
    WriteBodyL(body, answer);
    iHost.Reply(aTag, KErrNone, body);
    }

TInt CFiles::Download(TUint32 aTag, TUint32 aOffset, TDes8& aTo)
    {
    TTransfer* transfer = Find(aTag);
    if (!transfer)
        {
        return KErrNotFound;
        }
    const TUint32 length = transfer->iLength;
    const TInt left = aOffset < length ? length - aOffset : 0;
    if (left == 0)
        {
        return 0;
        }
    const TInt error =
        transfer->iFile.Read(transfer->iStart + static_cast<TInt>(aOffset), aTo, Min(left, aTo.MaxLength()));
    return error == KErrNone ? aTo.Length() : error;
    }

void CFiles::BeginWriteL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::FileWrite request;
    ReadBodyL(aBody, request);
    ReadPathL(request.path);
    const TInt start = OffsetL(request.offset);
    TTransfer* transfer = NewTransfer(aTag);
    if (!transfer)
        {
        return;
        }
    const TUint mode = EFileWrite | EFileShareExclusive;
    User::LeaveIfError(request.truncate ? transfer->iFile.Replace(iFs, iPath, mode)
                                        : transfer->iFile.Open(iFs, iPath, mode));
    transfer->iTag = aTag;
    transfer->iStart = start;
    // Behind the end of a file, the file server would write at its end.
    TInt size = 0;
    TInt error = transfer->iFile.Size(size);
    if (error == KErrNone && size < start)
        {
        error = transfer->iFile.SetSize(start);
        }
    if (error != KErrNone)
        {
        Close(aTag);
        User::Leave(error);
        }
    }

TInt CFiles::Upload(TUint32 aTag, const TDesC8& aData)
    {
    TTransfer* transfer = Find(aTag);
    if (!transfer)
        {
        return KErrNotFound;
        }
    const TInt error = transfer->iFile.Write(transfer->iStart + transfer->iLength, aData);
    if (error != KErrNone)
        {
        Close(aTag);
        return error;
        }
    transfer->iLength += aData.Size();
    return KErrNone;
    }

void CFiles::UploadEndedL(TUint32 aTag)
    {
    TTransfer* transfer = Find(aTag);
    if (!transfer)
        {
        return;
        }
    const TInt error = transfer->iFile.Flush();
    wire::DataSize answer;
    answer.size = transfer->iLength;
    Close(aTag);
    User::LeaveIfError(error);
    TBuf8<wire::DataSizeAt::SIZE> body;
    WriteBodyL(body, answer);
    iHost.Reply(aTag, KErrNone, body);
    }

void CFiles::Close(TUint32 aTag)
    {
    TTransfer* transfer = aTag != 0 ? Find(aTag) : NULL;
    if (transfer)
        {
        transfer->iFile.Close();
        transfer->iTag = 0;
        }
    }
