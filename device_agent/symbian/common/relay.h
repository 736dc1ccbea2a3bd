// What the controller and the owners say to the agent, by IPC on the phone. Each of them may block, so each is a
// process of its own; the agent leaves their messages open until the host has an answer.

#ifndef SYMHIL_RELAY_H
#define SYMHIL_RELAY_H

#include <e32std.h>

#include "wire_gen.h"

// Without the "!" of protected names, which would need ProtServ.
_LIT(KRelayServerName, "symhil-agent");

enum TRelayOp
    {
    // The controller.
    ERelayTakeJob,      // 0: out TRelayJob, 1: out the request's body. Open until there is a job.
    ERelayFetchUpload,  // 0: out the stream behind the request
    ERelayEndJob,       // 0: AgentFault or 0, 1: status, 2: the answer's body, 3: the stream behind it. Open until
                        // the host has all of that stream: the agent reads it where it is.
    ERelayAwaitAbort,   // Open until the controller is to end itself.

    // An owner.
    ERelayTakeOrder,      // 0: out TRelayOrder. Open until there is an order.
    ERelayCancelOrder,    // Ends that.
    ERelayEndOrder,       // 0: AgentFault or 0, 1: status, 2: the answer's body
    ERelayTell,           // 0: an OwnerEventKind, 1: its value
    ERelayWishes,         // 0: out TRelayWishes
    ERelayCallback,       // 0: the method, 1: the request's body, 2: out the answer's. Open until it is there.
    ERelayCancelCallback  // The owner's own deadline is over.
    };

// A request of the host, as the wire has it.
struct TRelayJob
    {
    TUint32 iMethod;
    TInt iUploadSize;
    };

// No method of the wire: the host fell silent, and the mode it has left the phone in is to be ended.
const TUint32 KReturnToNormal = 0xFFFF;

struct TRelayOrder
    {
    TUint32 iMethod;
    TInt iValue;
    };

// What the host wants of a slot: OwnerAttach of the wire.
struct TRelayWishes
    {
    TBool iAttached;
    TBool iAutomatic;
    TBool iWithCallbacks;
    TInt iConfirmError;
    };

const TInt KMaxBody = wire::Limit::FULL_PAYLOAD;

#endif
