// Takes one job after the other from the agent, does it, and says what came of it. It blocks wherever the engine
// does: that is why it is a process of its own (Device agent 4.1).

#ifndef SYMHIL_JOBLOOP_H
#define SYMHIL_JOBLOOP_H

#include <e32base.h>

#include "relayclient.h"

class CEngineJobs;

class CJobLoop : public CBase
    {
public:
    static CJobLoop* NewL();
    ~CJobLoop();
    // Returns when the agent has gone.
    void Run();

private:
    CJobLoop();
    void ConstructL();
    TInt DoOne(const TRelayJob& aJob);

private:
    RRelay iRelay;
    CEngineJobs* iJobs;
    HBufC8* iRequestBuffer;
    HBufC8* iAnswerBuffer;
    TPtr8 iRequest;
    TPtr8 iAnswer;
    };

#endif
