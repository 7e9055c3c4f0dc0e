-- Put in front of the scripts that change the protocol's state, KEYS[1], a hash:
--   run, since    the server process and the instant (ms) that this content began with: together the epoch
--   sequence      number of the last change
--   lease:<id>    end (ms) of a replica's lease
-- It lives and dies as one key. When it is missing or of another server process (a restart, empty or from an older snapshot; a flush),
-- nothing that Redis remembers of leases proves anything, and it begins anew.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local state = KEYS[1]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known = redis.call('HMGET', state, 'run', 'since')
local since = tonumber(known[2] or '')
if known[1] ~= run then
  since = now
  redis.call('DEL', state)
  redis.call('HSET', state, 'run', run, 'since', now, 'sequence', 0)
end
local epoch = run .. '-' .. string.format('%.0f', since)
