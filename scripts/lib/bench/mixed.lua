-- An ordinary day, of ten requests: seven reads of customers, two looks at a template's figures, one write; of five writes
-- four are claims and one is a redemption.
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local common = require("common")

claims = 0
redemptions = 0
setup = common.keep

local customers, staff, templates, claim_bodies, redeem_bodies, figures
local turn, writes = 0, 0

function init()
    customers, staff, templates = common.lines("customers.txt"), common.lines("staff.txt")[1], common.lines("templates.txt")
    claim_bodies, redeem_bodies = {}, {}
    for number, template in ipairs(templates) do
        claim_bodies[number] = '{"template_id":"' .. template .. '"}'
    end
    for number, line in ipairs(common.lines("codes.txt")) do
        local store, code = line:match("^(%S+) (%S+)$")
        redeem_bodies[number] = '{"store_id":"' .. store .. '","code":"' .. code .. '","order_amount":"88.00"}'
    end
    figures = "/admin/v1/coupon-templates/" .. common.lines("tracked.txt")[1] .. "/tracking"
end

local function read(customer)
    local which = turn % 7
    if which < 3 then return common.request("GET", "/app/v1/coupons", customer) end
    if which < 5 then return common.request("GET", "/app/v1/coupon-templates", customer) end
    if which < 6 then return common.request("GET", "/app/v1/coupon-templates/" .. templates[1], customer) end
    return common.request("GET", "/app/v1/me", customer)
end

local function write()
    writes = writes + 1
    if writes % 5 == 0 then
        local body = redeem_bodies[redemptions % #redeem_bodies + 1]
        redemptions = redemptions + 1
        return common.request("POST", "/admin/v1/redemptions", staff, common.key("r" .. redemptions), body)
    end
    local customer, body = customers[claims % #customers + 1], claim_bodies[math.floor(claims / #customers) + 1]
    claims = claims + 1
    return common.request("POST", "/app/v1/claims", customer, common.key(claims), body)
end

function request()
    turn = turn + 1
    local kind = turn % 10
    if kind == 0 then return write() end
    if kind == 3 or kind == 7 then return common.request("GET", figures, staff) end
    return read(customers[turn % #customers + 1])
end

function done(summary, latency)
    common.report(summary, latency)
end
