-- KEYS: state, copy, mark of the owner's drop. ARGV: instant of the read before the load (ms), oldest allowed (ms), life (ms), owner, payload.
-- Stores the copy unless something may have changed since that read. Reply: 1 when stored.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known = redis.call('HMGET', KEYS[1], 'run', 'horizon')
local read = tonumber(ARGV[1])
if known[1] ~= run or read <= tonumber(known[2]) then return 0 end

-- Older than a tombstone lives: there may have been one.
local clock = redis.call('TIME')
if clock[1] * 1000 + math.floor(clock[2] / 1000) - read > tonumber(ARGV[2]) then return 0 end

local dropped = redis.call('GET', KEYS[3])
if dropped and read <= tonumber(dropped) then return 0 end

local tombstone = string.match(redis.call('GET', KEYS[2]) or '', '^%-(%d+)$')
if tombstone and read <= tonumber(tombstone) then return 0 end

redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5], 'PX', ARGV[3])
return 1
