// Who goes first: what is ready to be written, then what came, then the programs on the phone (Device agent 4.4).

#ifndef SYMHIL_PRIORITIES_H
#define SYMHIL_PRIORITIES_H

#include <e32base.h>

enum TAgentPriority
    {
    EPriorityWriter = CActive::EPriorityUserInput + 10,
    EPriorityReader = CActive::EPriorityUserInput,
    EPriorityTick = CActive::EPriorityUserInput - 1,
    EPriorityWatch = CActive::EPriorityStandard + 1,
    EPriorityServer = CActive::EPriorityStandard,
    EPriorityRetry = CActive::EPriorityIdle
    };

#endif
