-- ARGV: replica, lease (ms). Prolongs the replica's lease. Reply: epoch and the number of the last change.
redis.call('HSET', state, 'lease:' .. ARGV[1], now + ARGV[2])
return { epoch, tonumber(redis.call('HGET', state, 'sequence')) }
