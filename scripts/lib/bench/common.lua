-- What the load scripts of wrk share. Their settings come through the environment, because wrk hands arguments to its
-- threads only: BENCH_DATA is the folder of lists, BENCH_RUN tells the idempotency keys of one run from those of others.
local common = {}

-- The lines of a list that `huike-bench seed` wrote.
function common.lines(name)
    local list = {}
    for line in io.lines(os.getenv("BENCH_DATA") .. "/" .. name) do
        if line ~= "" then list[#list + 1] = line end
    end
    return list
end

-- One request as bytes, with a body where there is one.
function common.request(method, path, token, key, body)
    local head = method .. " " .. path .. " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " .. token .. "\r\n"
    if key then head = head .. "Idempotency-Key: " .. key .. "\r\n" end
    if not body then return head .. "\r\n" end
    return head .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

-- Keys that no other request of this or another run has.
function common.key(number)
    return os.getenv("BENCH_RUN") .. "-" .. number
end

-- Counts what threads send: in `setup`, each thread is kept; `sent` adds up one of their global numbers.
local threads = {}

function common.keep(thread)
    threads[#threads + 1] = thread
end

function common.sent(name)
    local sum = 0
    for _, thread in ipairs(threads) do
        sum = sum + (thread:get(name) or 0)
    end
    return sum
end

-- One line for scripts/bench: answered well, answered with a refusal, broken, well answered a second, milliseconds.
function common.report(summary, latency)
    local errors = summary.errors
    local well = summary.requests - errors.status
    local broken = errors.connect + errors.read + errors.write + errors.timeout
    io.write(string.format(
        "RESULT %d %d %d %.1f %.1f %.2f %.2f %d %d\n",
        well, errors.status, broken,
        well / (summary.duration / 1e6), summary.requests / (summary.duration / 1e6),
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        common.sent("claims"), common.sent("redemptions")
    ))
end

return common
