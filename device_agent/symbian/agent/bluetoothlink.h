// Bluetooth: a serial port service on RFCOMM that the host connects to.

#ifndef SYMHIL_BLUETOOTHLINK_H
#define SYMHIL_BLUETOOTHLINK_H

#include <bt_sock.h>
#include <btsdp.h>
#include <es_sock.h>

#include "hostlink.h"

// Waits for a host to connect.
class CAccepter : public CActive
    {
public:
    class MAccepted
        {
    public:
        virtual void Accepted(TInt aError) = 0;
        };

    static CAccepter* NewL(RSocket& aListener, MAccepted& aUser);
    ~CAccepter();
    void Start(RSocket& aPeer);

private:
    CAccepter(RSocket& aListener, MAccepted& aUser);
    void RunL();
    void DoCancel();
    TInt RunError(TInt aError);

private:
    RSocket& iListener;
    MAccepted& iUser;
    };

class CBluetoothLink : public CHostLink, private CAccepter::MAccepted
    {
public:
    static CBluetoothLink* NewL(MLinkUser& aUser);
    ~CBluetoothLink();

private:
    CBluetoothLink(MLinkUser& aUser);
    void ConstructL();

    // CHostLink
    void OpenPort();
    void ClosePort();
    // MPort
    void Read(TRequestStatus& aStatus, TDes8& aTo);
    void CancelRead();
    void Write(TRequestStatus& aStatus, const TDesC8& aFrom);
    void CancelWrite();
    // CAccepter::MAccepted
    void Accepted(TInt aError);

    void ListenL();
    void AcceptL();
    void PublishL(TInt aChannel);
    void StopListening();

private:
    RSocketServ iServer;
    RSocket iListener;
    RSocket iPeer;
    RSdp iSdp;
    RSdpDatabase iRecords;
    TSdpServRecordHandle iRecord;
    CAccepter* iAccepter;
    TSockXfrLength iReceived;
    TBool iIsListening;
    TBool iHasPeer;
    };

#endif
