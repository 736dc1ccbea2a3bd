#include "enginejobs.h"

#include "bodies.h"

using namespace conn;

CEngineJobs* CEngineJobs::NewL(RRelay& aRelay)
    {
    return new (ELeave) CEngineJobs(aRelay);
    }

CEngineJobs::CEngineJobs(RRelay& aRelay) : iRelay(aRelay)
    {
    }

CEngineJobs::~CEngineJobs()
    {
    EngineGone();
    delete iList;
    }

void CEngineJobs::EngineGone()
    {
    delete iClient;
    iClient = NULL;
    iIsInMode = EFalse;
    }

TInt CEngineJobs::DoL(const TRelayJob& aJob, const TDesC8& aRequest, TDes8& aAnswer, TPtrC8& aDownload)
    {
    switch (aJob.iMethod)
        {
        case wire::Method::ENGINE_CONNECT:
            ConnectL(aAnswer);
            return 0;
        case wire::Method::ENGINE_DISCONNECT:
            EngineGone();
            return 0;
        case wire::Method::LIST_DATA_OWNERS:
            ListDataOwnersL(aAnswer, aDownload);
            return 0;
        case wire::Method::SET_SID_LIST:
            SetSidListL(aRequest);
            return 0;
        case wire::Method::SET_BUR_MODE:
            SetModeL(aRequest);
            return 0;
        case KReturnToNormal:
            ReturnToNormalL();
            return 0;
        case wire::Method::SID_STATUS:
            SidStatusL(aRequest, aAnswer);
            return 0;
        case wire::Method::EXPECTED_DATA_SIZE:
            ExpectedSizeL(aRequest, aAnswer);
            return 0;
        case wire::Method::REQUEST_DATA:
            RequestDataL(aRequest, aAnswer, aDownload);
            return 0;
        case wire::Method::SUPPLY_DATA:
            SupplyDataL(aRequest, aJob.iUploadSize);
            return 0;
        case wire::Method::ALL_SNAPSHOTS_SUPPLIED:
            ClientL().AllSnapshotsSuppliedL();
            return 0;
        case wire::Method::ALL_SYSTEM_FILES_RESTORED:
            ClientL().AllSystemFilesRestored();
            return 0;
        case wire::Method::PUBLIC_FILE_LIST:
            PublicFilesL(aRequest, aAnswer, aDownload);
            return 0;
        case wire::Method::PUBLIC_FILE_LIST_XML:
            PublicFilesXmlL(aRequest);
            return 0;
        case wire::Method::LARGE_PUBLIC_FILE_LIST:
        default:
            return wire::AgentFault::NOT_OFFERED;
        }
    }

// ------------------------------------------------------------------------------------------ what all need

// Made with the first request that needs it. It must live as long as the mode: about 2.1 s after the last client
// has gone, the engine ends (BE 4.1).
CSBEClient& CEngineJobs::ClientL()
    {
    if (!iClient)
        {
        iClient = CSBEClient::NewL();
        }
    return *iClient;
    }

CSBGenericTransferType* CEngineJobs::TransferTypeLC(const wire::Bytes& aBytes)
    {
    CSBGenericTransferType* type = CSBGenericTransferType::NewL(DescriptorOf(aBytes));
    CleanupStack::PushL(type);
    return type;
    }

CSBGenericDataType* CEngineJobs::OwnerLC(const wire::Bytes& aBytes)
    {
    CSBGenericDataType* owner = CSBGenericDataType::NewL(DescriptorOf(aBytes));
    CleanupStack::PushL(owner);
    return owner;
    }

// The array's elements as they lie in memory: that is their form on the wire (BE 9.3).
template <class Entry>
void CEngineJobs::GiveEntriesL(const RArray<Entry>& aEntries, TDes8& aAnswer, TPtrC8& aDownload)
    {
    delete iList;
    iList = NULL;
    iList = HBufC8::NewL(aEntries.Count() * sizeof(Entry));
    TPtr8 list(iList->Des());
    for (TInt i = 0; i < aEntries.Count(); ++i)
        {
        list.Append(reinterpret_cast<const TUint8*>(&aEntries[i]), sizeof(Entry));
        }
    aDownload.Set(*iList);
    wire::EntryCount answer;
    answer.entries = aEntries.Count();
    WriteBodyL(aAnswer, answer);
    }

// ----------------------------------------------------------------------------------------------- the mode

void CEngineJobs::ConnectL(TDes8& aAnswer)
    {
    wire::EngineInfo answer;
    answer.capacity = ClientL().TransferDataAddressL().MaxLength();
    WriteBodyL(aAnswer, answer);
    }

void CEngineJobs::SetModeL(const TDesC8& aRequest)
    {
    wire::ModeChange request;
    ReadBodyL(aRequest, request);
    TDriveList drives;
    drives.Copy(DescriptorOf(request.drives));
    ClientL().SetBURModeL(drives, static_cast<TBURPartType>(request.part),
                          static_cast<TBackupIncType>(request.increment));
    iDrives = drives;
    iIsInMode = request.part != EBURUnset && request.part != EBURNormal;
    }

void CEngineJobs::ReturnToNormalL()
    {
    if (iIsInMode)
        {
        ClientL().SetBURModeL(iDrives, EBURNormal, ENoBackup);
        iIsInMode = EFalse;
        }
    }

// ------------------------------------------------------------------------------------------------- owners

namespace
    {
    void CleanupOwners(TAny* aOwners)
        {
        static_cast<RPointerArray<CDataOwnerInfo>*>(aOwners)->ResetAndDestroy();
        }
    }

void CEngineJobs::ListDataOwnersL(TDes8& aAnswer, TPtrC8& aDownload)
    {
    RPointerArray<CDataOwnerInfo> owners;
    CleanupStack::PushL(TCleanupItem(CleanupOwners, &owners));
    ClientL().ListOfDataOwnersL(owners);
    TInt size = 0;
    for (TInt i = 0; i < owners.Count(); ++i)
        {
        HBufC8* owner = owners[i]->ExternaliseLC();
        size += owner->Size();
        CleanupStack::PopAndDestroy(owner);
        }
    delete iList;
    iList = NULL;
    iList = HBufC8::NewL(size);
    TPtr8 list(iList->Des());
    for (TInt i = 0; i < owners.Count(); ++i)
        {
        HBufC8* owner = owners[i]->ExternaliseLC();
        list.Append(*owner);
        CleanupStack::PopAndDestroy(owner);
        }
    aDownload.Set(*iList);
    wire::EntryCount answer;
    answer.entries = owners.Count();
    WriteBodyL(aAnswer, answer);
    CleanupStack::PopAndDestroy(&owners);
    }

void CEngineJobs::SetSidListL(const TDesC8& aRequest)
    {
    wire::SidListBody request;
    ReadBodyL(aRequest, request);
    RSIDArray sids;
    CleanupClosePushL(sids);
    for (TUint i = 0; i < request.sids_count; ++i)
        {
        sids.AppendL(TSecureId(wire::get32(request.sids.data + 4 * i)));
        }
    ClientL().SetSIDListForPartialBURL(sids);
    CleanupStack::PopAndDestroy(&sids);
    }

void CEngineJobs::SidStatusL(const TDesC8& aRequest, TDes8& aAnswer)
    {
    wire::SidListBody request;
    ReadBodyL(aRequest, request);
    RSIDStatusArray statuses;
    CleanupClosePushL(statuses);
    for (TUint i = 0; i < request.sids_count; ++i)
        {
        const TUint32 sid = wire::get32(request.sids.data + 4 * i);
        statuses.AppendL(TDataOwnerAndStatus(sid, EUnset, KErrNone));
        }
    ClientL().SIDStatusL(statuses);
    HBufC8* entries = HBufC8::NewLC(statuses.Count() * wire::SidStatusAt::SIZE);
    TPtr8 to(entries->Des());
    for (TInt i = 0; i < statuses.Count(); ++i)
        {
        wire::SidStatus entry;
        entry.sid = statuses[i].iSID.iId;
        entry.status = statuses[i].iStatus;
        entry.error = statuses[i].iDataOwnerError;
        TBuf8<wire::SidStatusAt::SIZE> bytes;
        WriteBodyL(bytes, entry);
        to.Append(bytes);
        }
    wire::SidStatusList answer;
    answer.entries_count = statuses.Count();
    answer.entries = BytesOf(*entries);
    WriteBodyL(aAnswer, answer);
    CleanupStack::PopAndDestroy(2, &statuses);
    }

// --------------------------------------------------------------------------------------------------- data

void CEngineJobs::ExpectedSizeL(const TDesC8& aRequest, TDes8& aAnswer)
    {
    wire::TransferType request;
    ReadBodyL(aRequest, request);
    CSBGenericTransferType* type = TransferTypeLC(request.transfer_type);
    wire::DataSize answer;
    answer.size = ClientL().ExpectedDataSizeL(*type);
    WriteBodyL(aAnswer, answer);
    CleanupStack::PopAndDestroy(type);
    }

// The data stays where the engine put it, in the chunk that this process shares with it: the agent reads it there
// while EndJob waits, and only then comes the next request.
void CEngineJobs::RequestDataL(const TDesC8& aRequest, TDes8& aAnswer, TPtrC8& aDownload)
    {
    wire::DataRequest request;
    ReadBodyL(aRequest, request);
    CSBGenericTransferType* type = TransferTypeLC(request.transfer_type);
    if (request.asynchronous)
        {
        TRequestStatus status;
        ClientL().RequestDataL(*type, status);
        User::WaitForRequest(status);
        User::LeaveIfError(status.Int());
        }
    else
        {
        ClientL().RequestDataL(*type);
        }
    CleanupStack::PopAndDestroy(type);

    CSBGenericTransferType* given = NULL;
    TBool isFinished = ETrue;
    TPtrC8& data = ClientL().TransferDataInfoL(given, isFinished);
    CleanupStack::PushL(given);  // it is ours
    aDownload.Set(data);
    wire::RequestedData answer;
    answer.finished = isFinished ? 1 : 0;
    answer.size = data.Size();
    answer.transfer_type = BytesOf(given->Externalise());
    WriteBodyL(aAnswer, answer);
    CleanupStack::PopAndDestroy(given);
    }

void CEngineJobs::SupplyDataL(const TDesC8& aRequest, TInt aUploadSize)
    {
    wire::DataSupply request;
    ReadBodyL(aRequest, request);
    CSBGenericTransferType* type = TransferTypeLC(request.transfer_type);
    TPtr8& to = ClientL().TransferDataAddressL();
    if (aUploadSize > to.MaxLength())
        {
        User::Leave(KErrOverflow);
        }
    to.Zero();
    if (aUploadSize > 0)
        {
        User::LeaveIfError(iRelay.FetchUpload(to));
        }
    if (request.asynchronous)
        {
        TRequestStatus status;
        ClientL().SupplyDataL(*type, request.finished, status);
        User::WaitForRequest(status);
        User::LeaveIfError(status.Int());
        }
    else
        {
        ClientL().SupplyDataL(*type, request.finished);
        }
    CleanupStack::PopAndDestroy(type);
    }

// ------------------------------------------------------------------------------------------- public files

void CEngineJobs::PublicFilesL(const TDesC8& aRequest, TDes8& aAnswer, TPtrC8& aDownload)
    {
    wire::PublicFilesOf request;
    ReadBodyL(aRequest, request);
    CSBGenericDataType* owner = OwnerLC(request.owner);
    const TDriveNumber drive = static_cast<TDriveNumber>(request.drive);
    if (request.raw)
        {
        RRestoreFileFilterArray filters;
        CleanupClosePushL(filters);
        ClientL().RawPublicFileListL(drive, *owner, filters);
        GiveEntriesL(filters, aAnswer, aDownload);
        CleanupStack::PopAndDestroy(&filters);
        }
    else
        {
        RFileArray files;
        CleanupClosePushL(files);
        ClientL().PublicFileListL(drive, *owner, files);
        GiveEntriesL(files, aAnswer, aDownload);
        CleanupStack::PopAndDestroy(&files);
        }
    CleanupStack::PopAndDestroy(owner);
    }

// No engine implements it (BE 6); what a phone says to it is what the host wants to know.
void CEngineJobs::PublicFilesXmlL(const TDesC8& aRequest)
    {
    wire::PublicFilesOf request;
    ReadBodyL(aRequest, request);
    const TInt KSecureIdentitySize = 8;  // its type, 0, and the SID (BE 9.1)
    if (request.owner.size != KSecureIdentitySize || wire::get32(request.owner.data) != ESIDDerivedType)
        {
        User::Leave(KErrNotSupported);
        }
    const TSecureId sid(wire::get32(request.owner.data + 4));
    HBufC* list = NULL;
    ClientL().PublicFileListXMLL(static_cast<TDriveNumber>(request.drive), sid, list);
    delete list;
    }
