//! Servers to compare with: the same framework, middleware, credential, key, body and answer, without our database.

use std::hint::black_box;

use actix_web::web::{self, Data, Json, ServiceConfig};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use huike_kernel::{Clock, TemplateId};
use huike_server::{
    api::{Api, Created, unknown_path},
    auth::{Customer, Integration, scopes},
    codes::CodeMint,
    extract::{IdempotencyKey, Valid},
    http::{
        app::{
            claims::{ClaimRequest, ClaimView},
            me,
        },
        open::quotes::QuoteRequest,
        quotes::CART_LIMIT_BYTES,
    },
    problem::Problem,
    server::serve_routes,
};
use huike_usecases::claims::Claimed;
use redis::{Script, aio::MultiplexedConnection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Outcome, house};

/// What a claim asks of Redis: is the key known, has the customer claimed, is anything left; then take, remember, and
/// tell.
const CLAIM: &str = r"
local known = redis.call('GET', KEYS[3])
if known then return known end
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return 'limit' end
if tonumber(redis.call('GET', KEYS[1]) or '10000000') <= 0 then return 'sold_out' end
redis.call('SETNX', KEYS[1], '10000000')
redis.call('DECR', KEYS[1])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('SET', KEYS[3], ARGV[2], 'EX', 604800)
redis.call('XADD', KEYS[4], '*', 'kind', 'coupon_claimed', 'customer', ARGV[1], 'outcome', ARGV[2])
return ARGV[2]
";

/// A server that stands in for ours.
#[derive(Args)]
pub(crate) struct StandInArgs {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// What stands in for the database.
    #[arg(long, value_enum)]
    kind: StandIn,
    /// Where Redis is.
    #[arg(long, default_value = "redis://127.0.0.1/")]
    redis: String,
}

/// What stands in for the database.
#[derive(Clone, Copy, ValueEnum)]
enum StandIn {
    /// Nothing: every claim is granted and forgotten.
    Nothing,
    /// A Lua script in Redis.
    Redis,
}

/// A connection that all requests share; what they ask at the same time travels together.
struct Lua {
    connection: MultiplexedConnection,
    script: Script,
}

impl StandInArgs {
    /// Serves until it is killed.
    pub(crate) fn run(&self, database_url: &str) -> Outcome {
        let house = house::open(database_url, Some(&self.listen))?;
        let mint = Data::new(house::mint(&house));
        actix_web::rt::System::new().block_on(async move {
            let lua = match self.kind {
                StandIn::Nothing => None,
                StandIn::Redis => {
                    let client = redis::Client::open(self.redis.as_str())?;
                    let connection = client.get_multiplexed_async_connection().await?;
                    Some(Data::new(Lua { connection, script: Script::new(CLAIM) }))
                }
            };
            let register = move |config: &mut ServiceConfig, _clock: bool| routes(config, lua.as_ref(), &mint);
            let running = serve_routes(&house, register)?;
            println!("listening on http://{}", running.address);
            running.server.await?;
            Ok(())
        })
    }
}

fn routes(config: &mut ServiceConfig, lua: Option<&Data<Lua>>, mint: &Data<CodeMint>) {
    let mut api = Api::new("/app/v1");
    api.get("/me", me::show, "show_me", "See oneself");
    config.app_data(mint.clone());
    let (id, summary) = ("claim_coupon", "Claim a coupon");
    match lua {
        Some(lua) => {
            config.app_data(lua.clone());
            api.post("/claims", claim_in_redis, id, summary);
        }
        None => {
            api.post("/claims", claim_nothing, id, summary);
        }
    }
    api.register(config);
    let mut open = Api::new("/open/v1");
    open.post("/quotes", quote_nothing, "quote_cart", "Parse a cart, and answer the same each time");
    open.register(config);
    config.default_service(web::to(unknown_path));
}

fn claimed(who: &Customer, template: TemplateId, mint: &CodeMint, now: DateTime<Utc>) -> Result<Claimed, Problem> {
    Ok(Claimed {
        coupon: mint.signed()?.coupon,
        template,
        template_version: 1,
        customer: who.customer,
        site: who.site,
        claimed_at: now,
        usable_from: now,
        expires_at: now + TimeDelta::days(7),
    })
}

fn template_of(body: &ClaimRequest) -> Result<TemplateId, Problem> {
    body.template().ok_or_else(Problem::not_found)
}

async fn claim_nothing(
    who: Customer,
    (mint, clock): (Data<CodeMint>, Data<dyn Clock>),
    key: IdempotencyKey,
    body: Valid<ClaimRequest>,
) -> Result<Created<ClaimView>, Problem> {
    let _once = key.once(&who, &body);
    Ok(Created(claimed(&who, template_of(&body)?, &mint, clock.now())?.into()))
}

/// What every cart is answered.
#[derive(Serialize, ToSchema)]
struct Constant {
    /// A price.
    payable: &'static str,
}

async fn quote_nothing(
    _key: Integration<scopes::QuotesRead>,
    body: Valid<QuoteRequest, CART_LIMIT_BYTES>,
) -> Result<Json<Constant>, Problem> {
    black_box(body.into_inner());
    Ok(Json(Constant { payable: "236.00" }))
}

async fn claim_in_redis(
    who: Customer,
    (lua, mint, clock): (Data<Lua>, Data<CodeMint>, Data<dyn Clock>),
    key: IdempotencyKey,
    body: Valid<ClaimRequest>,
) -> Result<Created<ClaimView>, Problem> {
    let (once, template) = (key.once(&who, &body), template_of(&body)?);
    let claimed = claimed(&who, template, &mint, clock.now())?;
    let outcome = serde_json::to_string(&claimed).map_err(|error| internal(&error))?;
    let mut ask = lua.script.key(format!("stock:{template}"));
    let ask = ask.key(format!("claimed:{template}")).key(format!("once:{}:{}", once.principal, once.key)).key("events");
    let ask = ask.arg(who.customer.to_string()).arg(outcome);
    let answer: String =
        ask.invoke_async(&mut lua.connection.clone()).await.map_err(|error: redis::RedisError| internal(&error))?;
    let claimed: Claimed = serde_json::from_str(&answer).map_err(|error| internal(&error))?;
    Ok(Created(claimed.into()))
}

fn internal(error: &dyn std::fmt::Display) -> Problem {
    eprintln!("huike-bench: {error}");
    Problem::internal()
}
