#include "port.h"

#include "panic.h"
#include "priorities.h"

CPortReader* CPortReader::NewL(MPort& aPort, MPortUser& aUser)
    {
    return new (ELeave) CPortReader(aPort, aUser);
    }

CPortReader::CPortReader(MPort& aPort, MPortUser& aUser) : CActive(EPriorityReader), iPort(aPort), iUser(aUser)
    {
    CActiveScheduler::Add(this);
    }

CPortReader::~CPortReader()
    {
    Cancel();
    }

void CPortReader::Start()
    {
    iBuffer.Zero();
    iPort.Read(iStatus, iBuffer);
    SetActive();
    }

void CPortReader::RunL()
    {
    if (iStatus != KErrNone)
        {
        iUser.PortFailed(iStatus.Int());
        return;
        }
    iUser.Heard(iBuffer);
    Start();
    }

void CPortReader::DoCancel()
    {
    iPort.CancelRead();
    }

TInt CPortReader::RunError(TInt aError)
    {
    iUser.PortFailed(aError);
    return KErrNone;
    }

CPortWriter* CPortWriter::NewL(MPort& aPort, MPortUser& aUser)
    {
    return new (ELeave) CPortWriter(aPort, aUser);
    }

CPortWriter::CPortWriter(MPort& aPort, MPortUser& aUser) : CActive(EPriorityWriter), iPort(aPort), iUser(aUser)
    {
    CActiveScheduler::Add(this);
    }

CPortWriter::~CPortWriter()
    {
    Cancel();
    }

TDes8& CPortWriter::Buffer()
    {
    __ASSERT_ALWAYS(!IsActive(), Panic(EPanicWriteWhileWriting));
    iBuffer.Zero();
    return iBuffer;
    }

// Never with nothing in it: on USB that would be a packet of no bytes.
void CPortWriter::Start()
    {
    iPort.Write(iStatus, iBuffer);
    SetActive();
    }

void CPortWriter::RunL()
    {
    if (iStatus != KErrNone)
        {
        iUser.PortFailed(iStatus.Int());
        return;
        }
    iUser.Written();
    }

void CPortWriter::DoCancel()
    {
    iPort.CancelWrite();
    }

TInt CPortWriter::RunError(TInt aError)
    {
    iUser.PortFailed(aError);
    return KErrNone;
    }
