-- symhil: the wire between a test harness and the agent on a Symbian handset, for Wireshark and tshark 4.0 on.
--
-- Each packet of link type USER0 is one frame: header, payload, FCS. Frames become messages and streams again,
-- answers find their requests. What could not be read is marked: symhil.bad_checksum, symhil.bad_length,
-- symhil.bad_body, symhil.noise.

-- Written by `python -m wire.export wireshark`, from the definitions in wire/. Do not edit.
local FINGERPRINT = 0x73994a2e
local FIRST_SEQUENCED_KIND = 8
local FCS_SIZE = 4
local OWNER_TOPIC = 0xffff
local LARGEST_WINDOW = 32

local ENUMS = {
  Kind = { [0] = "HELLO", [1] = "HELLO_ACK", [2] = "ACK", [3] = "PING", [4] = "PONG", [5] = "RESET", [8] = "REQUEST", [9] = "ANSWER", [10] = "CANCEL", [11] = "DATA", [12] = "CREDIT", [13] = "CLOSE", [14] = "EVENT", [15] = "LOG" },
  ResetCode = { [1] = "UNKNOWN_SESSION", [2] = "NOT_UNDERSTOOD" },
  ErrorDomain = { [0] = "SYMBIAN", [1] = "AGENT", [2] = "HOST" },
  AgentFault = { [1] = "UNKNOWN_METHOD", [2] = "BAD_BODY", [3] = "ENGINE_BUSY", [4] = "TOO_DEEP", [5] = "NO_RESOURCES", [6] = "NOT_OFFERED", [7] = "CANCELLED", [8] = "DEADLINE", [9] = "INTERNAL" },
  OwnerEventKind = { [0] = "STARTED", [1] = "MODE_CHANGED", [2] = "CONNECTED", [3] = "CONFIRMED", [4] = "NOT_AFFECTED", [5] = "DISCONNECTED", [6] = "FAILED", [7] = "ENDED" },
  TBURPartType = { [0] = "EBURUnset", [1] = "EBURNormal", [2] = "EBURBackupFull", [4] = "EBURBackupPartial", [8] = "EBURRestoreFull", [16] = "EBURRestorePartial" },
  TBackupIncType = { [0] = "ENoBackup", [256] = "EBackupBase", [512] = "EBackupIncrement" },
  TDataOwnerStatus = { [0] = "EUnset", [1] = "EDataOwnerNotFound", [2] = "EDataOwnerReady", [3] = "EDataOwnerNotReady", [4] = "EDataOwnerFailed", [5] = "EDataOwnerNotConnected", [6] = "EDataOwnerReadyNoImpl" },
  SymbianError = { [-11508] = "KEZlibErrInflateDictionary", [-11507] = "KEZlibErrInflateTerminated", [-11506] = "KEZlibErrDeflateTerminated", [-11505] = "KEZlibErrUnexpected", [-11504] = "KEZlibErrVersion", [-11503] = "KEZlibErrBuf", [-11502] = "KEZlibErrData", [-11501] = "KEZlibErrStream", [-50] = "KErrCorruptSurrogateFound", [-49] = "KErrNoSecureTime", [-48] = "KErrCommsBreak", [-47] = "KErrExtensionNotSupported", [-46] = "KErrPermissionDenied", [-45] = "KErrSessionClosed", [-44] = "KErrHardwareNotAvailable", [-43] = "KErrDirFull", [-42] = "KErrBadPower", [-41] = "KErrDivideByZero", [-40] = "KErrTooBig", [-39] = "KErrAbort", [-38] = "KErrBadDescriptor", [-37] = "KErrBadLibraryEntryPoint", [-36] = "KErrDisconnected", [-35] = "KErrCouldNotDisconnect", [-34] = "KErrCouldNotConnect", [-33] = "KErrTimedOut", [-32] = "KErrCommsParity", [-31] = "KErrCommsOverrun", [-30] = "KErrCommsFrame", [-29] = "KErrCommsLineFail", [-28] = "KErrBadName", [-27] = "KErrBadDriver", [-26] = "KErrDiskFull", [-25] = "KErrEof", [-24] = "KErrDisMounted", [-23] = "KErrWrite", [-22] = "KErrLocked", [-21] = "KErrAccessDenied", [-20] = "KErrCorrupt", [-19] = "KErrUnknown", [-18] = "KErrNotReady", [-17] = "KErrCompletion", [-16] = "KErrServerBusy", [-15] = "KErrServerTerminated", [-14] = "KErrInUse", [-13] = "KErrDied", [-12] = "KErrPathNotFound", [-11] = "KErrAlreadyExists", [-10] = "KErrUnderflow", [-9] = "KErrOverflow", [-8] = "KErrBadHandle", [-7] = "KErrTotalLossOfPrecision", [-6] = "KErrArgument", [-5] = "KErrNotSupported", [-4] = "KErrNoMemory", [-3] = "KErrCancel", [-2] = "KErrGeneral", [-1] = "KErrNotFound", [0] = "KErrNone" },
}

local BITS = {
  Flags = { { 1, "LAST" }, { 2, "ERROR" }, { 4, "FROM_PHONE" }, { 8, "ACK_NOW" }, { 16, "PRIORITY" }, { 32, "RESENT" }, { 128, "MUST_UNDERSTAND" } },
  Features = { { 1, "ESCAPE_XONXOFF" }, { 2, "KEEPS_OUT_OF_ORDER" } },
  PhoneFeatures = { { 1, "CONTROLLER" }, { 2, "OWNER_SLOTS" }, { 4, "FILES" }, { 8, "EMULATED" }, { 16, "PACKAGES" }, { 32, "JAVA" } },
  FileAttributes = { { 1, "READ_ONLY" }, { 2, "HIDDEN" }, { 4, "SYSTEM" }, { 16, "DIRECTORY" }, { 32, "ARCHIVE" } },
}

local METHODS = {
  [0x0001] = { name = "phone info", asker = "host", request = "Empty", answer = "PhoneInfo" },
  [0x0002] = { name = "lease", asker = "host", request = "Lease", answer = "Empty" },
  [0x0101] = { name = "property get", asker = "host", request = "PropertyId", answer = "PropertyValue" },
  [0x0102] = { name = "property set", asker = "host", request = "PropertyAssignment", answer = "Empty" },
  [0x0103] = { name = "property subscribe", asker = "host", request = "PropertyId", answer = "Subscription" },
  [0x0104] = { name = "property unsubscribe", asker = "host", request = "Topic", answer = "Empty" },
  [0x0201] = { name = "engine connect", asker = "host", request = "Empty", answer = "EngineInfo" },
  [0x0202] = { name = "engine disconnect", asker = "host", request = "Empty", answer = "Empty" },
  [0x0203] = { name = "list data owners", asker = "host", request = "Variant", answer = "EntryCount" },
  [0x0204] = { name = "set SID list for partial BUR", asker = "host", request = "SidListBody", answer = "Empty" },
  [0x0205] = { name = "set BUR mode", asker = "host", request = "ModeChange", answer = "Empty" },
  [0x0206] = { name = "SID status", asker = "host", request = "SidListBody", answer = "SidStatusList" },
  [0x0207] = { name = "expected data size", asker = "host", request = "TransferType", answer = "DataSize" },
  [0x0208] = { name = "request data", asker = "host", request = "DataRequest", answer = "RequestedData" },
  [0x0209] = { name = "supply data", asker = "host", request = "DataSupply", answer = "Empty" },
  [0x020a] = { name = "all snapshots supplied", asker = "host", request = "Variant", answer = "Empty" },
  [0x020b] = { name = "all system files restored", asker = "host", request = "Variant", answer = "Empty" },
  [0x020c] = { name = "public file list", asker = "host", request = "PublicFilesOf", answer = "EntryCount" },
  [0x020d] = { name = "large public file list", asker = "host", request = "LargePublicFilesOf", answer = "LargePublicFiles" },
  [0x020e] = { name = "public file list XML", asker = "host", request = "PublicFilesOf", answer = "Empty" },
  [0x0301] = { name = "file stat", asker = "host", request = "Path", answer = "FileStat" },
  [0x0302] = { name = "folder list", asker = "host", request = "FolderRequest", answer = "FolderPage" },
  [0x0303] = { name = "folder make", asker = "host", request = "Path", answer = "FolderMade" },
  [0x0304] = { name = "file read", asker = "host", request = "FileRead", answer = "FilePart" },
  [0x0305] = { name = "file write", asker = "host", request = "FileWrite", answer = "DataSize" },
  [0x0306] = { name = "file delete", asker = "host", request = "Path", answer = "Empty" },
  [0x0307] = { name = "file set attributes", asker = "host", request = "FileAttributesChange", answer = "Empty" },
  [0x0308] = { name = "file check", asker = "host", request = "FileRange", answer = "FileCheck" },
  [0x0401] = { name = "owner attach", asker = "host", request = "OwnerAttach", answer = "Empty" },
  [0x0402] = { name = "owner detach", asker = "host", request = "Owner", answer = "Empty" },
  [0x0403] = { name = "owner connect", asker = "host", request = "OwnerConnect", answer = "Empty" },
  [0x0404] = { name = "owner disconnect", asker = "host", request = "Owner", answer = "Empty" },
  [0x0405] = { name = "owner confirm ready", asker = "host", request = "OwnerConfirm", answer = "Empty" },
  [0x0406] = { name = "owner BUR mode info", asker = "host", request = "Owner", answer = "BurModeInfo" },
  [0x0407] = { name = "owner does partial BUR affect me", asker = "host", request = "Owner", answer = "Affected" },
  [0x1000] = { name = "AllSnapshotsSuppliedL", asker = "phone", request = "OwnerCallback", answer = "Empty" },
  [0x1001] = { name = "ReceiveSnapshotDataL", asker = "phone", request = "SnapshotSection", answer = "Empty" },
  [0x1002] = { name = "GetExpectedDataSize", asker = "phone", request = "DriveCallback", answer = "DataSize" },
  [0x1003] = { name = "GetSnapshotDataL", asker = "phone", request = "GetSnapshot", answer = "Section" },
  [0x1004] = { name = "InitialiseGetBackupDataL", asker = "phone", request = "DriveCallback", answer = "Empty" },
  [0x1005] = { name = "GetBackupDataSectionL", asker = "phone", request = "GetSection", answer = "Section" },
  [0x1006] = { name = "InitialiseRestoreBaseDataL", asker = "phone", request = "DriveCallback", answer = "Empty" },
  [0x1007] = { name = "RestoreBaseDataSectionL", asker = "phone", request = "RestoreSection", answer = "Empty" },
  [0x1008] = { name = "InitialiseRestoreIncrementDataL", asker = "phone", request = "DriveCallback", answer = "Empty" },
  [0x1009] = { name = "RestoreIncrementDataSectionL", asker = "phone", request = "RestoreSection", answer = "Empty" },
  [0x100a] = { name = "RestoreComplete", asker = "phone", request = "DriveCallback", answer = "Empty" },
  [0x100b] = { name = "InitialiseGetProxyBackupDataL", asker = "phone", request = "ProxyCallback", answer = "Empty" },
  [0x100c] = { name = "InitialiseRestoreProxyBaseDataL", asker = "phone", request = "ProxyCallback", answer = "Empty" },
  [0x100d] = { name = "TerminateMultiStageOperation", asker = "phone", request = "OwnerCallback", answer = "Empty" },
  [0x100e] = { name = "GetDataChecksum", asker = "phone", request = "DriveCallback", answer = "Checksum" },
  [0x7f01] = { name = "emulator advance clock", asker = "host", request = "Duration", answer = "Empty" },
  [0x7f02] = { name = "emulator reset", asker = "host", request = "ProfileChoice", answer = "Empty" },
  [0x7f03] = { name = "emulator kill process", asker = "host", request = "ProcessOrder", answer = "Empty" },
  [0x7f04] = { name = "emulator set property", asker = "host", request = "PropertyAssignment", answer = "Empty" },
  [0x7f10] = { name = "emulator install package", asker = "host", request = "PackageOrder", answer = "Empty" },
  [0x7f11] = { name = "emulator remove package", asker = "host", request = "PackageOrder", answer = "Empty" },
}

local LAYOUTS = {
  Header = { { name = "version_kind", kind = "u8", filter = "symhil.header.version_kind" }, { name = "flags", kind = "u8", filter = "symhil.header.flags" }, { name = "session", kind = "u16", filter = "symhil.header.session" }, { name = "sequence", kind = "u16", filter = "symhil.header.sequence" }, { name = "acknowledge", kind = "u16", filter = "symhil.header.acknowledge" }, { name = "channel", kind = "u16", filter = "symhil.header.channel" }, { name = "length", kind = "u16", filter = "symhil.header.length" }, { name = "argument", kind = "u32", filter = "symhil.header.argument" } },
  Hello = { { name = "magic", kind = "u32", filter = "symhil.hello.magic", hexadecimal = true }, { name = "version_min", kind = "u8", filter = "symhil.hello.version_min" }, { name = "version_max", kind = "u8", filter = "symhil.hello.version_max" }, { name = "window", kind = "u8", filter = "symhil.hello.window" }, { name = "depth", kind = "u8", filter = "symhil.hello.depth" }, { name = "max_payload", kind = "u16", filter = "symhil.hello.max_payload" }, { name = "features", kind = "u16", filter = "symhil.hello.features", meaning = "Features" }, { name = "fingerprint", kind = "u32", filter = "symhil.hello.fingerprint", hexadecimal = true }, { name = "nonce", kind = "u32", filter = "symhil.hello.nonce", hexadecimal = true }, { name = "boot_id", kind = "u32", filter = "symhil.hello.boot_id", hexadecimal = true }, { name = "tick_ms", kind = "u32", filter = "symhil.hello.tick_ms" }, { name = "build", kind = "text", filter = "symhil.hello.build" }, { name = "product", kind = "text", filter = "symhil.hello.product" } },
  Pong = { { name = "tick_ms", kind = "u32", filter = "symhil.pong.tick_ms" }, { name = "counter", kind = "u32", filter = "symhil.pong.counter" }, { name = "engine_busy", kind = "flag", filter = "symhil.pong.engine_busy" }, { name = "free_bytes", kind = "u32", filter = "symhil.pong.free_bytes" } },
  ErrorBody = { { name = "domain", kind = "u8", filter = "symhil.error_body.domain", meaning = "ErrorDomain" }, { name = "code", kind = "i32", filter = "symhil.error_body.code" }, { name = "text", kind = "text", filter = "symhil.error_body.text" } },
  StreamEnd = { { name = "length", kind = "u64", filter = "symhil.stream_end.length" }, { name = "crc32", kind = "u32", filter = "symhil.stream_end.crc32", hexadecimal = true }, { name = "status", kind = "i32", filter = "symhil.stream_end.status", meaning = "SymbianError" } },
  PropertyChange = { { name = "tick_ms", kind = "u32", filter = "symhil.property_change.tick_ms" }, { name = "status", kind = "i32", filter = "symhil.property_change.status", meaning = "SymbianError" }, { name = "value", kind = "i32", filter = "symhil.property_change.value", hexadecimal = true } },
  OwnerEvent = { { name = "tick_ms", kind = "u32", filter = "symhil.owner_event.tick_ms" }, { name = "sid", kind = "sid", filter = "symhil.owner_event.sid" }, { name = "kind", kind = "u16", filter = "symhil.owner_event.kind", meaning = "OwnerEventKind" }, { name = "value", kind = "i32", filter = "symhil.owner_event.value", hexadecimal = true } },
  Empty = {  },
  PhoneInfo = { { name = "model", kind = "text", filter = "symhil.phone_info.model" }, { name = "firmware", kind = "text", filter = "symhil.phone_info.firmware" }, { name = "imei", kind = "text", filter = "symhil.phone_info.imei" }, { name = "agent", kind = "text", filter = "symhil.phone_info.agent" }, { name = "profile", kind = "text", filter = "symhil.phone_info.profile" }, { name = "features", kind = "u32", filter = "symhil.phone_info.features", meaning = "PhoneFeatures" }, { name = "uptime_ms", kind = "u32", filter = "symhil.phone_info.uptime_ms" }, { name = "home_time_us", kind = "i64", filter = "symhil.phone_info.home_time_us" }, { name = "owner_slots", kind = "list", filter = "symhil.phone_info.owner_slots", element = "sid" }, { name = "drives", kind = "drives", filter = "symhil.phone_info.drives" } },
  Lease = { { name = "milliseconds", kind = "u32", filter = "symhil.lease.milliseconds" } },
  PropertyId = { { name = "category", kind = "u32", filter = "symhil.property_id.category", hexadecimal = true }, { name = "key", kind = "u32", filter = "symhil.property_id.key", hexadecimal = true } },
  PropertyValue = { { name = "value", kind = "i32", filter = "symhil.property_value.value", hexadecimal = true } },
  PropertyAssignment = { { name = "category", kind = "u32", filter = "symhil.property_assignment.category", hexadecimal = true }, { name = "key", kind = "u32", filter = "symhil.property_assignment.key", hexadecimal = true }, { name = "value", kind = "i32", filter = "symhil.property_assignment.value", hexadecimal = true } },
  Subscription = { { name = "topic", kind = "u16", filter = "symhil.subscription.topic" }, { name = "status", kind = "i32", filter = "symhil.subscription.status", meaning = "SymbianError" }, { name = "value", kind = "i32", filter = "symhil.subscription.value", hexadecimal = true } },
  Topic = { { name = "topic", kind = "u16", filter = "symhil.topic.topic" } },
  EngineInfo = { { name = "capacity", kind = "u32", filter = "symhil.engine_info.capacity" } },
  Variant = { { name = "asynchronous", kind = "flag", filter = "symhil.variant.asynchronous" } },
  EntryCount = { { name = "entries", kind = "u32", filter = "symhil.entry_count.entries" } },
  SidListBody = { { name = "sids", kind = "list", filter = "symhil.sid_list_body.sids", element = "sid" } },
  ModeChange = { { name = "asynchronous", kind = "flag", filter = "symhil.mode_change.asynchronous" }, { name = "drives", kind = "drives", filter = "symhil.mode_change.drives" }, { name = "part", kind = "u32", filter = "symhil.mode_change.part", meaning = "TBURPartType" }, { name = "increment", kind = "u32", filter = "symhil.mode_change.increment", meaning = "TBackupIncType" } },
  SidStatus = { { name = "sid", kind = "sid", filter = "symhil.sid_status.sid" }, { name = "status", kind = "u32", filter = "symhil.sid_status.status", meaning = "TDataOwnerStatus" }, { name = "error", kind = "i32", filter = "symhil.sid_status.error", meaning = "SymbianError" } },
  SidStatusList = { { name = "entries", kind = "list", filter = "symhil.sid_status_list.entries", element = "SidStatus" } },
  TransferType = { { name = "transfer_type", kind = "blob", filter = "symhil.transfer_type.transfer_type" } },
  DataSize = { { name = "size", kind = "u32", filter = "symhil.data_size.size" } },
  DataRequest = { { name = "asynchronous", kind = "flag", filter = "symhil.data_request.asynchronous" }, { name = "transfer_type", kind = "blob", filter = "symhil.data_request.transfer_type" } },
  RequestedData = { { name = "finished", kind = "flag", filter = "symhil.requested_data.finished" }, { name = "size", kind = "u32", filter = "symhil.requested_data.size" }, { name = "transfer_type", kind = "blob", filter = "symhil.requested_data.transfer_type" } },
  DataSupply = { { name = "asynchronous", kind = "flag", filter = "symhil.data_supply.asynchronous" }, { name = "finished", kind = "flag", filter = "symhil.data_supply.finished" }, { name = "size", kind = "u32", filter = "symhil.data_supply.size" }, { name = "transfer_type", kind = "blob", filter = "symhil.data_supply.transfer_type" } },
  PublicFilesOf = { { name = "asynchronous", kind = "flag", filter = "symhil.public_files_of.asynchronous" }, { name = "raw", kind = "flag", filter = "symhil.public_files_of.raw" }, { name = "drive", kind = "drive", filter = "symhil.public_files_of.drive" }, { name = "owner", kind = "blob", filter = "symhil.public_files_of.owner" } },
  LargePublicFilesOf = { { name = "drive", kind = "drive", filter = "symhil.large_public_files_of.drive" }, { name = "cursor", kind = "u32", filter = "symhil.large_public_files_of.cursor" }, { name = "maximum", kind = "u32", filter = "symhil.large_public_files_of.maximum" }, { name = "owner", kind = "blob", filter = "symhil.large_public_files_of.owner" } },
  LargePublicFiles = { { name = "cursor", kind = "u32", filter = "symhil.large_public_files.cursor" }, { name = "entries", kind = "u32", filter = "symhil.large_public_files.entries" } },
  Path = { { name = "path", kind = "text", filter = "symhil.path.path" } },
  FileStat = { { name = "attributes", kind = "u32", filter = "symhil.file_stat.attributes", meaning = "FileAttributes" }, { name = "size", kind = "u64", filter = "symhil.file_stat.size" }, { name = "modified_us", kind = "i64", filter = "symhil.file_stat.modified_us" } },
  FolderRequest = { { name = "path", kind = "text", filter = "symhil.folder_request.path" }, { name = "start", kind = "u32", filter = "symhil.folder_request.start" } },
  FileEntry = { { name = "name", kind = "text", filter = "symhil.file_entry.name" }, { name = "attributes", kind = "u32", filter = "symhil.file_entry.attributes", meaning = "FileAttributes" }, { name = "size", kind = "u64", filter = "symhil.file_entry.size" }, { name = "modified_us", kind = "i64", filter = "symhil.file_entry.modified_us" } },
  FolderPage = { { name = "more", kind = "flag", filter = "symhil.folder_page.more" }, { name = "entries", kind = "list", filter = "symhil.folder_page.entries", element = "FileEntry" } },
  FolderMade = { { name = "created", kind = "flag", filter = "symhil.folder_made.created" } },
  FileRead = { { name = "path", kind = "text", filter = "symhil.file_read.path" }, { name = "offset", kind = "u64", filter = "symhil.file_read.offset" }, { name = "length", kind = "u32", filter = "symhil.file_read.length" } },
  FilePart = { { name = "file_size", kind = "u64", filter = "symhil.file_part.file_size" }, { name = "length", kind = "u32", filter = "symhil.file_part.length" } },
  FileWrite = { { name = "path", kind = "text", filter = "symhil.file_write.path" }, { name = "offset", kind = "u64", filter = "symhil.file_write.offset" }, { name = "truncate", kind = "flag", filter = "symhil.file_write.truncate" } },
  FileAttributesChange = { { name = "path", kind = "text", filter = "symhil.file_attributes_change.path" }, { name = "set_bits", kind = "u32", filter = "symhil.file_attributes_change.set_bits" }, { name = "clear_bits", kind = "u32", filter = "symhil.file_attributes_change.clear_bits" } },
  FileRange = { { name = "path", kind = "text", filter = "symhil.file_range.path" }, { name = "offset", kind = "u64", filter = "symhil.file_range.offset" }, { name = "length", kind = "u64", filter = "symhil.file_range.length" } },
  FileCheck = { { name = "file_size", kind = "u64", filter = "symhil.file_check.file_size" }, { name = "checked", kind = "u64", filter = "symhil.file_check.checked" }, { name = "crc32", kind = "u32", filter = "symhil.file_check.crc32", hexadecimal = true } },
  OwnerAttach = { { name = "sid", kind = "sid", filter = "symhil.owner_attach.sid" }, { name = "automatic", kind = "flag", filter = "symhil.owner_attach.automatic" }, { name = "with_callbacks", kind = "flag", filter = "symhil.owner_attach.with_callbacks" }, { name = "confirm_error", kind = "i32", filter = "symhil.owner_attach.confirm_error", meaning = "SymbianError" } },
  Owner = { { name = "sid", kind = "sid", filter = "symhil.owner.sid" } },
  OwnerConnect = { { name = "sid", kind = "sid", filter = "symhil.owner_connect.sid" }, { name = "with_callbacks", kind = "flag", filter = "symhil.owner_connect.with_callbacks" } },
  OwnerConfirm = { { name = "sid", kind = "sid", filter = "symhil.owner_confirm.sid" }, { name = "error", kind = "i32", filter = "symhil.owner_confirm.error", meaning = "SymbianError" } },
  BurModeInfo = { { name = "drives", kind = "drives", filter = "symhil.bur_mode_info.drives" }, { name = "part", kind = "u32", filter = "symhil.bur_mode_info.part", meaning = "TBURPartType" }, { name = "increment", kind = "u32", filter = "symhil.bur_mode_info.increment", meaning = "TBackupIncType" } },
  Affected = { { name = "affected", kind = "flag", filter = "symhil.affected.affected" } },
  OwnerCallback = { { name = "sid", kind = "sid", filter = "symhil.owner_callback.sid" }, { name = "ordinal", kind = "u32", filter = "symhil.owner_callback.ordinal" } },
  SnapshotSection = { { name = "sid", kind = "sid", filter = "symhil.snapshot_section.sid" }, { name = "ordinal", kind = "u32", filter = "symhil.snapshot_section.ordinal" }, { name = "drive", kind = "drive", filter = "symhil.snapshot_section.drive" }, { name = "last", kind = "flag", filter = "symhil.snapshot_section.last" }, { name = "data", kind = "rest", filter = "symhil.snapshot_section.data" } },
  DriveCallback = { { name = "sid", kind = "sid", filter = "symhil.drive_callback.sid" }, { name = "ordinal", kind = "u32", filter = "symhil.drive_callback.ordinal" }, { name = "drive", kind = "drive", filter = "symhil.drive_callback.drive" } },
  GetSnapshot = { { name = "sid", kind = "sid", filter = "symhil.get_snapshot.sid" }, { name = "ordinal", kind = "u32", filter = "symhil.get_snapshot.ordinal" }, { name = "drive_argument", kind = "u32", filter = "symhil.get_snapshot.drive_argument" }, { name = "size", kind = "u32", filter = "symhil.get_snapshot.size" } },
  Section = { { name = "finished", kind = "flag", filter = "symhil.section.finished" }, { name = "data", kind = "rest", filter = "symhil.section.data" } },
  GetSection = { { name = "sid", kind = "sid", filter = "symhil.get_section.sid" }, { name = "ordinal", kind = "u32", filter = "symhil.get_section.ordinal" }, { name = "size", kind = "u32", filter = "symhil.get_section.size" } },
  RestoreSection = { { name = "sid", kind = "sid", filter = "symhil.restore_section.sid" }, { name = "ordinal", kind = "u32", filter = "symhil.restore_section.ordinal" }, { name = "finished", kind = "flag", filter = "symhil.restore_section.finished" }, { name = "data", kind = "rest", filter = "symhil.restore_section.data" } },
  ProxyCallback = { { name = "sid", kind = "sid", filter = "symhil.proxy_callback.sid" }, { name = "ordinal", kind = "u32", filter = "symhil.proxy_callback.ordinal" }, { name = "proxied_sid", kind = "sid", filter = "symhil.proxy_callback.proxied_sid" }, { name = "drive", kind = "drive", filter = "symhil.proxy_callback.drive" } },
  Checksum = { { name = "checksum", kind = "u32", filter = "symhil.checksum.checksum", hexadecimal = true } },
  Duration = { { name = "milliseconds", kind = "u32", filter = "symhil.duration.milliseconds" } },
  ProfileChoice = { { name = "profile", kind = "text", filter = "symhil.profile_choice.profile" } },
  ProcessOrder = { { name = "sid", kind = "sid", filter = "symhil.process_order.sid" } },
  PackageOrder = { { name = "uid", kind = "u32", filter = "symhil.package_order.uid", hexadecimal = true } },
}

-- ------------------------------------------------------------------------------------------------- fields

local symhil = Proto("symhil", "symhil wire")
local fields = {}

local function new_field(constructor, filter, ...)
  local field = constructor(filter, ...)
  fields[#fields + 1] = field
  return field
end

local NUMBERS = { u8 = "uint8", u16 = "uint16", u32 = "uint32", i32 = "int32", u64 = "uint64", i64 = "int64" }
local SIZES = { u8 = 1, u16 = 2, u32 = 4, i32 = 4, u64 = 8, i64 = 8, flag = 1, sid = 4, drive = 1, drives = 26 }
local LETTERS = {}
for number = 0, 25 do
  LETTERS[number] = string.char(65 + number)
end

local function field_for(entry)
  local kind = entry.kind == "list" and SIZES[entry.element] and entry.element or entry.kind
  if kind == "sid" then
    return new_field(ProtoField.uint32, entry.filter, entry.name, base.HEX)
  elseif kind == "drive" then
    return new_field(ProtoField.uint8, entry.filter, entry.name, base.DEC, LETTERS)
  elseif kind == "flag" then
    return new_field(ProtoField.bool, entry.filter, entry.name)
  elseif kind == "text" then
    return new_field(ProtoField.string, entry.filter, entry.name)
  elseif kind == "list" then
    return new_field(ProtoField.uint16, entry.filter, entry.name .. ": entries", base.DEC)
  elseif NUMBERS[kind] then
    local shown = entry.hexadecimal and kind ~= "i32" and base.HEX or base.DEC
    return new_field(ProtoField[NUMBERS[kind]], entry.filter, entry.name, shown, ENUMS[entry.meaning])
  end
  return new_field(ProtoField.bytes, entry.filter, entry.name)
end

-- Where each field of the header begins, so that nothing here says it a second time.
local HEADER_AT, HEADER_SIZE = {}, 0
for name, layout in pairs(LAYOUTS) do
  for _, entry in ipairs(layout) do
    entry.field = field_for(entry)
    if name == "Header" then
      HEADER_AT[entry.name] = { HEADER_SIZE, SIZES[entry.kind] }
      HEADER_SIZE = HEADER_SIZE + SIZES[entry.kind]
    end
  end
end

local FINGERPRINT_AT = 0
for _, entry in ipairs(LAYOUTS.Hello) do
  if entry.name == "fingerprint" then
    break
  end
  FINGERPRINT_AT = FINGERPRINT_AT + SIZES[entry.kind]
end

-- What happened to the link is the comment on a packet without bytes.
local comment_of = Field.new("frame.comment")

local METHOD_NAMES = {}
for number, method in pairs(METHODS) do
  METHOD_NAMES[number] = method.name
end
local KIND = {}
for number, name in pairs(ENUMS.Kind) do
  KIND[name] = number
end

-- Bits of Header.flags by their names.
local FLAG = {}
for _, bit_and_name in ipairs(BITS.Flags) do
  FLAG[bit_and_name[2]] = bit_and_name[1]
end

local f = {
  kind = new_field(ProtoField.uint8, "symhil.kind", "kind", base.DEC, ENUMS.Kind),
  version = new_field(ProtoField.uint8, "symhil.version", "protocol version"),
  method = new_field(ProtoField.uint16, "symhil.method", "method", base.HEX, METHOD_NAMES),
  method_name = new_field(ProtoField.string, "symhil.method_name", "method"),
  parent = new_field(ProtoField.uint16, "symhil.parent", "in the course of call"),
  call = new_field(ProtoField.uint16, "symhil.call", "call"),
  asker = new_field(ProtoField.string, "symhil.asker", "asked by"),
  deadline = new_field(ProtoField.uint32, "symhil.deadline", "deadline in ms"),
  status = new_field(ProtoField.int32, "symhil.status", "status", base.DEC, ENUMS.SymbianError),
  offset = new_field(ProtoField.uint32, "symhil.offset", "offset"),
  data = new_field(ProtoField.bytes, "symhil.data", "data"),
  part = new_field(ProtoField.bytes, "symhil.part", "part of a message"),
  fcs = new_field(ProtoField.uint32, "symhil.fcs", "FCS", base.HEX),
  request_in = new_field(ProtoField.framenum, "symhil.request_in", "request in", base.NONE, frametype.REQUEST),
  answer_in = new_field(ProtoField.framenum, "symhil.answer_in", "answer in", base.NONE, frametype.RESPONSE),
  time = new_field(ProtoField.double, "symhil.time", "seconds from request to answer"),
  stream_in = new_field(ProtoField.framenum, "symhil.stream_in", "stream ends in"),
  message_in = new_field(ProtoField.framenum, "symhil.message_in", "message ends in"),
  fragment = new_field(ProtoField.framenum, "symhil.fragment", "part in"),
  stream_length = new_field(ProtoField.uint32, "symhil.stream_length", "bytes of the stream"),
  stream_data = new_field(ProtoField.bytes, "symhil.stream_data", "the whole stream"),
}
local flag_fields = {}
for _, bit_and_name in ipairs(BITS.Flags) do
  local name = bit_and_name[2]
  flag_fields[#flag_fields + 1] = {
    name = name,
    bit = bit_and_name[1],
    field = new_field(ProtoField.bool, "symhil.flags." .. name:lower(), name, 8, nil, bit_and_name[1]),
  }
end
symhil.fields = fields


local group, severity = expert.group, expert.severity
local e = {
  noise = ProtoExpert.new("symhil.noise", "these bytes are no frame", group.UNDECODED, severity.WARN),
  bad_checksum = ProtoExpert.new("symhil.bad_checksum", "bad checksum", group.CHECKSUM, severity.ERROR),
  bad_length = ProtoExpert.new("symhil.bad_length", "the length is not that of the frame", group.MALFORMED, severity.ERROR),
  bad_body = ProtoExpert.new("symhil.bad_body", "the body does not fit its layout", group.MALFORMED, severity.ERROR),
  bad_stream = ProtoExpert.new("symhil.bad_stream", "the stream is not whole", group.SEQUENCE, severity.ERROR),
  other_version = ProtoExpert.new("symhil.other_version", "built from other definitions than this dissector", group.PROTOCOL, severity.WARN),
  again = ProtoExpert.new("symhil.again", "came before", group.SEQUENCE, severity.NOTE),
  refused = ProtoExpert.new("symhil.refused", "an error was answered", group.RESPONSE_CODE, severity.NOTE),
}
local experts = {}
for _, one in pairs(e) do
  experts[#experts + 1] = one
end
symhil.experts = experts
symhil.prefs.verify = Pref.bool("Verify checksums", true, "Compute the CRC-32 of each frame")
symhil.prefs.keep = Pref.uint("Longest stream to keep (KiB)", 8192, "Longer ones are checked, but not shown whole")

-- ----------------------------------------------------------------------------------------------- checksum

-- Lua 5.2 has no operators for bits, and Lua 5.4 would not find the functions of 5.2; `bit` is Wireshark's own.
local crc_table, xor_low = {}, {}
do
  local bxor, rshift, band = bit.bxor, bit.rshift, bit.band
  for number = 0, 255 do
    local crc = number
    for _ = 1, 8 do
      crc = band(crc, 1) == 1 and bxor(rshift(crc, 1), 0xEDB88320) or rshift(crc, 1)
    end
    crc_table[number] = crc % 0x100000000
    local row = {}
    for other = 0, 255 do
      row[other] = bxor(number, other)
    end
    xor_low[number] = row
  end
end

local function crc32(bytes)
  local bxor = bit.bxor
  local crc = 0xFFFFFFFF
  for start = 1, #bytes, 128 do
    for _, byte in ipairs({ bytes:byte(start, start + 127) }) do
      local low = crc % 256
      crc = bxor(crc_table[xor_low[low][byte]], (crc - low) / 256) % 0x100000000
    end
  end
  return 0xFFFFFFFF - crc
end

-- ----------------------------------------------------------------------------------- what belongs together

-- sessions[tag] holds, for each direction, which sequence number is next, and the calls; about[packet number]
-- what became known of a packet. Both are filled when a capture is read for the first time.
local sessions, about

function symhil.init()
  sessions, about = {}, {}
end

local function session_of(tag)
  if not sessions[tag] then
    sessions[tag] = { directions = { [true] = { waiting = {} }, [false] = { waiting = {} } }, calls = {}, partial = {} }
  end
  return sessions[tag]
end

local function call_key(frame)
  return frame.channel + (frame.by_phone and 0x10000 or 0)
end

local function note(number)
  about[number] = about[number] or {}
  return about[number]
end

-- A message in several frames: only the last has the flag LAST. Gives all its bytes once they are there.
local function assemble(session, frame)
  local key = frame.kind * 0x20000 + call_key(frame)
  local partial = session.partial[key]
  if not partial then
    if frame.last then
      return frame.payload
    end
    partial = { bytes = ByteArray.new(), numbers = {} }
    session.partial[key] = partial
  end
  partial.bytes:append(frame.payload)
  partial.numbers[#partial.numbers + 1] = frame.number
  note(frame.number).message = partial
  if not frame.last then
    return nil
  end
  partial.ends_in = frame.number
  session.partial[key] = nil
  return partial.bytes
end

local function deliver(session, frame)
  local key = call_key(frame)
  local call = session.calls[key]
  if frame.kind == KIND.REQUEST then
    local bytes = assemble(session, frame)
    if bytes then
      call = { request = frame.number, method = frame.argument % 0x10000, time = frame.time }
      session.calls[key] = call
    end
  elseif frame.kind == KIND.ANSWER then
    local bytes = assemble(session, frame)
    if bytes and call and not call.answer then
      call.answer, call.answered = frame.number, frame.time
    end
  elseif frame.kind == KIND.EVENT then
    assemble(session, frame)
  elseif frame.kind == KIND.DATA and call then
    local stream = call.stream or { bytes = ByteArray.new(), received = 0, frames = 0 }
    call.stream = stream
    if frame.argument ~= stream.received % 0x100000000 then
      note(frame.number).problem = "data for offset " .. frame.argument .. " when " .. stream.received .. " was next"
    end
    local size = frame.payload:len()
    stream.received = stream.received + size
    stream.frames = stream.frames + 1
    if stream.bytes and stream.received <= symhil.prefs.keep * 1024 then
      stream.bytes:append(frame.payload)
    else
      stream.bytes = nil
    end
    note(frame.number).stream = stream
  elseif frame.kind == KIND.CLOSE and call then
    local stream = call.stream or { bytes = ByteArray.new(), received = 0, frames = 0 }
    call.stream = nil
    stream.ends_in = frame.number
    note(frame.number).stream = stream
    local length = 0
    for index = math.min(8, frame.payload:len()) - 1, 0, -1 do
      length = length * 256 + frame.payload:get_index(index)
    end
    if length ~= stream.received then
      note(frame.number).problem = "closed at " .. tostring(length) .. " bytes, " .. stream.received .. " came"
    end
  end
  if call then
    note(frame.number).call = call
  end
end

-- Sequenced frames count in the order of their numbers, once each. A jump by more than any window means that
-- the capture has a hole, as one of a single test has; there it is taken up anew.
local function take(session, frame)
  local direction = session.directions[frame.from_phone]
  local ahead = direction.expected and (frame.sequence - direction.expected) % 0x10000 or 0
  if ahead >= 0x10000 - LARGEST_WINDOW or direction.waiting[frame.sequence] then
    note(frame.number).again = true
    return
  end
  if ahead > LARGEST_WINDOW then
    direction.waiting, ahead = {}, 0
  end
  if ahead > 0 then
    direction.waiting[frame.sequence] = frame
    return
  end
  while frame do
    deliver(session, frame)
    direction.expected = (frame.sequence + 1) % 0x10000
    frame = direction.waiting[direction.expected]
    direction.waiting[direction.expected] = nil
  end
end

-- ------------------------------------------------------------------------------------------------ layouts

local dissect_layout

local function names_of_bits(meaning, value)
  local names = {}
  for _, bit_and_name in ipairs(BITS[meaning]) do
    if bit.band(value, bit_and_name[1]) ~= 0 then
      names[#names + 1] = bit_and_name[2]
    end
  end
  return #names > 0 and table.concat(names, " | ") or "none"
end

-- One value. Gives where it ends, and how the info column shows it; nil where it does not fit.
local function dissect_value(entry, kind, tvb, at, tree)
  local left = tvb:len() - at
  if kind == "rest" then
    if left > 0 then
      tree:add(entry.field, tvb(at, left))
    end
    return tvb:len(), left .. " bytes"
  elseif kind == "text" or kind == "blob" then
    local size = left >= 2 and tvb(at, 2):le_uint()
    if not size or left < 2 + size then
      return nil
    end
    local range = size > 0 and tvb(at + 2, size)
    if kind == "text" then
      tree:add(entry.field, tvb(at, 2 + size), range and range:string(ENC_UTF_8) or "")
      return at + 2 + size, range and range:string(ENC_UTF_8) or '""'
    elseif range then
      tree:add(entry.field, range)
    end
    return at + 2 + size, size .. " bytes"
  elseif kind == "list" then
    local count = left >= 2 and tvb(at, 2):le_uint()
    if not count then
      return nil
    end
    local element = entry.element
    local scalar = SIZES[element]
    if scalar then
      at = at + 2
      for _ = 1, count do
        at = dissect_value(entry, element, tvb, at, tree)
        if not at then
          return nil
        end
      end
    else
      local branch = tree:add_le(entry.field, tvb(at, 2))
      at = at + 2
      for _ = 1, count do
        at = dissect_layout(element, tvb, at, branch, element)
        if not at then
          return nil
        end
      end
    end
    return at, count .. " entries"
  end
  local size = SIZES[kind]
  if left < size then
    return nil
  end
  local range = tvb(at, size)
  if kind == "drives" then
    local letters = {}
    for number = 0, 25 do
      if tvb(at + number, 1):uint() ~= 0 then
        letters[#letters + 1] = LETTERS[number]
      end
    end
    local shown = #letters > 0 and table.concat(letters) or "none"
    tree:add(entry.field, range):append_text(" (" .. shown .. ")")
    return at + size, shown
  end
  local item = tree:add_le(entry.field, range)
  if size == 8 then
    return at + size, tostring(kind == "i64" and range:le_int64() or range:le_uint64())
  end
  local value = kind == "i32" and range:le_int() or range:le_uint()
  if kind == "sid" then
    return at + size, string.format("0x%08X", value)
  elseif kind == "drive" or (kind == "flag" and value > 1) then
    if not LETTERS[value] or kind == "flag" then
      return nil
    end
    return at + size, LETTERS[value]
  elseif kind == "flag" then
    return at + size, value == 1 and "yes" or "no"
  elseif BITS[entry.meaning] then
    local names = names_of_bits(entry.meaning, value)
    item:append_text(" (" .. names .. ")")
    return at + size, names
  end
  local enum = ENUMS[entry.meaning]
  return at + size, enum and enum[value] or entry.hexadecimal and string.format("0x%x", value % 0x100000000) or tostring(value)
end

-- A row of fields. Gives where it ends and the words for the info column; nil where the bytes do not fit.
function dissect_layout(name, tvb, at, tree, title)
  local words = {}
  local branch = tree
  if title and tvb:len() > at then
    branch = tree:add(symhil, tvb(at), title)
  end
  local start = at
  for _, entry in ipairs(LAYOUTS[name]) do
    local shown
    at, shown = dissect_value(entry, entry.kind, tvb, at, branch)
    if not at then
      return nil, entry.name
    end
    words[#words + 1] = entry.name .. "=" .. shown
  end
  if branch ~= tree then
    branch:set_len(at - start)
  end
  return at, table.concat(words, " ")
end

-- A whole body, which uses up its bytes to the last.
local function dissect_body(name, tvb, tree)
  local branch = tree:add(symhil, tvb(), name)
  local ends, words = dissect_layout(name, tvb, 0, branch)
  if ends ~= tvb:len() then
    local what = ends and (tvb:len() - ends) .. " bytes are left over" or "too short for " .. words
    branch:add_proto_expert_info(e.bad_body, name .. ": " .. what)
    return "[" .. what .. "]"
  end
  return words
end

-- ------------------------------------------------------------------------------------------------- frames

local function numbers_of(tvb)
  local values = {}
  for name, place in pairs(HEADER_AT) do
    values[name] = tvb(place[1], place[2]):le_uint()
  end
  return values
end

local function dissect_header(tvb, tree, header)
  local branch = tree:add(symhil, tvb(0, HEADER_SIZE), "Header")
  branch:add(f.version, tvb(0, 1), header.version)
  branch:add(f.kind, tvb(0, 1), header.kind)
  dissect_layout("Header", tvb, 0, branch)
  local place = HEADER_AT.flags
  local flags = branch:add(symhil, tvb(place[1], place[2]), "Flags: " .. names_of_bits("Flags", header.flags))
  for _, flag in ipairs(flag_fields) do
    flags:add(flag.field, tvb(place[1], place[2]))
  end
end

-- Bytes of a message that came in several frames are shown where the last of them is.
local function message_of(known, payload, tree)
  local message = known.message
  if not message or not message.ends_in then
    return payload
  end
  for _, number in ipairs(message.numbers) do
    tree:add(f.fragment, number):set_generated()
  end
  return message.bytes:tvb("Whole message")
end

local function dissect_message(frame, header, known, payload, tree)
  local kind = frame.kind
  if not frame.last then
    if payload then
      tree:add(f.part, payload())
    end
    if known.message and known.message.ends_in then
      tree:add(f.message_in, known.message.ends_in):set_generated()
    end
    return "part of a message, " .. header.length .. " bytes"
  end
  local whole = message_of(known, payload, tree)
  if kind == KIND.EVENT then
    local body = header.channel == OWNER_TOPIC and "OwnerEvent" or "PropertyChange"
    return whole and dissect_body(body, whole, tree) or "without a body"
  end
  local call = known.call
  local number = kind == KIND.REQUEST and header.argument % 0x10000 or call and call.method
  local method = number and METHODS[number]
  local name = method and method.name or number and string.format("unknown method %#06x", number) or "the request is not in the capture"
  if number then
    tree:add(f.method, number):set_generated()
  end
  tree:add(f.method_name, name):set_generated()
  if kind == KIND.REQUEST then
    local parent = math.floor(header.argument / 0x10000)
    if parent ~= 0 then
      tree:add(f.parent, parent):set_generated()
      name = name .. " in the course of #" .. parent
    end
    if call and call.answer then
      tree:add(f.answer_in, call.answer):set_generated()
    end
    if not whole or whole:len() < 4 then
      tree:add_proto_expert_info(e.bad_body, "a request begins with its deadline")
      return name
    end
    tree:add_le(f.deadline, whole(0, 4))
    if whole:len() > 4 and method then
      return name .. ": " .. dissect_body(method.request, whole(4):tvb(), tree)
    elseif method and #LAYOUTS[method.request] > 0 then
      tree:add_proto_expert_info(e.bad_body, method.request .. " is missing")
    end
    return name
  end
  if call and call.answer == frame.number then
    tree:add(f.request_in, call.request):set_generated()
    tree:add(f.time, call.answered - call.time):set_generated()
  end
  local place = HEADER_AT.argument
  local status = tree:add_le(f.status, frame.tvb(place[1], place[2]))
  local body = header.is_error and "ErrorBody" or method and method.answer
  if header.is_error then
    local code = frame.tvb(place[1], place[2]):le_int()
    local text = ENUMS.SymbianError[code] or ENUMS.AgentFault[code] or "error " .. code
    status:add_proto_expert_info(e.refused, name .. ": " .. text)
    name = name .. ": " .. text
  end
  if not body then
    if whole then
      tree:add(f.data, whole())
    end
    return name
  end
  if whole then
    return name .. ": " .. dissect_body(body, whole, tree)
  elseif #LAYOUTS[body] > 0 then
    tree:add_proto_expert_info(e.bad_body, body .. " is missing")
  end
  return name
end

local function stream_name(known)
  local method = known.call and METHODS[known.call.method]
  return method and "of " .. method.name .. ": " or ""
end

local function dissect_payload(frame, header, known, payload, tree)
  local kind = frame.kind
  if kind == KIND.REQUEST or kind == KIND.ANSWER or kind == KIND.EVENT then
    return dissect_message(frame, header, known, payload, tree)
  elseif kind == KIND.DATA then
    tree:add(f.offset, header.argument)
    if payload then
      tree:add(f.data, payload())
    end
    if known.stream and known.stream.ends_in then
      tree:add(f.stream_in, known.stream.ends_in):set_generated()
    end
    return stream_name(known) .. header.length .. " bytes at " .. header.argument
  elseif kind == KIND.CREDIT then
    tree:add(f.offset, header.argument)
    return stream_name(known) .. "up to " .. header.argument
  elseif kind == KIND.CLOSE then
    local words = payload and dissect_body("StreamEnd", payload, tree) or "without an end"
    local stream = known.stream
    if stream then
      tree:add(f.stream_length, stream.received):set_generated()
      if stream.bytes and stream.received > 0 then
        local whole = stream.bytes:tvb("Whole stream")
        tree:add(f.stream_data, whole()):set_generated()
      end
      words = words .. " in " .. stream.frames .. " frames"
    end
    return stream_name(known) .. words
  elseif kind == KIND.HELLO or kind == KIND.HELLO_ACK then
    if payload and payload:len() >= FINGERPRINT_AT + 4 and payload(FINGERPRINT_AT, 4):le_uint() ~= FINGERPRINT then
      tree:add_proto_expert_info(e.other_version)
    end
    return payload and dissect_body("Hello", payload, tree) or "without a body"
  elseif kind == KIND.PONG and payload then
    return dissect_body("Pong", payload, tree)
  elseif kind == KIND.RESET then
    return ENUMS.ResetCode[header.argument % 0x10000] or ENUMS.ResetCode[math.floor(header.argument / 0x10000)] or ""
  elseif payload then
    tree:add(f.data, payload())
  end
  return ""
end

local function noise(tvb, pinfo, tree, problem, text)
  local branch = tree:add(symhil, tvb(), "symhil wire: no frame")
  branch:add_proto_expert_info(problem, text)
  branch:add(f.data, tvb())
  pinfo.cols.info = "[" .. text .. "] " .. tvb:len() .. " bytes"
end

local function to_frame(tvb, pinfo, header)
  local payload = header.length > 0 and tvb(HEADER_SIZE, header.length)
  return {
    number = pinfo.number,
    time = pinfo.rel_ts,
    tvb = tvb,
    kind = header.kind,
    sequence = header.sequence,
    channel = header.channel,
    argument = header.argument,
    last = bit.band(header.flags, FLAG.LAST) ~= 0,
    by_phone = bit.band(header.flags, FLAG.FROM_PHONE) ~= 0,
    from_phone = pinfo.p2p_dir == P2P_DIR_RECV,
    payload = payload and payload:bytes() or ByteArray.new(),
  }
end

function symhil.dissector(tvb, pinfo, tree)
  pinfo.cols.protocol = "symhil"
  local from_phone = pinfo.p2p_dir == P2P_DIR_RECV
  local size = tvb:len()
  if size == 0 then
    local comment = comment_of()
    pinfo.cols.info = comment and tostring(comment) or "link"
    return 0
  end
  pinfo.cols.src = from_phone and "phone" or "host"
  pinfo.cols.dst = from_phone and "host" or "phone"
  if size < HEADER_SIZE + FCS_SIZE then
    noise(tvb, pinfo, tree, e.noise, "no frame")
    return size
  end
  local header = numbers_of(tvb)
  header.kind = header.version_kind % 16
  header.version = math.floor(header.version_kind / 16)
  header.is_error = bit.band(header.flags, FLAG.ERROR) ~= 0
  local fcs = tvb(size - FCS_SIZE, FCS_SIZE)
  if symhil.prefs.verify and crc32(tvb:raw(0, size - FCS_SIZE)) ~= fcs:le_uint() then
    noise(tvb, pinfo, tree, e.bad_checksum, "bad checksum")
    return size
  end
  if header.length ~= size - HEADER_SIZE - FCS_SIZE then
    noise(tvb, pinfo, tree, e.bad_length, "bad length")
    return size
  end
  local frame = to_frame(tvb, pinfo, header)
  if not pinfo.visited and frame.kind >= FIRST_SEQUENCED_KIND then
    take(session_of(header.session), frame)
  elseif not pinfo.visited and frame.kind == KIND.CREDIT then
    note(frame.number).call = session_of(header.session).calls[call_key(frame)]
  end
  local known = about[frame.number] or {}
  local kind_name = ENUMS.Kind[frame.kind] or "kind " .. frame.kind
  local branch = tree:add(symhil, tvb(), "symhil wire: " .. kind_name)
  dissect_header(tvb, branch, header)
  local title = kind_name
  if frame.kind >= FIRST_SEQUENCED_KIND and frame.kind ~= KIND.EVENT then
    local asker = frame.by_phone and "phone" or "host"
    branch:add(f.call, header.channel):set_generated()
    branch:add(f.asker, asker):set_generated()
    title = title .. " " .. asker .. "'s #" .. header.channel
  end
  local payload = header.length > 0 and tvb(HEADER_SIZE, header.length):tvb() or nil
  local words = dissect_payload(frame, header, known, payload, branch)
  branch:add_le(f.fcs, fcs)
  if known.again then
    branch:add_proto_expert_info(e.again)
    title = title .. " (again)"
  end
  if known.problem then
    branch:add_proto_expert_info(e.bad_stream, known.problem)
  end
  pinfo.cols.info = words ~= "" and title .. "  " .. words or title
  return size
end

DissectorTable.get("wtap_encap"):add(wtap_encaps.USER0, symhil)
