/**
 * The part of the viewers' script that does the usual call, one create or refresh of a session of which nothing but its
 * limit counts and no token has ended, on the text alone: 19 µs instead of 43, most of which is JSON and functions. It
 * returns, or leaves what is not just so to the rest. It reads `now`, `name` and `value`.
 *
 * Within a string of a JSON text every quote has a backslash before it: what looks like the head of a row is one. What
 * looks like its end may be a bracket in a detail; then what follows is neither another row nor the end of all, and the
 * whole is not just so.
 */
export const quickScript = (keptMs: number): string => `
if #ARGV == 8 and ARGV[8] == '' and (ARGV[3] == 'create' or ARGV[3] == 'refresh') then
  local token_hash, limit, expires_at = ARGV[4], tonumber(ARGV[5]), now + ARGV[6]
  local rows, live, known, latest, is_usual = {}, 0, nil, expires_at, true
  if value then
    local _, at = string.find(value, ',"t":[', 7, true)
    is_usual = at and string.sub(value, 1, 7) == '{"v":1,'
    while is_usual and string.byte(value, at + 1) ~= 93 do
      local _, to, head, hash, ends_at, rest = string.find(value, '^,?(%["(%x+)",%d+,)(%d+)([^%[%]]*%])', at + 1)
      if to then
        local ends = tonumber(ends_at)
        if ends > now then
          live = live + 1
          if hash == token_hash then
            known, rows[live] = live, head .. string.format('%.0f', expires_at) .. rest
          else
            latest, rows[live] = math.max(latest, ends), head .. ends_at .. rest
          end
        end
        at = to
      else
        is_usual = false
      end
    end
    is_usual = is_usual and live <= limit and string.sub(value, at + 1) == ']}'
  end
  if is_usual then
    if ARGV[3] == 'refresh' then
      if not known then return { now, value, 'token expired' } end
    else
      if known then return { now, value, 'issued before' } end
      if live >= limit then return { now, value, 'limit reached' } end
      rows[live + 1] = '["' .. token_hash .. '",' .. string.format('%.0f,%.0f', now, expires_at) .. ARGV[7] .. ']'
    end
    local text = '{"v":1' .. (name ~= '' and ',"s":' .. name or '') .. ',"l":' .. ARGV[5] .. ',"t":[' .. table.concat(rows, ',') .. ']}'
    redis.call('SET', KEYS[1], text, 'PX', string.format('%.0f', latest - now + ${keptMs}))
    return { now, value, known and 'renewed' or 'issued' }
  end
end
`;
