-- The truth about quotas: docs/decisions/0005-leased-rate-limits.md explains the protocol and proves its bounds.
--
-- KEYS  1 rl:epoch · 2 rl:members · 3… one hash per window (policy, partition, start)
-- ARGV  1 mode (probe, beat, lease, declare) · 2 replica · 3 incarnation · 4 sequence · 5 epoch the caller knows · 6 expiry of
--       this call · 7 settle time · 8 forget time · then what the mode needs. All times are microseconds of this server's clock.
--
-- A window's hash: e = epoch it belongs to, x = units seeded from the monthly store, p = 1 once it runs low, and per replica
-- r:<replica> = "incarnation sequence granted reserve". Invariant of every window:
--   x + Σ granted + Σ reserve + what is withheld for replicas that may act on their own ≤ quota.
local OK, EXPIRED, EPOCH, MOVED, STALE, SUPERSEDED, NOT_MEMBER = 0, 1, 2, 3, 4, 5, 6
local GRANTED, REFUSED, CLOSED, UNSEEDED, WITHHELD = 0, 1, 2, 3, 4
local RECORD = '^(%d+) (%d+) (%d+) (%d+)$'
local MEMBER = '^(%d+) (%d+) (%d+) (%d+) (%d+)$'

-- A replica's share of a window that it has not been seen in, and the small part of it that stays its own when it was seen but has not
-- asked yet. ReplicaState.OwnRight is the same.
local function share_of(quota, denominator) return math.floor(quota / denominator) end
local function untouched_of(quota, denominator)
  return math.max(math.floor(quota / (denominator * 25)), share_of(quota, denominator) >= 8 and 1 or 0)
end

local function int(number) return string.format('%.0f', number) end

local function map(key)
  local entries, list = {}, redis.call('HGETALL', key)
  for i = 1, #list, 2 do entries[list[i]] = list[i + 1] end
  return entries
end

local mode, me, incarnation, sequence = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local known, expiry, settle, forget = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local at = 8
local function argument() at = at + 1 return ARGV[at] end
local function number() return tonumber(argument()) end

-- A call that its caller has given up must not act: it may have waited here for minutes.
if mode ~= 'probe' and now > expiry then return {EXPIRED, now, ''} end

-- An epoch lasts as long as this server's memory: a restart (empty or from a snapshot), a flush, or a clock set back ends it.
local epoch = map(KEYS[1])
if epoch.run ~= run or now + 1000000 < tonumber(epoch.high) then
  epoch = {id = string.sub(run, 1, 8) .. int(now), run = run, born = int(now), high = int(now), cold = '1'}
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'id', epoch.id, 'run', run, 'born', epoch.born, 'high', epoch.high, 'cold', '1')
end
if mode == 'probe' then return {OK, now, epoch.id, tonumber(epoch.born)} end

local born = tonumber(epoch.born)

-- m:<replica> = "incarnation seen denominator version gone": 1/denominator of every quota is withheld for the replica in windows
-- that began after it was last seen. gone > 0 marks an earlier incarnation that ended (at the latest) then.
-- u:<replica> = was a member before this server lost its memory and has not been heard of since; lost = their summed share.
local members, unheard, lost, lost_until, version = {}, {}, 0, 0, 0
do
  local entries = map(KEYS[2])
  for field, value in pairs(entries) do
    local kind, id = string.sub(field, 1, 2), string.sub(field, 3)
    if kind == 'm:' then
      local i, s, d, v, g = string.match(value, MEMBER)
      members[id] = {incarnation = tonumber(i), seen = tonumber(s), share = tonumber(d), version = tonumber(v), gone = tonumber(g)}
      if tonumber(g) > 0 then members[id].base = string.match(id, '^(.*)#%d+$') end
    elseif kind == 'u:' then
      unheard[id] = value
    end
  end
  lost, lost_until, version = tonumber(entries.lost or 0), tonumber(entries.lost_until or 0), tonumber(entries.version or 0)
end

local function write_member(id, m)
  redis.call('HSET', KEYS[2], 'm:' .. id,
    int(m.incarnation) .. ' ' .. int(m.seen) .. ' ' .. int(m.share) .. ' ' .. int(m.version) .. ' ' .. int(m.gone))
end

local function settled() return epoch.cold == '0' or now >= born + settle end

local function count_alive()
  local n = 0
  for _, m in pairs(members) do if m.gone == 0 then n = n + 1 end end
  for _ in pairs(unheard) do n = n + 1 end
  return n
end

if mode == 'beat' then
  local acknowledged, share, replicas, leaving, returning = number(), number(), number(), argument() == '1', argument() == '1'
  local own = members[me]
  if own and own.incarnation > incarnation then return {SUPERSEDED, now, epoch.id, own.incarnation} end
  if known ~= epoch.id and not returning then return {EPOCH, now, epoch.id} end

  if leaving then
    redis.call('HDEL', KEYS[2], 'm:' .. me)
    redis.call('HSET', KEYS[2], 'version', int(version + 1))
    redis.call('DEL', 'rl:release:' .. me)
    return {OK, now, epoch.id}
  end

  for id, m in pairs(members) do
    if id ~= me and now - math.max(m.seen, m.gone) > forget then
      members[id] = nil
      redis.call('HDEL', KEYS[2], 'm:' .. id)
      if m.gone == 0 then version = version + 1 end
    end
  end
  if next(unheard) and now - born > forget then
    for id in pairs(unheard) do redis.call('HDEL', KEYS[2], 'u:' .. id) end
    unheard, version = {}, version + 1
  end

  if not own or own.incarnation < incarnation then
    version = version + 1
    if own then -- What the earlier incarnation may have spent on its own stays withheld in the windows that had begun.
      local ended = me .. '#' .. int(own.incarnation)
      own.gone, own.base, members[ended] = now, me, own
      write_member(ended, own)
    end
    local from_before = known ~= '' and known ~= epoch.id
    if from_before then
      if epoch.cold == '1' then
        epoch.cold, lost = '0', 1
        redis.call('HSET', KEYS[1], 'cold', '0')
      end
      if share > 0 then lost = math.max(0, lost - 1 / share) end
      for id, life in string.gmatch(argument(), '([^ ,]+) (%d+)') do
        if id ~= me and not members[id] then
          unheard[id] = life
          redis.call('HSET', KEYS[2], 'u:' .. id, life)
        end
      end
    else
      share = 0 -- New, or forgotten meanwhile: no share until every other member knows of it.
    end
    if unheard[me] then
      unheard[me] = nil
      redis.call('HDEL', KEYS[2], 'u:' .. me)
    end
    own = {}
    members[me] = own
  end
  own.incarnation, own.seen, own.version, own.gone, own.share = incarnation, now, acknowledged, 0, share
  if lost < 0.000001 then lost = 0 end
  if lost > 0 and lost_until == 0 and not next(unheard) then lost_until = now end
  if lost_until > 0 and now - lost_until > forget then lost, lost_until = 0, 0 end

  -- Shares never sum to more than one. A share shrinks at once and grows only when every other member knows the membership that
  -- allows it, so that the survivors of a loss of memory can always name everyone who may be spending on its own.
  local n, sum, agreed = math.max(replicas, count_alive()), (lost_until == 0) and lost or 0, not next(unheard)
  for id, m in pairs(members) do
    if id ~= me and m.gone == 0 then
      if m.share > 0 then sum = sum + 1 / m.share end
      if m.version ~= version then agreed = false end
    end
  end
  local new = share
  if share > 0 and share < n then
    new = n
  elseif share ~= n and agreed and settled() and sum + 1 / n < 1.000001 then
    new = n
  end
  -- The reply may be lost: the larger of what the caller had and what it is given counts.
  if own.share == 0 or (new > 0 and new < own.share) then own.share = new end
  write_member(me, own)
  redis.call('HSET', KEYS[2], 'version', int(version), 'lost', string.format('%.9f', lost), 'lost_until', int(lost_until))
  redis.call('HSET', KEYS[1], 'high', int(now))

  local list = {}
  for id, m in pairs(members) do if m.gone == 0 then list[#list + 1] = id .. ' ' .. int(m.incarnation) end end
  for id, life in pairs(unheard) do list[#list + 1] = id .. ' ' .. life end
  -- At a first start nothing has been spent in the windows that had begun, so a share counts in them too, as long as nobody has leased.
  local untouched = epoch.cold == '1' and not epoch.leased
  return {OK, now, epoch.id, born, settled() and 1 or 0, version, n, new, table.concat(list, ','),
    redis.call('SRANDMEMBER', 'rl:release:' .. me, 256), untouched and 1 or 0}
end

-- lease and declare
local own = members[me]
if known ~= epoch.id then return {EPOCH, now, epoch.id} end
if own and own.incarnation > incarnation then return {SUPERSEDED, now, epoch.id, own.incarnation} end
if mode == 'lease' and (not own or own.incarnation < incarnation) then return {NOT_MEMBER, now, epoch.id} end
if not epoch.leased then redis.call('HSET', KEYS[1], 'leased', '1') end

local atomic, count = argument() == '1', number()
local n = math.max(1, count_alive())
local mine = 'r:' .. me
local layers, refused = {}, false

-- What one incarnation of a replica has written to the monthly store, as the caller read it: "<replica>/<incarnation>=<used>,…".
local function spent_by(seed, id, life)
  return string.match(',' .. seed, ',' .. string.gsub(id, '%p', '%%%0') .. '/' .. life .. '=(%d+)') or '0'
end

-- What must stay untouched because others may spend it without asking: the whole share of a replica that has not been seen since
-- the window began, and the small untouched share of one that has, unless it has a record here, which then says all.
local function withheld(h, start, quota)
  local sum, holders = 0, {}
  for id, m in pairs(members) do
    if id ~= me and m.share > 0 and (m.gone == 0 or start <= m.gone) then
      local record = h['r:' .. id] or (m.base and h['r:' .. m.base])
      if not record or tonumber((string.match(record, RECORD))) ~= m.incarnation then
        local absent = m.seen < start
        local units = absent and share_of(quota, m.share) or untouched_of(quota, m.share)
        sum = sum + units
        if units > 0 and not absent and m.gone == 0 then holders[#holders + 1] = id end
      end
    end
  end
  if lost > 0 and (lost_until == 0 or start <= lost_until) then sum = sum + math.floor(quota * lost + 0.0001) end
  return sum, holders
end

-- What an earlier incarnation spent on its own in a month that began while it was out of sight is in the monthly store. Without that its
-- whole share would stay withheld: a single gateway that crashed over the end of a month would refuse everyone until it was forgotten.
local function charge_ended(l, h)
  for id, m in pairs(members) do
    if m.gone > 0 and m.base and m.share > 0 and m.seen < l.start and l.start <= m.gone and not h['r:' .. id] then
      local record = h['r:' .. m.base]
      if not record or tonumber((string.match(record, RECORD))) ~= m.incarnation then
        if l.seed == '' then return false end
        h['r:' .. id] = int(m.incarnation) .. ' 0 ' .. spent_by(l.seed, m.base, int(m.incarnation)) .. ' 0'
        l.ended = l.ended or {}
        l.ended[#l.ended + 1] = 'r:' .. id
      end
    end
  end
  return true
end

for k = 1, count do
  local l = {key = KEYS[2 + k], start = number(), stop = number(), quota = number(), granted = number(), reserve = number(),
    need = number(), ahead = number(), claim = number(), month = argument() == '1', seed = argument(), status = GRANTED}
  layers[k] = l
  if now < l.start or (now >= l.stop and mode == 'lease') then return {MOVED, now, epoch.id} end

  local h = map(l.key)
  local before = l.start < born
  if h.e ~= epoch.id and (l.month or not before) then
    if next(h) then redis.call('DEL', l.key) end
    h = {}
    if not before then h.x = '0' end
  end
  l.h = h

  local row = h[mine]
  if row then
    local i, s, g = string.match(row, RECORD)
    if tonumber(i) == incarnation then
      if tonumber(s) >= sequence then
        if mode == 'lease' then return {STALE, now, epoch.id} end
        l.stale = true
      end
    else -- An earlier incarnation's record stays charged under its own name.
      local old = mine .. '#' .. i
      if l.month and l.seed ~= '' then
        -- It may have held a whole share without Redis. What it spent is in the monthly store, but for the last interval: a lease covers that.
        local used = tonumber(spent_by(l.seed, me, i))
        row = i .. ' ' .. s .. ' ' .. int(math.max(used, math.min(tonumber(g), used + math.ceil(l.quota * 0.05)))) .. ' 0'
      end
      h[old], h[mine] = row, nil
      l.moved = old
    end
  end

  if l.month and mode == 'lease' and not charge_ended(l, h) then l.status = UNSEEDED end
  if now >= l.stop or not settled() and mode == 'lease' or not l.month and before and epoch.cold == '0' then
    l.status = CLOSED
  elseif l.month and not h.x and mode == 'lease' then
    if next(unheard) then
      l.status = CLOSED
    elseif l.seed == '' then
      l.status = UNSEEDED
    else
      local seeded = 0
      for id, life, used in string.gmatch(l.seed, '([^,/=]+)/(%d+)=(%d+)') do
        local record = h['r:' .. id]
        if not (id == me and tonumber(life) == incarnation) and not h['r:' .. id .. '#' .. life]
          and not (record and string.match(record, RECORD) == life) then
          seeded = seeded + tonumber(used)
        end
      end
      h.x = int(seeded)
    end
  end

  if l.status == GRANTED and mode == 'lease' then
    local used, claimed, holders = tonumber(h.x or 0), 0, {}
    for field, value in pairs(h) do
      if string.sub(field, 1, 2) == 'r:' and field ~= mine then
        local id = string.sub(field, 3)
        local i, _, g, s = string.match(value, RECORD)
        used = used + tonumber(g)
        if tonumber(s) > 0 then
          local m = members[id]
          local alive = m and m.incarnation == tonumber(i) and m.gone == 0
          if alive or m and m.gone > 0 or members[id .. '#' .. i] then claimed = claimed + tonumber(s) end
          if alive then holders[#holders + 1] = id end
        end
      end
    end
    local hold, untouched = withheld(h, l.start, l.quota)
    for _, id in ipairs(untouched) do holders[#holders + 1] = id end
    l.used, l.others, l.holders = used, used + claimed + hold - tonumber(h.x or 0) > 0, holders
    l.room = math.max(0, l.quota - used - claimed - hold - l.granted)
    if l.need > 0 and l.room < 1 then l.status, refused = REFUSED, true end
  end
  if l.status == CLOSED or l.status == UNSEEDED then refused = refused or l.need > 0 end
end

local reply = {OK, now, epoch.id, n}
for _, l in ipairs(layers) do
  local grant, reserve = 0, l.reserve
  if l.status == GRANTED and mode == 'lease' then
    local room = l.room
    if atomic and refused and l.need > 0 then
      l.status = WITHHELD
    else
      -- Whoever waits is served; beyond that a lease shrinks as the window empties.
      grant = math.min(room, l.need)
      grant = grant + math.min(l.ahead, math.floor((room - grant) / (2 * n)))
      room = room - grant
    end
    reserve = math.min(reserve, room)
    if l.h.p ~= '1' then reserve = math.max(reserve, math.min(l.claim, math.floor(room / (n + 1)))) end
    l.target = l.h.p ~= '1' and math.floor(room / (n + 1)) or 0
    l.low = (room - reserve) * 32 < l.quota
  end
  if l.status == REFUSED then reserve, l.low, l.target = math.min(reserve, l.room), true, 0 end
  if l.status == REFUSED or l.low and l.h.p ~= '1' then
    l.h.p = '1'
    redis.call('HSET', l.key, 'p', '1')
    for _, id in ipairs(l.holders) do
      redis.call('SADD', 'rl:release:' .. id, int(l.start) .. '|' .. int(l.stop) .. '|' .. l.key)
      redis.call('PEXPIRE', 'rl:release:' .. id, 60000)
    end
  end
  if l.status ~= CLOSED and l.status ~= UNSEEDED and not l.stale then
    if l.moved then redis.call('HSET', l.key, l.moved, l.h[l.moved]) end
    for _, ended in ipairs(l.ended or {}) do redis.call('HSET', l.key, ended, l.h[ended]) end
    if l.h.x then redis.call('HSET', l.key, 'x', l.h.x) end
    redis.call('HSET', l.key, 'e', epoch.id, mine,
      int(incarnation) .. ' ' .. int(sequence) .. ' ' .. int(l.granted + grant) .. ' ' .. int(reserve))
    redis.call('PEXPIREAT', l.key, int(math.ceil(l.stop / 1000) + 10000))
  end
  if reserve == 0 then redis.call('SREM', 'rl:release:' .. me, int(l.start) .. '|' .. int(l.stop) .. '|' .. l.key) end
  reply[#reply + 1] = {l.status, grant, reserve, math.min(l.target or 0, 9007199254740991),
    l.quota - (l.used or 0) - l.granted - grant, l.others and 1 or 0}
end
return reply
