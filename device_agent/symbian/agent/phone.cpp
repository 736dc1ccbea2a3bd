#include "phone.h"

#include <e32property.h>
#include <hal.h>

#include "bodies.h"
#include "host.h"
#include "propertywatch.h"
#include "times.h"
#include "uids.h"
#include "version.h"

namespace
    {
    _LIT8(KModelFormat, "machine 0x%08x");
    const TInt KMaxWatches = 32;
    const TInt KInfoSize = 256;
    }

void GetModel(TModelText& aModel)
    {
    TInt machine = 0;
    HAL::Get(HALData::EMachineUid, machine);
    aModel.Format(KModelFormat, machine);
    }

CPhone* CPhone::NewL(MHost& aHost, RFs& aFs)
    {
    return new (ELeave) CPhone(aHost, aFs);
    }

CPhone::CPhone(MHost& aHost, RFs& aFs) : iHost(aHost), iFs(aFs)
    {
    }

CPhone::~CPhone()
    {
    SessionOver();
    iWatches.Close();
    }

void CPhone::SessionOver()
    {
    iWatches.ResetAndDestroy();
    }

void CPhone::SetController(TBool aIsThere)
    {
    iHasController = aIsThere;
    }

TBool CPhone::Serves(TUint32 aMethod) const
    {
    switch (aMethod)
        {
        case wire::Method::PHONE_INFO:
        case wire::Method::PROPERTY_GET:
        case wire::Method::PROPERTY_SET:
        case wire::Method::PROPERTY_SUBSCRIBE:
        case wire::Method::PROPERTY_UNSUBSCRIBE:
            return ETrue;
        default:
            return EFalse;
        }
    }

void CPhone::RequestL(TUint32 aTag, TUint32 aMethod, const TDesC8& aBody)
    {
    switch (aMethod)
        {
        case wire::Method::PHONE_INFO:
            InfoL(aTag);
            break;
        case wire::Method::PROPERTY_GET:
            GetL(aTag, aBody);
            break;
        case wire::Method::PROPERTY_SET:
            SetL(aTag, aBody);
            break;
        case wire::Method::PROPERTY_SUBSCRIBE:
            SubscribeL(aTag, aBody);
            break;
        default:
            UnsubscribeL(aTag, aBody);
            break;
        }
    }

// Firmware version and IMEI are not to be had by the interfaces that this agent keeps to; the texts stay empty.
void CPhone::InfoL(TUint32 aTag)
    {
    TModelText model;
    GetModel(model);
    TDriveList drives;
    User::LeaveIfError(iFs.DriveList(drives));
    TTime now;
    now.HomeTime();
    TBuf8<KSlotCount * sizeof(TUint32)> slots;
    for (TUint32 sid = KFirstSlotSid; sid < KFirstSlotSid + KSlotCount; ++sid)
        {
        slots.Append(reinterpret_cast<const TUint8*>(&sid), sizeof(sid));  // little-endian, as the wire
        }
    wire::PhoneInfo info;
    info.model = BytesOf(model);
    info.firmware = BytesOf(KNullDesC8);
    info.imei = BytesOf(KNullDesC8);
    info.agent = BytesOf(KBuild);
    info.profile = BytesOf(KNullDesC8);
    info.features = wire::PhoneFeatures::OWNER_SLOTS | wire::PhoneFeatures::FILES |
                    (iHasController ? wire::PhoneFeatures::CONTROLLER : 0);
    info.uptime_ms = iHost.TickMs();
    info.home_time_us = WideOf(SinceEpoch(now));
    info.owner_slots_count = KSlotCount;
    info.owner_slots = BytesOf(slots);
    info.drives = BytesOf(drives);
    TBuf8<KInfoSize> body;
    WriteBodyL(body, info);
    iHost.Reply(aTag, KErrNone, body);
    }

void CPhone::GetL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::PropertyId request;
    ReadBodyL(aBody, request);
    TInt value = 0;
    User::LeaveIfError(RProperty::Get(TUid::Uid(request.category), request.key, value));
    wire::PropertyValue answer;
    answer.value = value;
    TBuf8<wire::PropertyValueAt::SIZE> body;
    WriteBodyL(body, answer);
    iHost.Reply(aTag, KErrNone, body);
    }

// The kernel refuses this for the backup key, -46: that it does is what a test wants to see.
void CPhone::SetL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::PropertyAssignment request;
    ReadBodyL(aBody, request);
    iHost.Reply(aTag, RProperty::Set(TUid::Uid(request.category), request.key, request.value), KNullDesC8);
    }

void CPhone::SubscribeL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::PropertyId request;
    ReadBodyL(aBody, request);
    if (iWatches.Count() == KMaxWatches)
        {
        _LIT8(KTooMany, "32 subscriptions are running; end one first");
        iHost.Refuse(aTag, wire::AgentFault::NO_RESOURCES, KTooMany);
        return;
        }
    if (++iLastTopic == wire::Limit::OWNER_TOPIC)
        {
        iLastTopic = 1;
        }
    CPropertyWatch* watch = CPropertyWatch::NewL(iHost, iLastTopic, request.category, request.key);
    CleanupStack::PushL(watch);
    iWatches.AppendL(watch);
    CleanupStack::Pop(watch);
    TInt value = 0;
    wire::Subscription answer;
    answer.topic = iLastTopic;
    answer.status = watch->Read(value);
    answer.value = answer.status == KErrNone ? value : 0;
    TBuf8<wire::SubscriptionAt::SIZE> body;
    WriteBodyL(body, answer);
    iHost.Reply(aTag, KErrNone, body);
    }

void CPhone::UnsubscribeL(TUint32 aTag, const TDesC8& aBody)
    {
    wire::Topic request;
    ReadBodyL(aBody, request);
    for (TInt i = 0; i < iWatches.Count(); ++i)
        {
        if (iWatches[i]->Topic() == request.topic)
            {
            delete iWatches[i];
            iWatches.Remove(i);
            break;
            }
        }
    iHost.Reply(aTag, KErrNone, KNullDesC8);
    }
