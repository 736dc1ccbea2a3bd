// Who the programs are: UIDs of the development range. Without a SECUREID line in its .mmp, a program's SID is
// its UID3. tests/agent/test_symbian_files.py compares them with those of the emulated handset.

#ifndef SYMHIL_UIDS_H
#define SYMHIL_UIDS_H

#include <e32def.h>

const TUint32 KAgentSid = 0xE0F1B000;
const TUint32 KFirstSlotSid = 0xE0F1B001;
const TUint32 KControllerSid = 0xE0F1B00F;
const TInt KSlotCount = 4;

#endif
