-- ARGV: replica, lease (ms), 1 when the replica held a lease before.
local mine = 'lease:' .. ARGV[1]
local ends = tonumber(redis.call('HGET', state, mine) or '')
if not ends or ends <= now then
  -- A writer that could not reach Redis counts on lapsed leases, and its changes did not delete the copies. So a replica that comes
  -- back, or that finds nobody who was here all the time, voids them; one that joins others does not.
  local vouched = false
  if ARGV[3] == '0' then
    local all = redis.call('HGETALL', state)
    for i = 1, #all, 2 do
      if string.sub(all[i], 1, 6) == 'lease:' and tonumber(all[i + 1]) > now then vouched = true end
    end
  end
  if not vouched then redis.call('HSET', state, 'horizon', now) end
end
redis.call('HSET', state, mine, now + ARGV[2])
return { epoch, tonumber(redis.call('HGET', state, 'sequence')) }
