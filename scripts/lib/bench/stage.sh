# shellcheck shell=bash
# What a bench stands on: a folder, databases that are filled once and copied for each run, and the servers of a run.

# 32 bytes in base64, of no worth: the databases are gone when the script ends.
readonly BENCH_MASTER_KEY="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
readonly BENCH_START_SECONDS_MAX=60

bench_folder=""
bench_servers=()

# set_stage: builds what is measured, and makes the folder that everything happens in.
set_stage() {
    have wrk || install_package wrk || die "wrk is not installed, and apt-get could not install it."
    if [[ $build == yes ]]; then
        say "building for release"
        cargo build --locked --quiet --release -p huike-server -p huike-bench --bins
    fi
    bench_bin=$(realpath "${CARGO_TARGET_DIR:-target}")/release
    bench_folder=$(mktemp -d "${TMPDIR:-/tmp}/huike-bench.XXXXXX")
    chmod 755 "$bench_folder"
    export BENCH_LUA="$PWD/scripts/lib/bench" BENCH_DATA="$bench_folder"
    trap leave_stage EXIT
}

# Nothing is left behind, however the script ends.
leave_stage() {
    stop_servers
    [[ -z $postgres_folder ]] || stop_postgres
    [[ -z $bench_folder ]] || rm -rf -- "$bench_folder"
}

# A PostgreSQL of the bench's own, as it comes: with fsync and the durability of its defaults.
set_postgres() {
    [[ -z $postgres_folder ]] || return 0
    postgres_haste=()
    find_postgres || install_postgres
    find_postgres || die "PostgreSQL's initdb was not found."
    start_postgres
    trap leave_stage EXIT
}

# ours PROGRAM ARGUMENT…: becomes one of our programs, on `database_url`, with nothing of the developer's own settings.
# For subshells only. BENCH_ENV adds settings.
ours() {
    local program=$1
    shift
    cd "$bench_folder" || exit
    exec env -i PATH="$PATH" HOME="$bench_folder" HUIKE_PROFILE=dev HUIKE_DATABASE_URL="$database_url" \
        HUIKE_MASTER_KEY="$BENCH_MASTER_KEY" HUIKE_LOG=warn "${BENCH_ENV[@]}" "$bench_bin/$program" "$@"
}
BENCH_ENV=()

# bench_tool ARGUMENT…: huike-bench on the database of the run.
bench_tool() {
    (ours huike-bench --database-url "$database_url" "$@")
}

run_psql() {
    "$(postgres_client)" --quiet --no-psqlrc --dbname "$HUIKE_TEST_POSTGRES_URL" --command "$1"
}

# fill DATABASE SEED-ARGUMENT…: fills a database that `fresh_database` copies from then on; sets `filled_url`.
fill() {
    local database=$1
    shift
    case $database in
    sqlite) database_url="sqlite://$bench_folder/filled.db" ;;
    postgres)
        set_postgres
        run_psql "DROP DATABASE IF EXISTS filled" 2>/dev/null
        run_psql "CREATE DATABASE filled"
        database_url="${HUIKE_TEST_POSTGRES_URL%/*}/filled"
        ;;
    esac
    [[ $database != sqlite ]] || rm -f "$bench_folder"/filled.db*
    bench_tool seed --out "$bench_folder" "$@"
    filled_url=$database_url
    [[ $database != postgres ]] || "$(postgres_client)" --quiet --dbname "$filled_url" --command "ANALYZE"
}

# fresh_database: sets `database_url` to a copy of the filled one.
fresh_database() {
    case $filled_url in
    sqlite://*)
        rm -f "$bench_folder"/run.db*
        cp "$bench_folder/filled.db" "$bench_folder/run.db"
        [[ ! -e $bench_folder/filled.db-wal ]] || cp "$bench_folder/filled.db-wal" "$bench_folder/run.db-wal"
        database_url="sqlite://$bench_folder/run.db"
        ;;
    postgres://*)
        run_psql "DROP DATABASE IF EXISTS run WITH (FORCE)" 2>/dev/null
        run_psql "CREATE DATABASE run TEMPLATE filled"
        run_psql "CHECKPOINT"
        database_url="${HUIKE_TEST_POSTGRES_URL%/*}/run"
        ;;
    esac
    sync
}

# serve PROGRAM ARGUMENT…: starts a server and sets `base` to where it says it listens.
serve() {
    local number=${#bench_servers[@]} out
    out="$bench_folder/server-$number"
    # What an earlier server said must not be taken for what this one says.
    : >"$out.out"
    (ours "$@") >"$out.out" 2>"$out.log" &
    bench_servers+=($!)
    for ((waited = 0; waited < BENCH_START_SECONDS_MAX * 20; waited++)); do
        base=$(sed -n 's/^listening on //p' "$out.out")
        [[ -z $base ]] || return 0
        kill -0 "${bench_servers[-1]}" 2>/dev/null || break
        sleep 0.05
    done
    cat "$out.log" >&2
    die "a server does not start"
}

# Lets every server finish what it has begun.
stop_servers() {
    local server
    for server in "${bench_servers[@]}"; do
        kill -TERM "$server" 2>/dev/null || true
    done
    for server in "${bench_servers[@]}"; do
        wait "$server" 2>/dev/null || true
    done
    bench_servers=()
}

# serve_redis FSYNC: a Redis that appends to its file and flushes it `everysec` or `always`; sets `redis_url`.
serve_redis() {
    local folder="$bench_folder/redis"
    rm -rf -- "$folder"
    mkdir -p "$folder"
    redis-server --port 0 --unixsocket "$folder/socket" --dir "$folder" --save '' --appendonly yes \
        --appendfsync "$1" >"$folder/log" 2>&1 &
    bench_servers+=($!)
    redis_url="redis+unix://$folder/socket"
    for ((waited = 0; waited < 100; waited++)); do
        [[ ! -S $folder/socket ]] || return 0
        sleep 0.05
    done
    cat "$folder/log" >&2
    die "Redis does not start"
}
