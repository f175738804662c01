import { createHash } from "node:crypto";
import { quickScript } from "./viewer-quick-script.ts";

/** A script as Redis knows it: by its text once, by its SHA-1 from then on. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/** So many arguments tell an operation. */
const ARGUMENTS = 6;
const KEPT_MS = 60_000; // after the last token is over: expiry is for what nobody asks for any more, and decides nothing

// The rule of domain/viewer-rule.ts, as far as it says what is kept. What is answered is said by the rule itself, from
// the same value at the same instant; the script's verdicts must be the rule's. A row is one of services/stored-viewers.ts:
// the hash first, and third the instant at which it is over.
const LUA = `
local now, name = tonumber(ARGV[1]), ARGV[2]
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local value = redis.call('GET', KEYS[1])
${quickScript(KEPT_MS)}
local all_tokens, all_ended, is_changed, last_limit = {}, {}, false, nil
if value then
  local is_json, session = pcall(cjson.decode, value)
  if not is_json or type(session) ~= 'table' or session.v ~= 1 or type(session.t) ~= 'table' then
    return redis.error_reply('FOREIGN value')
  end
  for _, row in ipairs(session.t) do
    if row[3] > now then all_tokens[#all_tokens + 1] = row end
  end
  for _, row in ipairs(session.e or {}) do
    if row[3] > now then all_ended[#all_ended + 1] = row end
  end
  last_limit = type(session.l) == 'number' and session.l or nil
end

-- Of the operation that is being done.
local what, token_hash, public_id, limit, expiry_ms, per_device, per_content, policy, device, content, details, by, note
-- What lives and what is still known to have ended, as it sees them.
local tokens, ended

local function longest_lived(rows, most)
  if #rows <= most then return rows end
  local order, left = {}, {}
  for i, row in ipairs(rows) do order[i] = { row[3], i, row } end
  table.sort(order, function(a, b) return a[1] > b[1] or (a[1] == b[1] and a[2] < b[2]) end)
  for i = 1, most do left[i] = order[i][3] end
  return left
end
local function by_hash(row) return row[1] == token_hash end
local function by_id(row) return string.sub(row[1], 1, 16) == public_id end
local function find(rows, is_it)
  for _, row in ipairs(rows) do
    if is_it(row) then return row end
  end
end
local function without(rows, gone)
  local left = {}
  for _, row in ipairs(rows) do
    if row ~= gone then left[#left + 1] = row end
  end
  return left
end
local function instant(ms) return string.format('%.0f', ms) end
local function row_of(hash, from, to, rest)
  return cjson.decode('["' .. hash .. '",' .. instant(from) .. ',' .. instant(to) .. rest .. ']')
end
local function change(left)
  all_tokens, all_ended, is_changed = left, {}, true
  for i = math.max(1, #ended - 15), #ended do all_ended[#all_ended + 1] = ended[i] end
end
local function end_token(row, cause)
  ended[#ended + 1] = row_of(row[1], now, row[3], ',"' .. cause .. '",' .. note .. by)
end

local function reached(rows)
  local function full(at, said, most)
    if not most or not said then return end
    local among = {}
    for _, row in ipairs(rows) do
      if row[at] == said then among[#among + 1] = row end
    end
    if #among >= most then return among end
  end
  return full(4, device, per_device) or full(5, content, per_content) or (#rows >= limit and rows or nil)
end
local function evict_oldest(rows, evicted)
  local among = reached(rows)
  if not among then return rows end
  local oldest = among[1]
  for _, row in ipairs(among) do
    if row[2] < oldest[2] then oldest = row end
  end
  evicted[#evicted + 1] = oldest
  return evict_oldest(without(rows, oldest), evicted)
end
local function evict_named(rows, evicted)
  local named = find(rows, by_id)
  if not named then return rows end
  evicted[#evicted + 1] = named
  return evict_named(without(rows, named), evicted)
end

local function create()
  if find(tokens, by_hash) then return 'issued before' end
  if find(ended, by_hash) then return 'token ended' end
  local left, evicted = tokens, {}
  if reached(tokens) then
    if policy == 'evict-oldest' then left = evict_oldest(tokens, evicted) end
    if policy == 'evict-named' then left = evict_named(tokens, evicted) end
    if reached(left) then return 'limit reached' end
  end
  for _, row in ipairs(evicted) do end_token(row, policy == 'evict-named' and 'named' or 'oldest') end
  left[#left + 1] = row_of(token_hash, now, now + expiry_ms, details)
  change(left)
  return 'issued'
end
local function not_live(is_it) return find(ended, is_it) and 'token ended' or 'token expired' end
local function refresh()
  local row = find(tokens, by_hash)
  if not row then return not_live(by_hash) end
  row[3] = now + expiry_ms
  change(tokens)
  return 'renewed'
end
local function finish(cause)
  local is_it = token_hash ~= '' and by_hash or by_id
  local before = find(ended, is_it)
  if before and before[4] == cause then return 'ended' end
  local row = find(tokens, is_it)
  if not row then return not_live(is_it) end
  end_token(row, cause)
  change(without(tokens, row))
  return 'ended'
end

local verdicts = {}
for at = 3, #ARGV, ${ARGUMENTS} do
  what, token_hash, limit, expiry_ms, details = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), ARGV[at + 4]
  local more = ARGV[at + 5] ~= '' and cjson.decode(ARGV[at + 5]) or {}
  public_id, per_device, per_content, policy = more.publicId, more.perDevice, more.perContent, more.policy
  device, content, by, note = more.device, more.content, more.by or '', more.note or 'null'
  tokens, ended = longest_lived(all_tokens, limit), all_ended
  local verdict = 'listed'
  if what == 'create' then verdict = create() end
  if what == 'refresh' then verdict = refresh() end
  if verdict == 'issued' or verdict == 'renewed' then last_limit = limit end
  if what == 'stop' then verdict = finish('stopped') end
  if what == 'evict' then verdict = finish('operator') end
  verdicts[#verdicts + 1] = verdict
end

if is_changed then
  local latest = now
  local function texts(rows)
    local each = {}
    for i, row in ipairs(rows) do
      latest = math.max(latest, row[3])
      each[i] = cjson.encode(row)
    end
    return '[' .. table.concat(each, ',') .. ']'
  end
  local text = '{"v":1' .. (name ~= '' and ',"s":' .. name or '')
  if last_limit then text = text .. ',"l":' .. string.format('%.0f', last_limit) end
  text = text .. ',"t":' .. texts(all_tokens)
  if #all_ended > 0 then text = text .. ',"e":' .. texts(all_ended) end
  redis.call('SET', KEYS[1], text .. '}', 'PX', instant(latest - now + ${KEPT_MS}))
end
return { now, value, table.concat(verdicts, ',') }
`;

/** Operations on one viewer session, as one change: KEYS[1] is the session's, ARGV what `viewerArguments` makes. Answers the instant, the value before, the verdicts. */
export const VIEWER_SCRIPT: Script = { lua: LUA, sha1: createHash("sha1").update(LUA).digest("hex") };
