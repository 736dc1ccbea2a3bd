#include "jobloop.h"

#include "enginejobs.h"

CJobLoop* CJobLoop::NewL()
    {
    CJobLoop* self = new (ELeave) CJobLoop;
    CleanupStack::PushL(self);
    self->ConstructL();
    CleanupStack::Pop(self);
    return self;
    }

CJobLoop::CJobLoop() : iRequest(NULL, 0), iAnswer(NULL, 0)
    {
    }

void CJobLoop::ConstructL()
    {
    User::LeaveIfError(iRelay.Connect());
    iJobs = CEngineJobs::NewL(iRelay);
    iRequestBuffer = HBufC8::NewL(KMaxBody);
    iAnswerBuffer = HBufC8::NewL(KMaxBody);
    iRequest.Set(iRequestBuffer->Des());
    iAnswer.Set(iAnswerBuffer->Des());
    }

CJobLoop::~CJobLoop()
    {
    delete iJobs;
    delete iRequestBuffer;
    delete iAnswerBuffer;
    iRelay.Close();
    }

void CJobLoop::Run()
    {
    for (;;)
        {
        TRelayJob job;
        iRequest.Zero();
        if (iRelay.TakeJob(job, iRequest) != KErrNone || DoOne(job) != KErrNone)
            {
            return;
            }
        }
    }

TInt CJobLoop::DoOne(const TRelayJob& aJob)
    {
    iAnswer.Zero();
    TPtrC8 download;
    TInt fault = 0;
    TRAPD(status, fault = iJobs->DoL(aJob, iRequest, iAnswer, download));
    if (status == KErrServerTerminated)
        {
        iJobs->EngineGone();
        }
    if (status != KErrNone)
        {
        download.Set(KNullDesC8);
        }
    return iRelay.EndJob(fault, status, iAnswer, download);
    }
