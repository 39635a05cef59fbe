-- Carts to be priced: ten lines in ten categories, at sixteen prices, so that no two answers in a row are the same.
package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local common = require("common")

claims = 0
redemptions = 0
setup = common.keep

local requests, turn = {}, 0

function init()
    local till = common.lines("till.txt")[1]
    for cart = 1, 16 do
        local lines = {}
        for line = 0, 9 do
            lines[#lines + 1] = string.format(
                '{"id":"%04d","sku":"sku-%d","categories":["all","category-%d"],"brand":"brand-%d","quantity":2,"list_price":"%d.%02d"}',
                line, line, line, line % 5, 19 + (line * 37 + cart) % 90, cart * 5
            )
        end
        local body = '{"lines":[' .. table.concat(lines, ",") .. "]}"
        requests[cart] = common.request("POST", "/open/v1/quotes", till, nil, body)
    end
end

function request()
    turn = turn + 1
    return requests[turn % #requests + 1]
end

function done(summary, latency)
    common.report(summary, latency)
end
