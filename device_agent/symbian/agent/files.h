// Files under the agent's reach: all of the phone but \sys, \private of others, and writing to \resource.

#ifndef SYMHIL_FILES_H
#define SYMHIL_FILES_H

#include <e32base.h>
#include <f32file.h>

#include "wire_gen.h"

class CFileCheck;
class MHost;

class CFiles : public CBase
    {
public:
    static CFiles* NewL(MHost& aHost, RFs& aFs);
    ~CFiles();
    TBool Serves(TUint32 aMethod) const;
    void RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody);
    void SessionOver();

    // Streams. Whether the stream of that tag is a file's.
    TBool HasTransfer(TUint32 aTag) const;
    TInt Upload(TUint32 aTag, const TDesC8& aData);
    void UploadEndedL(TUint32 aTag);
    TInt Download(TUint32 aTag, TUint32 aOffset, TDes8& aTo);
    void Close(TUint32 aTag);

    // For a check that has ended.
    void CheckEnded(CFileCheck* aCheck);

private:
    // A file that a stream comes from or goes to.
    struct TTransfer
        {
        TUint32 iTag;  // 0 when free
        RFile iFile;
        TInt iStart;
        TInt iLength;  // of a download; what was written of an upload
        };

    CFiles(MHost& aHost, RFs& aFs);
    void ConstructL();
    void ReadPathL(const wire::Bytes& aPath);
    void ReadFolderL(const wire::Bytes& aPath);
    void StatL(TUint32 aTag, const TDesC8& aBody);
    void ListL(TUint32 aTag, const TDesC8& aBody);
    void MakeFolderL(TUint32 aTag, const TDesC8& aBody);
    void DeleteL(TUint32 aTag, const TDesC8& aBody);
    void SetAttributesL(TUint32 aTag, const TDesC8& aBody);
    void CheckL(TUint32 aTag, const TDesC8& aBody);
    void BeginReadL(TUint32 aTag, const TDesC8& aBody);
    void BeginWriteL(TUint32 aTag, const TDesC8& aBody);
    TTransfer* Find(TUint32 aTag);
    TTransfer* NewTransfer(TUint32 aTag);

private:
    enum { KTransfers = 8 };
    MHost& iHost;
    RFs& iFs;
    TFileName iPath;  // here, since it is too large for the stack
    TTransfer iTransfers[KTransfers];
    RPointerArray<CFileCheck> iChecks;
    HBufC8* iPage;
    };

#endif
