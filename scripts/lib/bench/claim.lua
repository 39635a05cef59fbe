-- Claims: each request by the next customer. When all have claimed, they begin with the next template.
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local common = require("common")

claims = 0
redemptions = 0
setup = common.keep

local customers, bodies

function init()
    -- Of several load generators each has customers of its own: BENCH_PART of BENCH_PARTS.
    local part, parts = tonumber(os.getenv("BENCH_PART") or 0), tonumber(os.getenv("BENCH_PARTS") or 1)
    customers, bodies = {}, {}
    for number, token in ipairs(common.lines("customers.txt")) do
        if number % parts == part then customers[#customers + 1] = token end
    end
    for _, template in ipairs(common.lines(os.getenv("BENCH_TEMPLATES"))) do
        bodies[#bodies + 1] = '{"template_id":"' .. template .. '"}'
    end
end

function request()
    local turn = claims
    claims = claims + 1
    local body = bodies[math.floor(turn / #customers) % #bodies + 1]
    return common.request("POST", "/app/v1/claims", customers[turn % #customers + 1], common.key(turn), body)
end

function done(summary, latency)
    common.report(summary, latency)
end
