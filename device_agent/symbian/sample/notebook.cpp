#include "notebook.h"

namespace
    {
    _LIT(KFile, "notes.dat");
    _LIT(KNewFile, "notes.new");
    }

CNotebook* CNotebook::NewL()
    {
    CNotebook* self = new (ELeave) CNotebook;
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CNotebook::CNotebook() : iDrive(EDriveC)
    {
    }

void CNotebook::ConstructL()
    {
    User::LeaveIfError(iFs.Connect());
    User::LeaveIfError(iFs.CreatePrivatePath(iDrive));
    User::LeaveIfError(iFs.SetSessionToPrivate(iDrive));
    LoadL();
    }

CNotebook::~CNotebook()
    {
    iText.Close();
    iFs.Close();
    }

void CNotebook::LoadL()
    {
    RFile file;
    const TInt error = file.Open(iFs, KFile, EFileRead | EFileShareReadersOnly);
    if (error == KErrNotFound)
        {
        return;  // nothing has been written yet
        }
    User::LeaveIfError(error);
    CleanupClosePushL(file);
    TInt size = 0;
    User::LeaveIfError(file.Size(size));
    iText.Close();
    iText.CreateL(size);
    User::LeaveIfError(file.Read(iText, size));
    CleanupStack::PopAndDestroy(&file);
    }

const TDesC8& CNotebook::Text() const
    {
    return iText;
    }

void CNotebook::ReplaceL(const TDesC8& aText)
    {
    RFile file;
    User::LeaveIfError(file.Replace(iFs, KNewFile, EFileWrite | EFileShareExclusive));
    CleanupClosePushL(file);
    User::LeaveIfError(file.Write(aText));
    User::LeaveIfError(file.Flush());
    CleanupStack::PopAndDestroy(&file);
    RBuf8 text;
    text.CreateL(aText);
    const TInt error = iFs.Replace(KNewFile, KFile);
    if (error != KErrNone)
        {
        text.Close();
        User::Leave(error);
        }
    iText.Swap(text);  // to assign would copy into a buffer that may be too small
    text.Close();
    }

TDriveNumber CNotebook::Drive() const
    {
    return iDrive;
    }
