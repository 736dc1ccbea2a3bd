// The CRC-32 of part of a file, a piece at a time, so that everything else goes on meanwhile.

#ifndef SYMHIL_FILECHECK_H
#define SYMHIL_FILECHECK_H

#include <e32base.h>
#include <f32file.h>

class CFiles;
class MHost;

class CFileCheck : public CActive
    {
public:
    static CFileCheck* NewL(CFiles& aFiles, MHost& aHost, TUint32 aTag);
    ~CFileCheck();
    // `aLength` counts to the file's end at most.
    void StartL(RFs& aFs, const TDesC& aPath, TUint32 aOffset, TUint32 aLength);

private:
    CFileCheck(CFiles& aFiles, MHost& aHost, TUint32 aTag);
    void ConstructL();
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);
    void Next();
    void AnswerL();

private:
    CFiles& iFiles;
    MHost& iHost;
    TUint32 iTag;
    RFile iFile;
    TInt iSize;
    TInt iAt;
    TInt iEnd;
    TUint32 iChecked;
    TUint32 iCrc;
    HBufC8* iBuffer;
    TPtr8 iPiece;
    };

#endif
