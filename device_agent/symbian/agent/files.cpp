#include "files.h"

#include "bodies.h"
#include "filecheck.h"
#include "host.h"
#include "times.h"
#include "utf8.h"

namespace
    {
    const TInt KPageSize = wire::Limit::IPC_BLOCK_SIZE;  // of a folder, in one answer
    const TInt KPageHead = 8;                            // what stands before the entries, at most
    const TInt KEntryHead = 24;                          // of an entry, without its name
    const TInt KMaxNameBytes = KMaxFileName * 3;         // in UTF-8
    const TText KBackslash = '\\';
    }

CFiles* CFiles::NewL(MHost& aHost, RFs& aFs)
    {
    CFiles* self = new (ELeave) CFiles(aHost, aFs);
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CFiles::CFiles(MHost& aHost, RFs& aFs) : iHost(aHost), iFs(aFs)
    {
    }

void CFiles::ConstructL()
    {
    iPage = HBufC8::NewL(KPageSize);
    }

CFiles::~CFiles()
    {
    SessionOver();
    iChecks.Close();
    delete iPage;
    }

void CFiles::SessionOver()
    {
    for (TInt i = 0; i < KTransfers; ++i)
        {
        Close(iTransfers[i].iTag);
        }
    iChecks.ResetAndDestroy();
    }

TBool CFiles::Serves(TUint32 aMethod) const
    {
    switch (aMethod)
        {
        case wire::Method::FILE_STAT:
        case wire::Method::FOLDER_LIST:
        case wire::Method::FOLDER_MAKE:
        case wire::Method::FILE_READ:
        case wire::Method::FILE_WRITE:
        case wire::Method::FILE_DELETE:
        case wire::Method::FILE_SET_ATTRIBUTES:
        case wire::Method::FILE_CHECK:
            return ETrue;
        default:
            return EFalse;
        }
    }

void CFiles::RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody)
    {
    switch (aMethod)
        {
        case wire::Method::FILE_STAT:
            StatL(aTag, aBody);
            break;
        case wire::Method::FOLDER_LIST:
            ListL(aTag, aBody);
            break;
        case wire::Method::FOLDER_MAKE:
            MakeFolderL(aTag, aBody);
            break;
        case wire::Method::FILE_READ:
            BeginReadL(aTag, aBody);
            break;
        case wire::Method::FILE_WRITE:
            BeginWriteL(aTag, aBody);
            break;
        case wire::Method::FILE_DELETE:
            DeleteL(aTag, aBody);
            break;
        case wire::Method::FILE_SET_ATTRIBUTES:
            SetAttributesL(aTag, aBody);
            break;
        default:
            CheckL(aTag, aBody);
            break;
        }
    }

// ------------------------------------------------------------------------------------------ whole entries

void CFiles::ReadPathL(const wire::Bytes& aPath)
    {
    FromUtf8L(DescriptorOf(aPath), iPath);
    }

// The file server takes a name for a folder's only when a backslash ends it.
void CFiles::ReadFolderL(const wire::Bytes& aPath)
    {
    ReadPathL(aPath);
    if (iPath.Length() > 0 && iPath[iPath.Length() - 1] != KBackslash)
        {
        if (iPath.Length() == iPath.MaxLength())
            {
            User::Leave(KErrBadName);
            }
        iPath.Append(KBackslash);
        }
    }

void CFiles::StatL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::Path request;
    ReadBodyL(aBody, request);
    ReadPathL(request.path);
    // Of a folder too: its entry is found without the backslash.
    const TInt KRootLength = 3;
    if (iPath.Length() > KRootLength && iPath[iPath.Length() - 1] == KBackslash)
        {
        iPath.SetLength(iPath.Length() - 1);
        }
    TEntry* entry = new (ELeave) TEntry;
    CleanupStack::PushL(entry);
    User::LeaveIfError(iFs.Entry(iPath, *entry));
    wire::FileStat answer;
    answer.attributes = entry->iAtt;
    answer.size = WideOf(entry->IsDir() ? 0 : static_cast<TUint32>(entry->iSize));
    answer.modified_us = WideOf(HomeSinceEpoch(entry->iModified));
    TBuf8<wire::FileStatAt::SIZE> body;
    WriteBodyL(body, answer);
    CleanupStack::PopAndDestroy(entry);
    iHost.Reply(aTag, KErrNone, body);
    }

void CFiles::ListL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::FolderRequest request;
    ReadBodyL(aBody, request);
    ReadFolderL(request.path);
    CDir* folder = NULL;
    User::LeaveIfError(iFs.GetDir(iPath, KEntryAttMaskSupported, ESortByName, folder));
    CleanupStack::PushL(folder);
    HBufC8* name = HBufC8::NewLC(KMaxNameBytes);
    TPtr8 nameText(name->Des());
    HBufC8* entries = HBufC8::NewLC(KPageSize);
    wire::Out out(const_cast<TUint8*>(entries->Ptr()), KPageSize - KPageHead);
    const TInt count = folder->Count();
    const TInt start = request.start < static_cast<TUint32>(count) ? request.start : count;
    TInt i = start;
    for (; i < count; ++i)
        {
        const TEntry& entry = (*folder)[i];
        ToUtf8L(entry.iName, nameText);
        if (static_cast<TInt>(out.size()) + nameText.Size() + KEntryHead > KPageSize - KPageHead)
            {
            break;
            }
        wire::FileEntry line;
        line.name = BytesOf(nameText);
        line.attributes = entry.iAtt;
        line.size = WideOf(entry.IsDir() ? 0 : static_cast<TUint32>(entry.iSize));
        line.modified_us = WideOf(HomeSinceEpoch(entry.iModified));
        Write(out, line);
        }
    wire::FolderPage answer;
    answer.more = i < count ? 1 : 0;
    answer.entries_count = i - start;
    answer.entries = out.bytes();
    TPtr8 page(iPage->Des());
    WriteBodyL(page, answer);
    CleanupStack::PopAndDestroy(3, folder);
    iHost.Reply(aTag, KErrNone, page);
    }

void CFiles::MakeFolderL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::Path request;
    ReadBodyL(aBody, request);
    ReadFolderL(request.path);
    const TInt error = iFs.MkDirAll(iPath);
    if (error != KErrNone && error != KErrAlreadyExists)
        {
        User::Leave(error);
        }
    wire::FolderMade answer;
    answer.created = error == KErrNone ? 1 : 0;
    TBuf8<wire::FolderMadeAt::SIZE> body;
    WriteBodyL(body, answer);
    iHost.Reply(aTag, KErrNone, body);
    }

void CFiles::DeleteL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::Path request;
    ReadBodyL(aBody, request);
    ReadPathL(request.path);
    TUint attributes = 0;
    User::LeaveIfError(iFs.Att(iPath, attributes));
    if (attributes & KEntryAttDir)
        {
        ReadFolderL(request.path);
        iHost.Reply(aTag, iFs.RmDir(iPath), KNullDesC8);
        return;
        }
    iHost.Reply(aTag, iFs.Delete(iPath), KNullDesC8);
    }

void CFiles::SetAttributesL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::FileAttributesChange request;
    ReadBodyL(aBody, request);
    ReadPathL(request.path);
    iHost.Reply(aTag, iFs.SetAtt(iPath, request.set_bits, request.clear_bits), KNullDesC8);
    }

void CFiles::CheckL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::FileRange request;
    ReadBodyL(aBody, request);
    ReadPathL(request.path);
    const TUint32 KAll = KMaxTUint32;
    const TUint32 offset = request.offset.high != 0 ? KAll : request.offset.low;
    const TUint32 length = request.length.high != 0 ? KAll : request.length.low;
    CFileCheck* check = CFileCheck::NewL(*this, iHost, aTag);
    CleanupStack::PushL(check);
    iChecks.AppendL(check);
    CleanupStack::Pop(check);
    TRAPD(error, check->StartL(iFs, iPath, offset, length));
    if (error != KErrNone)
        {
        CheckEnded(check);
        User::Leave(error);
        }
    }

void CFiles::CheckEnded(CFileCheck* aCheck)
    {
    const TInt index = iChecks.Find(aCheck);
    if (index >= 0)
        {
        iChecks.Remove(index);
        }
    delete aCheck;
    }
