"""The changes of a batch's state that must happen as one, in Lua.

All take the keys of `keys.of_batch`, and return GONE when there is no such batch (any more).
"""

GONE = b"gone"
DONE = b"done"
REPEATED = b"repeated"
ENDED = b"ended"
LATE = b"late"
STALE = b"stale"

# ARGV: segment index, {"generation", "counts"} as JSON, generation, now (ms), life of the keys (ms).
# A segment counts once: whoever takes it off `todo` adds its counts, in place of those before a retry.
# What was paid is not among them: it was added when the answers came.
RECORD = """
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return 'gone' end
if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[3] then return 'stale' end
if redis.call('ZREM', KEYS[4], ARGV[1]) == 0 then return 'repeated' end
local function add(entry, sign)
  for name, count in pairs(cjson.decode(entry)['counts']) do
    -- Minus nothing would be written as -0, which is no number to HINCRBY.
    if count ~= 0 then redis.call('HINCRBY', KEYS[2], name, string.format('%.0f', sign * count)) end
  end
end
local old = redis.call('HGET', KEYS[3], ARGV[1])
if old then add(old, -1) end
add(ARGV[2], 1)
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[5], ARGV[1], ARGV[1] .. ':upstream', ARGV[1] .. ':begun')
local unended = status == 'queued' or status == 'progress' or status == 'paused'
if unended and redis.call('ZCARD', KEYS[4]) == 0 then
  redis.call('HSET', KEYS[1], 'status', 'success', 'finished_ms', ARGV[4])
  redis.call('HSETNX', KEYS[1], 'first_ended_ms', ARGV[4])
  redis.call('HDEL', KEYS[1], 'why', 'again_ms')
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[5]) end
  return 'ended'
end
return unended and 'done' or 'late'
"""

# ARGV: the status to go to, why (or ''), when to look again (ms, or ''), now (ms), life of the keys
# once ended (ms, or ''), '1' when its owner resumes it (or ''), then the statuses it may come from.
# Returns the status before.
GO_TO = """
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return 'gone' end
for i = 7, #ARGV do
  if status == ARGV[i] then
    redis.call('HSET', KEYS[1], 'status', ARGV[1], 'why', ARGV[2], 'again_ms', ARGV[3])
    if ARGV[1] == 'progress' then redis.call('HSETNX', KEYS[1], 'started_ms', ARGV[4]) end
    if ARGV[6] == '1' then redis.call('HINCRBY', KEYS[1], 'resumes', 1) end
    if ARGV[5] ~= '' then
      redis.call('HSET', KEYS[1], 'finished_ms', ARGV[4])
      redis.call('HSETNX', KEYS[1], 'first_ended_ms', ARGV[4])
      for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[5]) end
    end
    return status
  end
end
return status
"""

# ARGV: how many of the segments to be worked may be in the queue, the one that was just worked (or ''), and
# how many at least are put in at a time. Returns those that are to be put in now: all of them where none was
# just worked; else each once, whichever process asks, and the one just worked if it is not done.
TO_PUT_IN = """
local status = redis.call('HGET', KEYS[1], 'status')
local worked = ARGV[2]
if not status or (worked ~= '' and status ~= 'progress') then return {} end
local todo = redis.call('ZRANGE', KEYS[4], 0, ARGV[1] - 1)
local last = worked ~= '' and tonumber(redis.call('HGET', KEYS[1], 'put_in')) or -1
local new, again = {}, {}
for _, index in ipairs(todo) do
  if tonumber(index) > last then new[#new + 1] = index elseif index == worked then again[1] = index end
end
if #new == 0 or (#new < tonumber(ARGV[3]) and #todo == tonumber(ARGV[1])) then return again end
redis.call('HSET', KEYS[1], 'put_in', new[#new])
if again[1] then new[#new + 1] = again[1] end
return new
"""

# ARGV: the field of the hash of faults. Counts one more; returns how many. None outlives its batch.
NOTE_FAULT = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local count = redis.call('HINCRBY', KEYS[5], ARGV[1], 1)
local left = redis.call('PTTL', KEYS[1])
if left > 0 then redis.call('PEXPIRE', KEYS[5], left) end
return count
"""

# ARGV: now (ms). Puts back what has rows whose lookup failed; a batch that was given up goes on where it
# stood, its faults forgotten. Returns how many segments are to be worked, -1 when the batch ended in another
# way, or has not.
RETRY = """
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return 'gone' end
if status ~= 'success' and status ~= 'failed' then return -1 end
local put_back = redis.call('ZCARD', KEYS[4])
redis.call('DEL', KEYS[5])
local entries = status == 'success' and redis.call('HGETALL', KEYS[3]) or {}
for i = 1, #entries, 2 do
  local entry = cjson.decode(entries[i + 1])
  local failed = entry['counts']['unknown']
  if failed then
    entry['counts']['answered'] = entry['counts']['answered'] - failed
    redis.call('HINCRBY', KEYS[2], 'answered', string.format('%.0f', -failed))
    redis.call('HSET', KEYS[3], entries[i], cjson.encode(entry))
    redis.call('ZADD', KEYS[4], entries[i], entries[i])
    put_back = put_back + 1
  end
end
if put_back > 0 then
  if status == 'success' then redis.call('HINCRBY', KEYS[1], 'generation', 1) end
  redis.call('HSET', KEYS[1], 'status', 'progress', 'why', '')
  redis.call('HDEL', KEYS[1], 'finished_ms', 'again_ms')
  for _, key in ipairs(KEYS) do redis.call('PERSIST', key) end
end
return put_back
"""
