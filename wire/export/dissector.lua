-- symhil: the wire between a test harness and the agent on a Symbian handset, for Wireshark and tshark 4.0 on.
--
-- Each packet of link type USER0 is one frame: header, payload, FCS. Frames become messages and streams again,
-- answers find their requests. What could not be read is marked: symhil.bad_checksum, symhil.bad_length,
-- symhil.bad_body, symhil.noise.

--@DEFINITIONS@
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
