// What this owner owns: a text in one file of its private folder. Put your own data here.

#ifndef NOTEBOOK_H
#define NOTEBOOK_H

#include <e32base.h>
#include <f32file.h>

class CNotebook : public CBase
    {
public:
    static CNotebook* NewL();
    ~CNotebook();
    const TDesC8& Text() const;
    // Whole or not at all: a phone whose battery is taken out meanwhile has the old text or the new one.
    void ReplaceL(const TDesC8& aText);
    // The drive that the private folder is on.
    TDriveNumber Drive() const;

private:
    CNotebook();
    void ConstructL();
    void LoadL();

private:
    RFs iFs;
    RBuf8 iText;
    TDriveNumber iDrive;
    };

#endif
