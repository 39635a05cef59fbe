-- Redemptions: each request shows the next code, in one of the stores by turns.
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local common = require("common")

claims = 0
redemptions = 0
setup = common.keep

local staff, bodies

function init()
    staff, bodies = common.lines("staff.txt")[1], {}
    for number, line in ipairs(common.lines("codes.txt")) do
        local store, code = line:match("^(%S+) (%S+)$")
        bodies[number] = '{"store_id":"' .. store .. '","code":"' .. code .. '","order_amount":"88.00"}'
    end
end

-- Should the codes run out, those that come again are refused, and scripts/bench fails.
function request()
    local turn = redemptions
    redemptions = redemptions + 1
    return common.request("POST", "/admin/v1/redemptions", staff, common.key(turn), bodies[turn % #bodies + 1])
end

function done(summary, latency)
    common.report(summary, latency)
end
