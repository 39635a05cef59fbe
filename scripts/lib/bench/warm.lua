-- Shows every credential once, so that the server knows it from memory: claims without a key are refused before anything
-- is done, but after the credential was looked at.
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local common = require("common")

claims = 0
redemptions = 0
setup = common.keep

local customers

function init()
    customers = common.lines("customers.txt")
    for _, token in ipairs(common.lines("staff.txt")) do
        customers[#customers + 1] = token
    end
end

function request()
    claims = claims + 1
    return common.request("POST", "/app/v1/claims", customers[(claims - 1) % #customers + 1], nil, "{}")
end

function done(summary, latency)
    common.report(summary, latency)
end
