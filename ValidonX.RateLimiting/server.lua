-- The server's clock in microseconds and its run id, which changes whenever the server starts. Everything that follows
-- in leases.lua reads time and identity from these two locals only.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
