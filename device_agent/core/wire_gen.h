// Written by `python -m wire.export c-header`, from the definitions in wire/. Do not edit.

#ifndef SYMHIL_WIRE_GEN_H
#define SYMHIL_WIRE_GEN_H

#include "fields.h"

namespace wire {

typedef char u8_has_8_bits[sizeof(u8) == 1 ? 1 : -1];
typedef char u16_has_16_bits[sizeof(u16) == 2 ? 1 : -1];
typedef char u32_has_32_bits[sizeof(u32) == 4 ? 1 : -1];
typedef char i32_has_32_bits[sizeof(i32) == 4 ? 1 : -1];

struct Limit {
  enum Value {
    PROTOCOL_VERSION = 1,
    FLAG_BYTE = 126,
    ESCAPE_BYTE = 125,
    FCS_SIZE = 4,
    OVERHEAD = 20,
    FIRST_SEQUENCED_KIND = 8,
    MAGIC = 0x574c4948u,
    FULL_PAYLOAD = 0x1040u,
    LEAST_PAYLOAD = 128,
    MAX_HELLO_TEXT = 40,
    NO_SESSION = 0,
    ACK_DELAY_MS = 10,
    MIN_RESEND_MS = 100,
    FIRST_RESEND_MS = 0x1f4u,
    MAX_RESEND_MS = 0x1388u,
    MAX_TRIES = 8,
    MAX_CALL_ID = 0x7fffu,
    STREAM_WINDOW = 0x20000u,
    IPC_BLOCK_SIZE = 0x1000u,
    OWNER_TOPIC = 0xffffu,
    RELAY_DEADLINE_MS = 0x249f0u,
    FINGERPRINT = 0x73994a2eu
  };
};

struct Kind {
  enum Value {
    HELLO = 0,
    HELLO_ACK = 1,
    ACK = 2,
    PING = 3,
    PONG = 4,
    RESET = 5,
    REQUEST = 8,
    ANSWER = 9,
    CANCEL = 10,
    DATA = 11,
    CREDIT = 12,
    CLOSE = 13,
    EVENT = 14,
    LOG = 15
  };
};

struct Flags {
  enum Value {
    LAST = 1,
    ERROR = 2,
    FROM_PHONE = 4,
    ACK_NOW = 8,
    PRIORITY = 16,
    RESENT = 32,
    MUST_UNDERSTAND = 128
  };
};

struct ResetCode {
  enum Value {
    UNKNOWN_SESSION = 1,
    NOT_UNDERSTOOD = 2
  };
};

struct Features {
  enum Value {
    ESCAPE_XONXOFF = 1,
    KEEPS_OUT_OF_ORDER = 2
  };
};

struct ErrorDomain {
  enum Value {
    SYMBIAN = 0,
    AGENT = 1,
    HOST = 2
  };
};

struct AgentFault {
  enum Value {
    UNKNOWN_METHOD = 1,
    BAD_BODY = 2,
    ENGINE_BUSY = 3,
    TOO_DEEP = 4,
    NO_RESOURCES = 5,
    NOT_OFFERED = 6,
    CANCELLED = 7,
    DEADLINE = 8,
    INTERNAL = 9
  };
};

struct PhoneFeatures {
  enum Value {
    CONTROLLER = 1,
    OWNER_SLOTS = 2,
    FILES = 4,
    EMULATED = 8,
    PACKAGES = 16,
    JAVA = 32
  };
};

struct OwnerEventKind {
  enum Value {
    STARTED = 0,
    MODE_CHANGED = 1,
    CONNECTED = 2,
    CONFIRMED = 3,
    NOT_AFFECTED = 4,
    DISCONNECTED = 5,
    FAILED = 6,
    ENDED = 7
  };
};

struct Error {
  enum Value {
    KErrNone = 0,
    KErrGeneral = -2,
    KErrTimedOut = -33,
    KErrDisconnected = -36,
    KErrAbort = -39
  };
};

struct Method {
  enum Value {
    PHONE_INFO = 1,
    LEASE = 2,
    PROPERTY_GET = 0x101u,
    PROPERTY_SET = 0x102u,
    PROPERTY_SUBSCRIBE = 0x103u,
    PROPERTY_UNSUBSCRIBE = 0x104u,
    ENGINE_CONNECT = 0x201u,
    ENGINE_DISCONNECT = 0x202u,
    LIST_DATA_OWNERS = 0x203u,
    SET_SID_LIST = 0x204u,
    SET_BUR_MODE = 0x205u,
    SID_STATUS = 0x206u,
    EXPECTED_DATA_SIZE = 0x207u,
    REQUEST_DATA = 0x208u,
    SUPPLY_DATA = 0x209u,
    ALL_SNAPSHOTS_SUPPLIED = 0x20au,
    ALL_SYSTEM_FILES_RESTORED = 0x20bu,
    PUBLIC_FILE_LIST = 0x20cu,
    LARGE_PUBLIC_FILE_LIST = 0x20du,
    PUBLIC_FILE_LIST_XML = 0x20eu,
    FILE_STAT = 0x301u,
    FOLDER_LIST = 0x302u,
    FOLDER_MAKE = 0x303u,
    FILE_READ = 0x304u,
    FILE_WRITE = 0x305u,
    FILE_DELETE = 0x306u,
    FILE_SET_ATTRIBUTES = 0x307u,
    FILE_CHECK = 0x308u,
    OWNER_ATTACH = 0x401u,
    OWNER_DETACH = 0x402u,
    OWNER_CONNECT = 0x403u,
    OWNER_DISCONNECT = 0x404u,
    OWNER_CONFIRM_READY = 0x405u,
    OWNER_BUR_MODE_INFO = 0x406u,
    OWNER_DOES_PARTIAL_AFFECT_ME = 0x407u,
    CB_ALL_SNAPSHOTS_SUPPLIED = 0x1000u,
    CB_RECEIVE_SNAPSHOT_DATA = 0x1001u,
    CB_GET_EXPECTED_DATA_SIZE = 0x1002u,
    CB_GET_SNAPSHOT_DATA = 0x1003u,
    CB_INITIALISE_GET_BACKUP_DATA = 0x1004u,
    CB_GET_BACKUP_DATA_SECTION = 0x1005u,
    CB_INITIALISE_RESTORE_BASE_DATA = 0x1006u,
    CB_RESTORE_BASE_DATA_SECTION = 0x1007u,
    CB_INITIALISE_RESTORE_INCREMENT_DATA = 0x1008u,
    CB_RESTORE_INCREMENT_DATA_SECTION = 0x1009u,
    CB_RESTORE_COMPLETE = 0x100au,
    CB_INITIALISE_GET_PROXY_BACKUP_DATA = 0x100bu,
    CB_INITIALISE_RESTORE_PROXY_BASE_DATA = 0x100cu,
    CB_TERMINATE_MULTI_STAGE_OPERATION = 0x100du,
    CB_GET_DATA_CHECKSUM = 0x100eu,
    EMULATOR_ADVANCE_CLOCK = 0x7f01u,
    EMULATOR_RESET = 0x7f02u,
    EMULATOR_KILL_PROCESS = 0x7f03u,
    EMULATOR_SET_PROPERTY = 0x7f04u,
    EMULATOR_INSTALL_PACKAGE = 0x7f10u,
    EMULATOR_REMOVE_PACKAGE = 0x7f11u
  };
};

struct HeaderAt {
  enum Value {
    version_kind = 0,
    flags = 1,
    session = 2,
    sequence = 4,
    acknowledge = 6,
    channel = 8,
    length = 10,
    argument = 12,
    SIZE = 16
  };
};

struct Header {
  u8 version_kind;
  u8 flags;
  u16 session;
  u16 sequence;
  u16 acknowledge;
  u16 channel;
  u16 length;
  u32 argument;
};
inline void Read(In &in, Header &out) {
  out.version_kind = in.number8();
  out.flags = in.number8();
  out.session = in.number16();
  out.sequence = in.number16();
  out.acknowledge = in.number16();
  out.channel = in.number16();
  out.length = in.number16();
  out.argument = in.number32();
}
inline void Write(Out &out, const Header &in) {
  out.number8(in.version_kind);
  out.number8(in.flags);
  out.number16(in.session);
  out.number16(in.sequence);
  out.number16(in.acknowledge);
  out.number16(in.channel);
  out.number16(in.length);
  out.number32(in.argument);
}

struct Hello {
  u32 magic;
  u8 version_min;
  u8 version_max;
  u8 window;
  u8 depth;
  u16 max_payload;
  u16 features;
  u32 fingerprint;
  u32 nonce;
  u32 boot_id;
  u32 tick_ms;
  Bytes build;
  Bytes product;
};
inline void Read(In &in, Hello &out) {
  out.magic = in.number32();
  out.version_min = in.number8();
  out.version_max = in.number8();
  out.window = in.number8();
  out.depth = in.number8();
  out.max_payload = in.number16();
  out.features = in.number16();
  out.fingerprint = in.number32();
  out.nonce = in.number32();
  out.boot_id = in.number32();
  out.tick_ms = in.number32();
  out.build = in.text();
  out.product = in.text();
}
inline void Write(Out &out, const Hello &in) {
  out.number32(in.magic);
  out.number8(in.version_min);
  out.number8(in.version_max);
  out.number8(in.window);
  out.number8(in.depth);
  out.number16(in.max_payload);
  out.number16(in.features);
  out.number32(in.fingerprint);
  out.number32(in.nonce);
  out.number32(in.boot_id);
  out.number32(in.tick_ms);
  out.text(in.build);
  out.text(in.product);
}

struct PongAt {
  enum Value {
    tick_ms = 0,
    counter = 4,
    engine_busy = 8,
    free_bytes = 9,
    SIZE = 13
  };
};

struct Pong {
  u32 tick_ms;
  u32 counter;
  u8 engine_busy;
  u32 free_bytes;
};
inline void Read(In &in, Pong &out) {
  out.tick_ms = in.number32();
  out.counter = in.number32();
  out.engine_busy = in.flag();
  out.free_bytes = in.number32();
}
inline void Write(Out &out, const Pong &in) {
  out.number32(in.tick_ms);
  out.number32(in.counter);
  out.flag(in.engine_busy);
  out.number32(in.free_bytes);
}

struct ErrorBody {
  u8 domain;
  i32 code;
  Bytes text;
};
inline void Read(In &in, ErrorBody &out) {
  out.domain = in.number8();
  out.code = in.signed32();
  out.text = in.text();
}
inline void Write(Out &out, const ErrorBody &in) {
  out.number8(in.domain);
  out.signed32(in.code);
  out.text(in.text);
}

struct StreamEndAt {
  enum Value {
    length = 0,
    crc32 = 8,
    status = 12,
    SIZE = 16
  };
};

struct StreamEnd {
  U64 length;
  u32 crc32;
  i32 status;
};
inline void Read(In &in, StreamEnd &out) {
  out.length = in.number64();
  out.crc32 = in.number32();
  out.status = in.signed32();
}
inline void Write(Out &out, const StreamEnd &in) {
  out.number64(in.length);
  out.number32(in.crc32);
  out.signed32(in.status);
}

struct PropertyChangeAt {
  enum Value {
    tick_ms = 0,
    status = 4,
    value = 8,
    SIZE = 12
  };
};

struct PropertyChange {
  u32 tick_ms;
  i32 status;
  i32 value;
};
inline void Read(In &in, PropertyChange &out) {
  out.tick_ms = in.number32();
  out.status = in.signed32();
  out.value = in.signed32();
}
inline void Write(Out &out, const PropertyChange &in) {
  out.number32(in.tick_ms);
  out.signed32(in.status);
  out.signed32(in.value);
}

struct OwnerEventAt {
  enum Value {
    tick_ms = 0,
    sid = 4,
    kind = 8,
    value = 10,
    SIZE = 14
  };
};

struct OwnerEvent {
  u32 tick_ms;
  u32 sid;
  u16 kind;
  i32 value;
};
inline void Read(In &in, OwnerEvent &out) {
  out.tick_ms = in.number32();
  out.sid = in.number32();
  out.kind = in.number16();
  out.value = in.signed32();
}
inline void Write(Out &out, const OwnerEvent &in) {
  out.number32(in.tick_ms);
  out.number32(in.sid);
  out.number16(in.kind);
  out.signed32(in.value);
}

struct Empty {
};
inline void Read(In &, Empty &) {
}
inline void Write(Out &, const Empty &) {
}

struct PhoneInfo {
  Bytes model;
  Bytes firmware;
  Bytes imei;
  Bytes agent;
  Bytes profile;
  u32 features;
  u32 uptime_ms;
  U64 home_time_us;
  u32 owner_slots_count;
  Bytes owner_slots;  // list of sid
  Bytes drives;
};
inline void Read(In &in, PhoneInfo &out) {
  out.model = in.text();
  out.firmware = in.text();
  out.imei = in.text();
  out.agent = in.text();
  out.profile = in.text();
  out.features = in.number32();
  out.uptime_ms = in.number32();
  out.home_time_us = in.number64();
  in.numbers(out.owner_slots_count, out.owner_slots);
  out.drives = in.drives();
}
inline void Write(Out &out, const PhoneInfo &in) {
  out.text(in.model);
  out.text(in.firmware);
  out.text(in.imei);
  out.text(in.agent);
  out.text(in.profile);
  out.number32(in.features);
  out.number32(in.uptime_ms);
  out.number64(in.home_time_us);
  out.list(in.owner_slots_count, in.owner_slots);
  out.drives(in.drives);
}

struct LeaseAt {
  enum Value {
    milliseconds = 0,
    SIZE = 4
  };
};

struct Lease {
  u32 milliseconds;
};
inline void Read(In &in, Lease &out) {
  out.milliseconds = in.number32();
}
inline void Write(Out &out, const Lease &in) {
  out.number32(in.milliseconds);
}

struct PropertyIdAt {
  enum Value {
    category = 0,
    key = 4,
    SIZE = 8
  };
};

struct PropertyId {
  u32 category;
  u32 key;
};
inline void Read(In &in, PropertyId &out) {
  out.category = in.number32();
  out.key = in.number32();
}
inline void Write(Out &out, const PropertyId &in) {
  out.number32(in.category);
  out.number32(in.key);
}

struct PropertyValueAt {
  enum Value {
    value = 0,
    SIZE = 4
  };
};

struct PropertyValue {
  i32 value;
};
inline void Read(In &in, PropertyValue &out) {
  out.value = in.signed32();
}
inline void Write(Out &out, const PropertyValue &in) {
  out.signed32(in.value);
}

struct PropertyAssignmentAt {
  enum Value {
    category = 0,
    key = 4,
    value = 8,
    SIZE = 12
  };
};

struct PropertyAssignment {
  u32 category;
  u32 key;
  i32 value;
};
inline void Read(In &in, PropertyAssignment &out) {
  out.category = in.number32();
  out.key = in.number32();
  out.value = in.signed32();
}
inline void Write(Out &out, const PropertyAssignment &in) {
  out.number32(in.category);
  out.number32(in.key);
  out.signed32(in.value);
}

struct SubscriptionAt {
  enum Value {
    topic = 0,
    status = 2,
    value = 6,
    SIZE = 10
  };
};

struct Subscription {
  u16 topic;
  i32 status;
  i32 value;
};
inline void Read(In &in, Subscription &out) {
  out.topic = in.number16();
  out.status = in.signed32();
  out.value = in.signed32();
}
inline void Write(Out &out, const Subscription &in) {
  out.number16(in.topic);
  out.signed32(in.status);
  out.signed32(in.value);
}

struct TopicAt {
  enum Value {
    topic = 0,
    SIZE = 2
  };
};

struct Topic {
  u16 topic;
};
inline void Read(In &in, Topic &out) {
  out.topic = in.number16();
}
inline void Write(Out &out, const Topic &in) {
  out.number16(in.topic);
}

struct EngineInfoAt {
  enum Value {
    capacity = 0,
    SIZE = 4
  };
};

struct EngineInfo {
  u32 capacity;
};
inline void Read(In &in, EngineInfo &out) {
  out.capacity = in.number32();
}
inline void Write(Out &out, const EngineInfo &in) {
  out.number32(in.capacity);
}

struct VariantAt {
  enum Value {
    asynchronous = 0,
    SIZE = 1
  };
};

struct Variant {
  u8 asynchronous;
};
inline void Read(In &in, Variant &out) {
  out.asynchronous = in.flag();
}
inline void Write(Out &out, const Variant &in) {
  out.flag(in.asynchronous);
}

struct EntryCountAt {
  enum Value {
    entries = 0,
    SIZE = 4
  };
};

struct EntryCount {
  u32 entries;
};
inline void Read(In &in, EntryCount &out) {
  out.entries = in.number32();
}
inline void Write(Out &out, const EntryCount &in) {
  out.number32(in.entries);
}

struct SidListBody {
  u32 sids_count;
  Bytes sids;  // list of sid
};
inline void Read(In &in, SidListBody &out) {
  in.numbers(out.sids_count, out.sids);
}
inline void Write(Out &out, const SidListBody &in) {
  out.list(in.sids_count, in.sids);
}

struct ModeChangeAt {
  enum Value {
    asynchronous = 0,
    drives = 1,
    part = 27,
    increment = 31,
    SIZE = 35
  };
};

struct ModeChange {
  u8 asynchronous;
  Bytes drives;
  u32 part;
  u32 increment;
};
inline void Read(In &in, ModeChange &out) {
  out.asynchronous = in.flag();
  out.drives = in.drives();
  out.part = in.number32();
  out.increment = in.number32();
}
inline void Write(Out &out, const ModeChange &in) {
  out.flag(in.asynchronous);
  out.drives(in.drives);
  out.number32(in.part);
  out.number32(in.increment);
}

struct SidStatusAt {
  enum Value {
    sid = 0,
    status = 4,
    error = 8,
    SIZE = 12
  };
};

struct SidStatus {
  u32 sid;
  u32 status;
  i32 error;
};
inline void Read(In &in, SidStatus &out) {
  out.sid = in.number32();
  out.status = in.number32();
  out.error = in.signed32();
}
inline void Write(Out &out, const SidStatus &in) {
  out.number32(in.sid);
  out.number32(in.status);
  out.signed32(in.error);
}

struct SidStatusList {
  u32 entries_count;
  Bytes entries;  // list of SidStatus{sid:sid status:u32 error:i32}
};
inline void Read(In &in, SidStatusList &out) {
  in.begin_list(out.entries_count, out.entries);
  for (u32 i = 0; i < out.entries_count && in.fits(); ++i) {
    SidStatus element;
    Read(in, element);
  }
  in.end_list(out.entries);
}
inline void Write(Out &out, const SidStatusList &in) {
  out.list(in.entries_count, in.entries);
}

struct TransferType {
  Bytes transfer_type;
};
inline void Read(In &in, TransferType &out) {
  out.transfer_type = in.blob();
}
inline void Write(Out &out, const TransferType &in) {
  out.blob(in.transfer_type);
}

struct DataSizeAt {
  enum Value {
    size = 0,
    SIZE = 4
  };
};

struct DataSize {
  u32 size;
};
inline void Read(In &in, DataSize &out) {
  out.size = in.number32();
}
inline void Write(Out &out, const DataSize &in) {
  out.number32(in.size);
}

struct DataRequest {
  u8 asynchronous;
  Bytes transfer_type;
};
inline void Read(In &in, DataRequest &out) {
  out.asynchronous = in.flag();
  out.transfer_type = in.blob();
}
inline void Write(Out &out, const DataRequest &in) {
  out.flag(in.asynchronous);
  out.blob(in.transfer_type);
}

struct RequestedData {
  u8 finished;
  u32 size;
  Bytes transfer_type;
};
inline void Read(In &in, RequestedData &out) {
  out.finished = in.flag();
  out.size = in.number32();
  out.transfer_type = in.blob();
}
inline void Write(Out &out, const RequestedData &in) {
  out.flag(in.finished);
  out.number32(in.size);
  out.blob(in.transfer_type);
}

struct DataSupply {
  u8 asynchronous;
  u8 finished;
  u32 size;
  Bytes transfer_type;
};
inline void Read(In &in, DataSupply &out) {
  out.asynchronous = in.flag();
  out.finished = in.flag();
  out.size = in.number32();
  out.transfer_type = in.blob();
}
inline void Write(Out &out, const DataSupply &in) {
  out.flag(in.asynchronous);
  out.flag(in.finished);
  out.number32(in.size);
  out.blob(in.transfer_type);
}

struct PublicFilesOf {
  u8 asynchronous;
  u8 raw;
  u8 drive;
  Bytes owner;
};
inline void Read(In &in, PublicFilesOf &out) {
  out.asynchronous = in.flag();
  out.raw = in.flag();
  out.drive = in.drive();
  out.owner = in.blob();
}
inline void Write(Out &out, const PublicFilesOf &in) {
  out.flag(in.asynchronous);
  out.flag(in.raw);
  out.drive(in.drive);
  out.blob(in.owner);
}

struct LargePublicFilesOf {
  u8 drive;
  u32 cursor;
  u32 maximum;
  Bytes owner;
};
inline void Read(In &in, LargePublicFilesOf &out) {
  out.drive = in.drive();
  out.cursor = in.number32();
  out.maximum = in.number32();
  out.owner = in.blob();
}
inline void Write(Out &out, const LargePublicFilesOf &in) {
  out.drive(in.drive);
  out.number32(in.cursor);
  out.number32(in.maximum);
  out.blob(in.owner);
}

struct LargePublicFilesAt {
  enum Value {
    cursor = 0,
    entries = 4,
    SIZE = 8
  };
};

struct LargePublicFiles {
  u32 cursor;
  u32 entries;
};
inline void Read(In &in, LargePublicFiles &out) {
  out.cursor = in.number32();
  out.entries = in.number32();
}
inline void Write(Out &out, const LargePublicFiles &in) {
  out.number32(in.cursor);
  out.number32(in.entries);
}

struct Path {
  Bytes path;
};
inline void Read(In &in, Path &out) {
  out.path = in.text();
}
inline void Write(Out &out, const Path &in) {
  out.text(in.path);
}

struct FileStatAt {
  enum Value {
    attributes = 0,
    size = 4,
    modified_us = 12,
    SIZE = 20
  };
};

struct FileStat {
  u32 attributes;
  U64 size;
  U64 modified_us;
};
inline void Read(In &in, FileStat &out) {
  out.attributes = in.number32();
  out.size = in.number64();
  out.modified_us = in.number64();
}
inline void Write(Out &out, const FileStat &in) {
  out.number32(in.attributes);
  out.number64(in.size);
  out.number64(in.modified_us);
}

struct FolderRequest {
  Bytes path;
  u32 start;
};
inline void Read(In &in, FolderRequest &out) {
  out.path = in.text();
  out.start = in.number32();
}
inline void Write(Out &out, const FolderRequest &in) {
  out.text(in.path);
  out.number32(in.start);
}

struct FileEntry {
  Bytes name;
  u32 attributes;
  U64 size;
  U64 modified_us;
};
inline void Read(In &in, FileEntry &out) {
  out.name = in.text();
  out.attributes = in.number32();
  out.size = in.number64();
  out.modified_us = in.number64();
}
inline void Write(Out &out, const FileEntry &in) {
  out.text(in.name);
  out.number32(in.attributes);
  out.number64(in.size);
  out.number64(in.modified_us);
}

struct FolderPage {
  u8 more;
  u32 entries_count;
  Bytes entries;  // list of FileEntry{name:text attributes:u32 size:u64 modified_us:i64}
};
inline void Read(In &in, FolderPage &out) {
  out.more = in.flag();
  in.begin_list(out.entries_count, out.entries);
  for (u32 i = 0; i < out.entries_count && in.fits(); ++i) {
    FileEntry element;
    Read(in, element);
  }
  in.end_list(out.entries);
}
inline void Write(Out &out, const FolderPage &in) {
  out.flag(in.more);
  out.list(in.entries_count, in.entries);
}

struct FolderMadeAt {
  enum Value {
    created = 0,
    SIZE = 1
  };
};

struct FolderMade {
  u8 created;
};
inline void Read(In &in, FolderMade &out) {
  out.created = in.flag();
}
inline void Write(Out &out, const FolderMade &in) {
  out.flag(in.created);
}

struct FileRead {
  Bytes path;
  U64 offset;
  u32 length;
};
inline void Read(In &in, FileRead &out) {
  out.path = in.text();
  out.offset = in.number64();
  out.length = in.number32();
}
inline void Write(Out &out, const FileRead &in) {
  out.text(in.path);
  out.number64(in.offset);
  out.number32(in.length);
}

struct FilePartAt {
  enum Value {
    file_size = 0,
    length = 8,
    SIZE = 12
  };
};

struct FilePart {
  U64 file_size;
  u32 length;
};
inline void Read(In &in, FilePart &out) {
  out.file_size = in.number64();
  out.length = in.number32();
}
inline void Write(Out &out, const FilePart &in) {
  out.number64(in.file_size);
  out.number32(in.length);
}

struct FileWrite {
  Bytes path;
  U64 offset;
  u8 truncate;
};
inline void Read(In &in, FileWrite &out) {
  out.path = in.text();
  out.offset = in.number64();
  out.truncate = in.flag();
}
inline void Write(Out &out, const FileWrite &in) {
  out.text(in.path);
  out.number64(in.offset);
  out.flag(in.truncate);
}

struct FileAttributesChange {
  Bytes path;
  u32 set_bits;
  u32 clear_bits;
};
inline void Read(In &in, FileAttributesChange &out) {
  out.path = in.text();
  out.set_bits = in.number32();
  out.clear_bits = in.number32();
}
inline void Write(Out &out, const FileAttributesChange &in) {
  out.text(in.path);
  out.number32(in.set_bits);
  out.number32(in.clear_bits);
}

struct FileRange {
  Bytes path;
  U64 offset;
  U64 length;
};
inline void Read(In &in, FileRange &out) {
  out.path = in.text();
  out.offset = in.number64();
  out.length = in.number64();
}
inline void Write(Out &out, const FileRange &in) {
  out.text(in.path);
  out.number64(in.offset);
  out.number64(in.length);
}

struct FileCheckAt {
  enum Value {
    file_size = 0,
    checked = 8,
    crc32 = 16,
    SIZE = 20
  };
};

struct FileCheck {
  U64 file_size;
  U64 checked;
  u32 crc32;
};
inline void Read(In &in, FileCheck &out) {
  out.file_size = in.number64();
  out.checked = in.number64();
  out.crc32 = in.number32();
}
inline void Write(Out &out, const FileCheck &in) {
  out.number64(in.file_size);
  out.number64(in.checked);
  out.number32(in.crc32);
}

struct OwnerAttachAt {
  enum Value {
    sid = 0,
    automatic = 4,
    with_callbacks = 5,
    confirm_error = 6,
    SIZE = 10
  };
};

struct OwnerAttach {
  u32 sid;
  u8 automatic;
  u8 with_callbacks;
  i32 confirm_error;
};
inline void Read(In &in, OwnerAttach &out) {
  out.sid = in.number32();
  out.automatic = in.flag();
  out.with_callbacks = in.flag();
  out.confirm_error = in.signed32();
}
inline void Write(Out &out, const OwnerAttach &in) {
  out.number32(in.sid);
  out.flag(in.automatic);
  out.flag(in.with_callbacks);
  out.signed32(in.confirm_error);
}

struct OwnerAt {
  enum Value {
    sid = 0,
    SIZE = 4
  };
};

struct Owner {
  u32 sid;
};
inline void Read(In &in, Owner &out) {
  out.sid = in.number32();
}
inline void Write(Out &out, const Owner &in) {
  out.number32(in.sid);
}

struct OwnerConnectAt {
  enum Value {
    sid = 0,
    with_callbacks = 4,
    SIZE = 5
  };
};

struct OwnerConnect {
  u32 sid;
  u8 with_callbacks;
};
inline void Read(In &in, OwnerConnect &out) {
  out.sid = in.number32();
  out.with_callbacks = in.flag();
}
inline void Write(Out &out, const OwnerConnect &in) {
  out.number32(in.sid);
  out.flag(in.with_callbacks);
}

struct OwnerConfirmAt {
  enum Value {
    sid = 0,
    error = 4,
    SIZE = 8
  };
};

struct OwnerConfirm {
  u32 sid;
  i32 error;
};
inline void Read(In &in, OwnerConfirm &out) {
  out.sid = in.number32();
  out.error = in.signed32();
}
inline void Write(Out &out, const OwnerConfirm &in) {
  out.number32(in.sid);
  out.signed32(in.error);
}

struct BurModeInfoAt {
  enum Value {
    drives = 0,
    part = 26,
    increment = 30,
    SIZE = 34
  };
};

struct BurModeInfo {
  Bytes drives;
  u32 part;
  u32 increment;
};
inline void Read(In &in, BurModeInfo &out) {
  out.drives = in.drives();
  out.part = in.number32();
  out.increment = in.number32();
}
inline void Write(Out &out, const BurModeInfo &in) {
  out.drives(in.drives);
  out.number32(in.part);
  out.number32(in.increment);
}

struct AffectedAt {
  enum Value {
    affected = 0,
    SIZE = 1
  };
};

struct Affected {
  u8 affected;
};
inline void Read(In &in, Affected &out) {
  out.affected = in.flag();
}
inline void Write(Out &out, const Affected &in) {
  out.flag(in.affected);
}

struct OwnerCallbackAt {
  enum Value {
    sid = 0,
    ordinal = 4,
    SIZE = 8
  };
};

struct OwnerCallback {
  u32 sid;
  u32 ordinal;
};
inline void Read(In &in, OwnerCallback &out) {
  out.sid = in.number32();
  out.ordinal = in.number32();
}
inline void Write(Out &out, const OwnerCallback &in) {
  out.number32(in.sid);
  out.number32(in.ordinal);
}

struct SnapshotSectionAt {
  enum Value {
    sid = 0,
    ordinal = 4,
    drive = 8,
    last = 9,
    data = 10,
    SIZE = 10
  };
};

struct SnapshotSection {
  u32 sid;
  u32 ordinal;
  u8 drive;
  u8 last;
  Bytes data;
};
inline void Read(In &in, SnapshotSection &out) {
  out.sid = in.number32();
  out.ordinal = in.number32();
  out.drive = in.drive();
  out.last = in.flag();
  out.data = in.rest();
}
inline void Write(Out &out, const SnapshotSection &in) {
  out.number32(in.sid);
  out.number32(in.ordinal);
  out.drive(in.drive);
  out.flag(in.last);
  out.rest(in.data);
}

struct DriveCallbackAt {
  enum Value {
    sid = 0,
    ordinal = 4,
    drive = 8,
    SIZE = 9
  };
};

struct DriveCallback {
  u32 sid;
  u32 ordinal;
  u8 drive;
};
inline void Read(In &in, DriveCallback &out) {
  out.sid = in.number32();
  out.ordinal = in.number32();
  out.drive = in.drive();
}
inline void Write(Out &out, const DriveCallback &in) {
  out.number32(in.sid);
  out.number32(in.ordinal);
  out.drive(in.drive);
}

struct GetSnapshotAt {
  enum Value {
    sid = 0,
    ordinal = 4,
    drive_argument = 8,
    size = 12,
    SIZE = 16
  };
};

struct GetSnapshot {
  u32 sid;
  u32 ordinal;
  u32 drive_argument;
  u32 size;
};
inline void Read(In &in, GetSnapshot &out) {
  out.sid = in.number32();
  out.ordinal = in.number32();
  out.drive_argument = in.number32();
  out.size = in.number32();
}
inline void Write(Out &out, const GetSnapshot &in) {
  out.number32(in.sid);
  out.number32(in.ordinal);
  out.number32(in.drive_argument);
  out.number32(in.size);
}

struct SectionAt {
  enum Value {
    finished = 0,
    data = 1,
    SIZE = 1
  };
};

struct Section {
  u8 finished;
  Bytes data;
};
inline void Read(In &in, Section &out) {
  out.finished = in.flag();
  out.data = in.rest();
}
inline void Write(Out &out, const Section &in) {
  out.flag(in.finished);
  out.rest(in.data);
}

struct GetSectionAt {
  enum Value {
    sid = 0,
    ordinal = 4,
    size = 8,
    SIZE = 12
  };
};

struct GetSection {
  u32 sid;
  u32 ordinal;
  u32 size;
};
inline void Read(In &in, GetSection &out) {
  out.sid = in.number32();
  out.ordinal = in.number32();
  out.size = in.number32();
}
inline void Write(Out &out, const GetSection &in) {
  out.number32(in.sid);
  out.number32(in.ordinal);
  out.number32(in.size);
}

struct RestoreSectionAt {
  enum Value {
    sid = 0,
    ordinal = 4,
    finished = 8,
    data = 9,
    SIZE = 9
  };
};

struct RestoreSection {
  u32 sid;
  u32 ordinal;
  u8 finished;
  Bytes data;
};
inline void Read(In &in, RestoreSection &out) {
  out.sid = in.number32();
  out.ordinal = in.number32();
  out.finished = in.flag();
  out.data = in.rest();
}
inline void Write(Out &out, const RestoreSection &in) {
  out.number32(in.sid);
  out.number32(in.ordinal);
  out.flag(in.finished);
  out.rest(in.data);
}

struct ProxyCallbackAt {
  enum Value {
    sid = 0,
    ordinal = 4,
    proxied_sid = 8,
    drive = 12,
    SIZE = 13
  };
};

struct ProxyCallback {
  u32 sid;
  u32 ordinal;
  u32 proxied_sid;
  u8 drive;
};
inline void Read(In &in, ProxyCallback &out) {
  out.sid = in.number32();
  out.ordinal = in.number32();
  out.proxied_sid = in.number32();
  out.drive = in.drive();
}
inline void Write(Out &out, const ProxyCallback &in) {
  out.number32(in.sid);
  out.number32(in.ordinal);
  out.number32(in.proxied_sid);
  out.drive(in.drive);
}

struct ChecksumAt {
  enum Value {
    checksum = 0,
    SIZE = 4
  };
};

struct Checksum {
  u32 checksum;
};
inline void Read(In &in, Checksum &out) {
  out.checksum = in.number32();
}
inline void Write(Out &out, const Checksum &in) {
  out.number32(in.checksum);
}

struct DurationAt {
  enum Value {
    milliseconds = 0,
    SIZE = 4
  };
};

struct Duration {
  u32 milliseconds;
};
inline void Read(In &in, Duration &out) {
  out.milliseconds = in.number32();
}
inline void Write(Out &out, const Duration &in) {
  out.number32(in.milliseconds);
}

struct ProfileChoice {
  Bytes profile;
};
inline void Read(In &in, ProfileChoice &out) {
  out.profile = in.text();
}
inline void Write(Out &out, const ProfileChoice &in) {
  out.text(in.profile);
}

struct ProcessOrderAt {
  enum Value {
    sid = 0,
    SIZE = 4
  };
};

struct ProcessOrder {
  u32 sid;
};
inline void Read(In &in, ProcessOrder &out) {
  out.sid = in.number32();
}
inline void Write(Out &out, const ProcessOrder &in) {
  out.number32(in.sid);
}

struct PackageOrderAt {
  enum Value {
    uid = 0,
    SIZE = 4
  };
};

struct PackageOrder {
  u32 uid;
};
inline void Read(In &in, PackageOrder &out) {
  out.uid = in.number32();
}
inline void Write(Out &out, const PackageOrder &in) {
  out.number32(in.uid);
}

// A block of the engine and the call that it belongs to fit one frame.
typedef char CB_RECEIVE_SNAPSHOT_DATA_fits_as_SnapshotSection[SnapshotSectionAt::SIZE + 4 + Limit::IPC_BLOCK_SIZE <= Limit::FULL_PAYLOAD ? 1 : -1];
typedef char CB_GET_SNAPSHOT_DATA_fits_as_Section[SectionAt::SIZE + 0 + Limit::IPC_BLOCK_SIZE <= Limit::FULL_PAYLOAD ? 1 : -1];
typedef char CB_GET_BACKUP_DATA_SECTION_fits_as_Section[SectionAt::SIZE + 0 + Limit::IPC_BLOCK_SIZE <= Limit::FULL_PAYLOAD ? 1 : -1];
typedef char CB_RESTORE_BASE_DATA_SECTION_fits_as_RestoreSection[RestoreSectionAt::SIZE + 4 + Limit::IPC_BLOCK_SIZE <= Limit::FULL_PAYLOAD ? 1 : -1];
typedef char CB_RESTORE_INCREMENT_DATA_SECTION_fits_as_RestoreSection[RestoreSectionAt::SIZE + 4 + Limit::IPC_BLOCK_SIZE <= Limit::FULL_PAYLOAD ? 1 : -1];

struct MethodFlags {
  enum Value {
    KNOWN = 1,
    PHONE_ASKS = 2,
    UPLOAD = 4,
    DOWNLOAD = 8,
    ENGINE = 16
  };
};

inline u32 method_flags(u32 method) {
  switch (method) {
    case Method::PHONE_INFO:
    case Method::LEASE:
    case Method::PROPERTY_GET:
    case Method::PROPERTY_SET:
    case Method::PROPERTY_SUBSCRIBE:
    case Method::PROPERTY_UNSUBSCRIBE:
    case Method::FILE_STAT:
    case Method::FOLDER_LIST:
    case Method::FOLDER_MAKE:
    case Method::FILE_DELETE:
    case Method::FILE_SET_ATTRIBUTES:
    case Method::FILE_CHECK:
    case Method::OWNER_ATTACH:
    case Method::OWNER_DETACH:
    case Method::OWNER_CONNECT:
    case Method::OWNER_DISCONNECT:
    case Method::OWNER_CONFIRM_READY:
    case Method::OWNER_BUR_MODE_INFO:
    case Method::OWNER_DOES_PARTIAL_AFFECT_ME:
    case Method::EMULATOR_ADVANCE_CLOCK:
    case Method::EMULATOR_RESET:
    case Method::EMULATOR_KILL_PROCESS:
    case Method::EMULATOR_SET_PROPERTY:
    case Method::EMULATOR_INSTALL_PACKAGE:
    case Method::EMULATOR_REMOVE_PACKAGE:
      return MethodFlags::KNOWN;
    case Method::ENGINE_CONNECT:
    case Method::ENGINE_DISCONNECT:
    case Method::SET_SID_LIST:
    case Method::SET_BUR_MODE:
    case Method::SID_STATUS:
    case Method::EXPECTED_DATA_SIZE:
    case Method::ALL_SNAPSHOTS_SUPPLIED:
    case Method::ALL_SYSTEM_FILES_RESTORED:
    case Method::PUBLIC_FILE_LIST_XML:
      return MethodFlags::KNOWN | MethodFlags::ENGINE;
    case Method::LIST_DATA_OWNERS:
    case Method::REQUEST_DATA:
    case Method::PUBLIC_FILE_LIST:
    case Method::LARGE_PUBLIC_FILE_LIST:
      return MethodFlags::KNOWN | MethodFlags::DOWNLOAD | MethodFlags::ENGINE;
    case Method::SUPPLY_DATA:
      return MethodFlags::KNOWN | MethodFlags::UPLOAD | MethodFlags::ENGINE;
    case Method::FILE_READ:
      return MethodFlags::KNOWN | MethodFlags::DOWNLOAD;
    case Method::FILE_WRITE:
      return MethodFlags::KNOWN | MethodFlags::UPLOAD;
    case Method::CB_ALL_SNAPSHOTS_SUPPLIED:
    case Method::CB_RECEIVE_SNAPSHOT_DATA:
    case Method::CB_GET_EXPECTED_DATA_SIZE:
    case Method::CB_GET_SNAPSHOT_DATA:
    case Method::CB_INITIALISE_GET_BACKUP_DATA:
    case Method::CB_GET_BACKUP_DATA_SECTION:
    case Method::CB_INITIALISE_RESTORE_BASE_DATA:
    case Method::CB_RESTORE_BASE_DATA_SECTION:
    case Method::CB_INITIALISE_RESTORE_INCREMENT_DATA:
    case Method::CB_RESTORE_INCREMENT_DATA_SECTION:
    case Method::CB_RESTORE_COMPLETE:
    case Method::CB_INITIALISE_GET_PROXY_BACKUP_DATA:
    case Method::CB_INITIALISE_RESTORE_PROXY_BASE_DATA:
    case Method::CB_TERMINATE_MULTI_STAGE_OPERATION:
    case Method::CB_GET_DATA_CHECKSUM:
      return MethodFlags::KNOWN | MethodFlags::PHONE_ASKS;
  }
  return 0;
}

// Whether bytes are a body of that layout and nothing else.
template <class Body>
inline bool fits(const Bytes &bytes) {
  In in(bytes);
  Body body;
  Read(in, body);
  return in.is_used_up();
}

inline bool request_fits(u32 method, const Bytes &bytes) {
  switch (method) {
    case Method::PHONE_INFO:
    case Method::ENGINE_CONNECT:
    case Method::ENGINE_DISCONNECT:
      return fits<Empty>(bytes);
    case Method::LEASE:
      return fits<Lease>(bytes);
    case Method::PROPERTY_GET:
    case Method::PROPERTY_SUBSCRIBE:
      return fits<PropertyId>(bytes);
    case Method::PROPERTY_SET:
    case Method::EMULATOR_SET_PROPERTY:
      return fits<PropertyAssignment>(bytes);
    case Method::PROPERTY_UNSUBSCRIBE:
      return fits<Topic>(bytes);
    case Method::LIST_DATA_OWNERS:
    case Method::ALL_SNAPSHOTS_SUPPLIED:
    case Method::ALL_SYSTEM_FILES_RESTORED:
      return fits<Variant>(bytes);
    case Method::SET_SID_LIST:
    case Method::SID_STATUS:
      return fits<SidListBody>(bytes);
    case Method::SET_BUR_MODE:
      return fits<ModeChange>(bytes);
    case Method::EXPECTED_DATA_SIZE:
      return fits<TransferType>(bytes);
    case Method::REQUEST_DATA:
      return fits<DataRequest>(bytes);
    case Method::SUPPLY_DATA:
      return fits<DataSupply>(bytes);
    case Method::PUBLIC_FILE_LIST:
    case Method::PUBLIC_FILE_LIST_XML:
      return fits<PublicFilesOf>(bytes);
    case Method::LARGE_PUBLIC_FILE_LIST:
      return fits<LargePublicFilesOf>(bytes);
    case Method::FILE_STAT:
    case Method::FOLDER_MAKE:
    case Method::FILE_DELETE:
      return fits<Path>(bytes);
    case Method::FOLDER_LIST:
      return fits<FolderRequest>(bytes);
    case Method::FILE_READ:
      return fits<FileRead>(bytes);
    case Method::FILE_WRITE:
      return fits<FileWrite>(bytes);
    case Method::FILE_SET_ATTRIBUTES:
      return fits<FileAttributesChange>(bytes);
    case Method::FILE_CHECK:
      return fits<FileRange>(bytes);
    case Method::OWNER_ATTACH:
      return fits<OwnerAttach>(bytes);
    case Method::OWNER_DETACH:
    case Method::OWNER_DISCONNECT:
    case Method::OWNER_BUR_MODE_INFO:
    case Method::OWNER_DOES_PARTIAL_AFFECT_ME:
      return fits<Owner>(bytes);
    case Method::OWNER_CONNECT:
      return fits<OwnerConnect>(bytes);
    case Method::OWNER_CONFIRM_READY:
      return fits<OwnerConfirm>(bytes);
    case Method::EMULATOR_ADVANCE_CLOCK:
      return fits<Duration>(bytes);
    case Method::EMULATOR_RESET:
      return fits<ProfileChoice>(bytes);
    case Method::EMULATOR_KILL_PROCESS:
      return fits<ProcessOrder>(bytes);
    case Method::EMULATOR_INSTALL_PACKAGE:
    case Method::EMULATOR_REMOVE_PACKAGE:
      return fits<PackageOrder>(bytes);
  }
  return 0;
}

inline bool answer_fits(u32 method, const Bytes &bytes) {
  switch (method) {
    case Method::CB_ALL_SNAPSHOTS_SUPPLIED:
    case Method::CB_RECEIVE_SNAPSHOT_DATA:
    case Method::CB_INITIALISE_GET_BACKUP_DATA:
    case Method::CB_INITIALISE_RESTORE_BASE_DATA:
    case Method::CB_RESTORE_BASE_DATA_SECTION:
    case Method::CB_INITIALISE_RESTORE_INCREMENT_DATA:
    case Method::CB_RESTORE_INCREMENT_DATA_SECTION:
    case Method::CB_RESTORE_COMPLETE:
    case Method::CB_INITIALISE_GET_PROXY_BACKUP_DATA:
    case Method::CB_INITIALISE_RESTORE_PROXY_BASE_DATA:
    case Method::CB_TERMINATE_MULTI_STAGE_OPERATION:
      return fits<Empty>(bytes);
    case Method::CB_GET_EXPECTED_DATA_SIZE:
      return fits<DataSize>(bytes);
    case Method::CB_GET_SNAPSHOT_DATA:
    case Method::CB_GET_BACKUP_DATA_SECTION:
      return fits<Section>(bytes);
    case Method::CB_GET_DATA_CHECKSUM:
      return fits<Checksum>(bytes);
  }
  return 0;
}

}  // namespace wire

#endif
