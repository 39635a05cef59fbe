//! Starting, serving and stopping.

mod house;
mod leave;
mod lock;
mod parts;
mod unread;

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::atomic::Ordering,
};

use actix_cors::Cors;
use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    http::{Method, header},
    middleware::{Compress, Condition, from_fn},
    rt::signal,
    web::{self, Data, ServiceConfig},
};

pub use house::{FirstPassword, House};
pub(crate) use house::{one_time_password, system_caller};
pub use lock::{DatabaseLock, LockError};

use crate::{
    api,
    http::health::Stopping,
    jobs::JobRunner,
    keys::{KeyError, MasterKeyError},
    routes,
    settings::{Profile, Settings},
    telemetry::{metrics, request::observe},
    webhooks::{TrustError, WebhookRunner},
};

/// Requests a worker may have waiting for a blocking thread: passwords alone use those.
const BLOCKING_THREADS: usize = 8;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process has the database.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The schema.
    #[error(transparent)]
    Migration(#[from] huike_persistence::migrations::MigrationError),
    /// The database.
    #[error(transparent)]
    Store(#[from] huike_persistence::StoreError),
    /// The master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The public holidays that came with this version.
    #[error("holidays: {0}")]
    Calendar(#[from] huike_coupons::calendar::CalendarError),
    /// The first start.
    #[error("first start: {0}")]
    FirstStart(#[from] huike_usecases::UseCaseError),
    /// The brand's name is no name.
    #[error("brand {0:?} is not valid")]
    Brand(String),
    /// The owner's first password is not good enough.
    #[error("HUIKE_OWNER_PASSWORD: {0}")]
    OwnerPassword(huike_access::AccessError),
    /// The password hasher.
    #[error("password hashing: {0}")]
    Passwords(argon2::password_hash::Error),
    /// Whom webhooks believe.
    #[error("webhook_ca_file: {0}")]
    Trust(#[from] TrustError),
    /// The port.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    /// A folder or file.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A server that listens, not yet awaited.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Await it to serve; it ends when it is told to stop.
    pub server: Server,
    /// Tells it to stop.
    pub handle: ServerHandle,
    /// Does time-driven work until it is dropped.
    pub jobs: JobRunner,
    /// Sends webhooks until it is dropped.
    pub webhooks: WebhookRunner,
}

/// Opens the house and serves until a signal says stop.
pub fn run(settings: Settings) -> Result<(), StartError> {
    let house = House::open(settings)?;
    if let Some(first) = &house.first_password {
        announce(first);
    }
    actix_web::rt::System::new().block_on(async move {
        let listen = house.settings.listen;
        let running = serve(&house)?;
        // Standard output: a script that starts the server waits for this line.
        tell(format_args!("listening on http://{}", running.address));
        tracing::info!(database = %house.settings.database_url, "Huike serves {}", house.settings.public_url);
        actix_web::rt::spawn(metrics::keep_up());
        stop_when_told(&running.handle, &house.stopping);
        running.server.await.map_err(|error| StartError::Listen(listen, error))?;
        leave::within(leave::LEAVE_MAX);
        tracing::info!("stopped; everything answered is stored");
        Ok(())
    })
}

/// On SIGTERM or Ctrl-C: says to balancers that it is going, finishes what is in flight, and stops.
fn stop_when_told(handle: &ServerHandle, stopping: &Data<Stopping>) {
    let stop = |handle: ServerHandle, stopping: Data<Stopping>| async move {
        stopping.0.store(true, Ordering::Relaxed);
        handle.stop(true).await;
    };
    let interrupted = stop(handle.clone(), stopping.clone());
    actix_web::rt::spawn(async move {
        if signal::ctrl_c().await.is_ok() {
            interrupted.await;
        }
    });
    #[cfg(unix)]
    let terminated = stop(handle.clone(), stopping.clone());
    #[cfg(unix)]
    actix_web::rt::spawn(async move {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
                terminated.await;
            }
            Err(error) => tracing::error!(%error, "SIGTERM cannot be received: {error}"),
        }
    });
}

fn announce(first: &FirstPassword) {
    let (login, password) = (first.login.as_str(), &first.password);
    tell(format_args!("The owner signs in as {login:?} with the one-time password {password}"));
    tell(format_args!("It is shown this once; the first sign-in changes it."));
}

/// Prints a line. A server whose standard output nobody reads any more goes on serving.
fn tell(line: std::fmt::Arguments<'_>) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        tracing::debug!(%error, "standard output is closed");
    }
}

/// Begins to serve. Within an actix system.
pub fn serve(house: &House) -> Result<Running, StartError> {
    serve_routes(house, routes::register)
}

/// [`serve`] with other routes; `register` is told whether the clock is set by hand.
pub fn serve_routes(
    house: &House,
    register: impl Fn(&mut ServiceConfig, bool) + Clone + Send + 'static,
) -> Result<Running, StartError> {
    metrics::init();
    let (parts, settings) = (house.parts(), house.settings.clone());
    let manual_clock = house.manual_clock.clone().map(Data::from);
    let (listen, is_dev) = (settings.listen, settings.profile == Profile::Dev);
    let workers = settings.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    let shutdown_seconds = settings.shutdown_wait.as_secs();
    let factory = move || {
        let cors = Condition::new(!settings.cors_origins.is_empty(), cors(&settings));
        let (manual_clock, register) = (manual_clock.clone(), register.clone());
        App::new()
            .configure(|config| parts.install(config))
            .configure(move |config| {
                if let Some(clock) = &manual_clock {
                    config.app_data(clock.clone());
                }
                // Before all others: what comes last answers whatever is left.
                if is_dev {
                    crate::http::cashier::register(config);
                }
                register(config, manual_clock.is_some());
            })
            .default_service(web::to(api::unknown_path))
            .wrap(Compress::default())
            .wrap(cors)
            .wrap(from_fn(observe))
            .wrap(from_fn(unread::hold_the_rest))
    };
    let server = HttpServer::new(factory)
        .workers(workers)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .shutdown_timeout(shutdown_seconds)
        .disable_signals()
        .bind(listen)
        .map_err(|error| StartError::Listen(listen, error))?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    let server = server.run();
    let handle = server.handle();
    let jobs = JobRunner::start(house.work())?;
    let webhooks = WebhookRunner::start(house.post())?;
    Ok(Running { address, server, handle, jobs, webhooks })
}

/// Pages of other origins may call only where the settings name them.
fn cors(settings: &Settings) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT_LANGUAGE])
        .allowed_headers(["idempotency-key", "huike-site", "huike-device", "x-csrf-token", "x-request-id"])
        .expose_headers(["x-request-id", "retry-after"])
        .max_age(600);
    settings.cors_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
