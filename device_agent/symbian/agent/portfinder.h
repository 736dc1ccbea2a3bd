// Which USB port is the agent's. ACM::0 is the phone's modem and belongs to the dial-up server; the others are for
// applications (Device agent 2.1).

#ifndef SYMHIL_PORTFINDER_H
#define SYMHIL_PORTFINDER_H

#include <c32comm.h>
#include <e32std.h>

// Tries one port after the other, as ACM::n.
class TPortFinder
    {
public:
    // `aOnly`: the one that the settings name, empty for any but the modem.
    explicit TPortFinder(const TDesC& aOnly);
    // EFalse when there is none any more.
    TBool Next(TDes& aPort);

private:
    void ReadConfiguration();

private:
    enum { KMaxFunctions = 8 };
    TPortName iOnly;
    TInt iNext;
    TInt iCount;
    TBool iIsModem[KMaxFunctions];
    };

#endif
