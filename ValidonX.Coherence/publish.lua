-- KEYS: state, copies to delete, marks of tenants to drop.
-- ARGV: sender, channel, names of the changes, number of copies, 1 for everything, life of a tombstone (ms), life of a mark (ms), lease (ms).
local copies = tonumber(ARGV[4])
for i = 2, #KEYS do
  if i <= copies + 1 then
    -- The tombstone keeps out whoever read the source before the change and is slow to fill.
    redis.call('SET', KEYS[i], '-' .. string.format('%.0f', now), 'PX', ARGV[6])
  else
    redis.call('SET', KEYS[i], now, 'PX', ARGV[7])
  end
end
if ARGV[5] == '1' then redis.call('HSET', state, 'horizon', now) end

local sequence = redis.call('HINCRBY', state, 'sequence', 1)
redis.call('PUBLISH', ARGV[2], epoch .. '\n' .. string.format('%.0f', sequence) .. '\n' .. ARGV[1] .. '\n' .. ARGV[3])

local reply = { epoch, sequence, math.max(0, since + ARGV[8] - now) }
local all = redis.call('HGETALL', state)
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 6) == 'lease:' then
    local left = tonumber(all[i + 1]) - now
    if left > 0 then
      reply[#reply + 1] = string.sub(all[i], 7)
      reply[#reply + 1] = left
    else
      redis.call('HDEL', state, all[i])
    end
  end
end
return reply
