-- Replays requests that bench/load.py has written, on one thread, and counts the responses.
-- The file has, for each request, its length on a line, and then its bytes.

local ffi = require("ffi")
ffi.cdef([[
  int getpid(void);
  int kill(int pid, int signal);
  typedef struct { long seconds, nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
]])
local INTERRUPT, MONOTONIC = 2, 1
local moment = ffi.new("moment")
-- What is sent once all has been sent, until the last response has come: wrk never has nothing to send.
local NOTHING = "GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
local thread

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

function setup(one)
  thread = one
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  -- From -1: wrk asks for the first request once to look at it, without sending it.
  requests, position, repeating = {}, -1, args[2] == "repeat"
  s2xx, s304, s409, s503, other = 0, 0, 0, 0, 0
  -- When the first was sent and the last answered, in seconds.
  first, last = 0, 0
  local length = file:read("*l")
  while length do
    table.insert(requests, file:read(tonumber(length)))
    length = file:read("*l")
  end
  file:close()
end

function request()
  position = position + 1
  if position == 0 then return requests[1] end
  if position == 1 then first = now() end
  -- What changes something can be sent once only.
  if position > #requests and not repeating then return NOTHING end
  return requests[(position - 1) % #requests + 1]
end

function response(status)
  if status == 404 and position > #requests and not repeating then return end
  if status >= 200 and status < 300 then s2xx = s2xx + 1
  elseif status == 304 then s304 = s304 + 1
  elseif status == 409 then s409 = s409 + 1
  elseif status == 503 then s503 = s503 + 1
  else other = other + 1 end
  last = now()
  if not repeating and s2xx + s304 + s409 + s503 + other == #requests then stop() end
end

function stop()
  wrk.thread:stop()
  ffi.C.kill(ffi.C.getpid(), INTERRUPT) -- wakes wrk itself, which sleeps for as long as it was told
end

function done(summary, latency)
  local errors = summary.errors
  local result = {
    p50 = latency:percentile(50) / 1e3, p99 = latency:percentile(99) / 1e3, longest = latency.max / 1e3,
    seconds = thread:get("last") - thread:get("first"),
    broken = errors.connect + errors.read + errors.write + errors.timeout,
  }
  for _, name in ipairs({ "s2xx", "s304", "s409", "s503", "other" }) do result[name] = thread:get(name) end
  local fields = {}
  for name, value in pairs(result) do table.insert(fields, string.format('"%s": %.9g', name, value)) end
  io.write("\n{" .. table.concat(fields, ", ") .. "}\n")
end
