// What the parts of the agent may say to the host. A tag that is void does no harm.

#ifndef SYMHIL_HOST_H
#define SYMHIL_HOST_H

#include <e32std.h>

class MHost
    {
public:
    virtual void Reply(TUint32 aTag, TInt aStatus, const TDesC8& aBody) = 0;
    // An AgentFault: this agent cannot do it at all. The text is UTF-8.
    virtual void Refuse(TUint32 aTag, TUint32 aFault, const TDesC8& aText) = 0;
    virtual void Tell(TUint32 aTopic, const TDesC8& aBody) = 0;
    // Gives a tag, or 0 when there is no host to ask.
    virtual TUint32 Ask(TUint32 aMethod, const TDesC8& aBody, TUint32 aDeadlineMs) = 0;
    virtual TUint32 TickMs() = 0;
    };

#endif
