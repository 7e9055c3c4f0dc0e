-- ARGV: sender, channel, names of the changes, lease (ms).
-- Numbers the changes and announces them. Reply: epoch, number, for how long there may be leases of an earlier epoch, and what is left of each lease (ms).
local sequence = redis.call('HINCRBY', state, 'sequence', 1)
redis.call('PUBLISH', ARGV[2], epoch .. '\n' .. string.format('%.0f', sequence) .. '\n' .. ARGV[1] .. '\n' .. ARGV[3])

local reply = { epoch, sequence, math.max(0, since + ARGV[4] - now) }
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
