-- KEYS: state, copy. Reply: nothing while Redis vouches for no copy, else the instant of this read (ms) and the payload of a valid copy.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known = redis.call('HMGET', KEYS[1], 'run', 'horizon')
if known[1] ~= run then return false end

local clock = redis.call('TIME')
local now = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
local copy = redis.call('GET', KEYS[2])
if not copy then return { now } end

local read, owner, payload = string.match(copy, '^(%d+) (%S*) (.*)$')
if not read or tonumber(read) <= tonumber(known[2]) then return { now } end
if owner ~= '' then
  local dropped = redis.call('GET', 'tenant:' .. owner .. ':dropped')
  if dropped and tonumber(read) <= tonumber(dropped) then return { now } end
end
return { now, payload }
