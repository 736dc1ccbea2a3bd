// CController: data for the engine, which waits in this process until bkctl takes it, and data from the engine,
// which stays in bkctl's until the host has it.

#include "bodies.h"
#include "controller.h"
#include "host.h"

namespace
    {
    const TInt KLargestUpload = 2 * 1024 * 1024;  // the engine's chunk
    }

TBool CController::HasTransfer(TUint32 aTag) const
    {
    return aTag != 0 && (aTag == iHeldTag || (aTag == iTag && !iIsReady));
    }

void CController::BeginUploadL(const TDesC8& aBody)
    {
    wire::DataSupply request;
    ReadBodyL(aBody, request);
    if (request.size > static_cast<TUint32>(KLargestUpload))
        {
        User::Leave(KErrOverflow);
        }
    iUpload = HBufC8::NewL(request.size);
    }

TInt CController::Upload(TUint32 aTag, const TDesC8& aData)
    {
    if (aTag != iTag || !iUpload)
        {
        return KErrNotFound;
        }
    TPtr8 upload(iUpload->Des());
    if (upload.Size() + aData.Size() > upload.MaxLength())
        {
        DropWaiting();
        return KErrOverflow;
        }
    upload.Append(aData);
    return KErrNone;
    }

void CController::UploadEnded(TUint32 aTag)
    {
    if (aTag == iTag)
        {
        iIsReady = ETrue;
        Deliver();
        }
    }

void CController::UploadCancelled(TUint32 aTag)
    {
    if (aTag != 0 && aTag == iTag && !iIsReady)
        {
        DropWaiting();
        }
    }

TInt CController::Download(TUint32 aTag, TUint32 aOffset, TDes8& aTo)
    {
    if (aTag != iHeldTag || iHeld.IsNull())
        {
        return KErrServerTerminated;
        }
    const TInt size = iHeld.GetDesLength(3);
    if (size < 0)
        {
        return size;
        }
    if (aOffset >= static_cast<TUint32>(size))
        {
        return 0;
        }
    const TInt error = iHeld.Read(3, aTo, aOffset);
    return error == KErrNone ? aTo.Length() : error;
    }

void CController::Release(TUint32 aTag)
    {
    if (aTag == 0 || aTag != iHeldTag)
        {
        return;
        }
    iHeldTag = 0;
    if (!iHeld.IsNull())
        {
        iHeld.Complete(KErrNone);
        iHeld = RMessage2();
        }
    }
