// Which of the links is the host's. Both wait for it at the same time; the one on which it speaks is used.

#ifndef SYMHIL_LINKS_H
#define SYMHIL_LINKS_H

#include "hostlink.h"

class TSettings;

class MLinksUser
    {
public:
    virtual void LinkUp() = 0;
    virtual void LinkDown() = 0;
    virtual void Received(const TDesC8& aData) = 0;
    virtual void WriterIdle() = 0;
    virtual TUint32 NowMs() = 0;
    };

class CLinks : public CBase, private MLinkUser
    {
public:
    static CLinks* NewL(MLinksUser& aUser, const TSettings& aSettings);
    ~CLinks();
    // The link to write to, or NULL: there is none, or it is writing.
    CHostLink* IdleWriter();

private:
    CLinks(MLinksUser& aUser);
    void ConstructL(const TSettings& aSettings);
    // MLinkUser
    void LinkHeard(CHostLink& aLink, const TDesC8& aData);
    void LinkWritten(CHostLink& aLink);
    void LinkLost(CHostLink& aLink);
    void Forget();

private:
    MLinksUser& iUser;
    CHostLink* iUsb;
    CHostLink* iBluetooth;
    CHostLink* iCurrent;
    TUint32 iLastHeardMs;
    };

#endif
