# shellcheck shell=bash
# The benches themselves: one function each, on the databases, connections and seconds that scripts/bench was asked for.

# Everybody claims one template. Against the same handlers with a transaction for each claim; the same credential, key
# and JSON without any database; and a Lua script in Redis behind the same framework.
bench_claim() {
    local database
    for database in "${databases[@]}"; do
        fill "$database"
        run_claims ours "$database" HUIKE_GATHER_CLAIMS=true
        run_claims plain "$database" HUIKE_GATHER_CLAIMS=false
        run_sold_out "$database"
    done
    fill sqlite
    run_stand_in no_database --kind nothing
    if have redis-server || install_package redis-server; then
        run_stand_in redis_everysec --kind redis
        run_stand_in redis_always --kind redis
    else
        say "Redis is not installed: left out"
    fi
    compare
}

# run_claims VARIANT DATABASE SETTING…
run_claims() {
    local connections database=$2
    variant=$1
    BENCH_ENV=("${@:3}")
    for connections in "${connection_counts[@]}"; do
        fresh_database
        serve huike serve --listen 127.0.0.1:0
        warm_up
        BENCH_RUN=$variant BENCH_TEMPLATES=templates.txt load claim "$connections" "$seconds"
        stop_servers
        none_refused
        check_run --templates templates.txt --answered "$well" --unheard "$connections"
        note "$variant" "$database" "$connections" "$rps" "$p50" "$p99"
    done
    BENCH_ENV=()
}

# Ten times as many as there are coupons, and on after the last one is gone: exactly so many get one.
run_sold_out() {
    variant=sold_out
    fresh_database
    serve huike serve --listen 127.0.0.1:0
    warm_up
    BENCH_RUN=$variant BENCH_TEMPLATES=scarce.txt load claim 64 "$seconds"
    stop_servers
    ((broken == 0)) || die "sold_out: $broken requests broke"
    check_run --templates scarce.txt --answered "$well" --unheard 64 --sold-out
    note "$variant" "$1" 64 "$all_rps" "$p50" "$p99"
}

# run_stand_in VARIANT STAND-IN-ARGUMENT…
run_stand_in() {
    local connections
    variant=$1
    for connections in "${connection_counts[@]}"; do
        fresh_database
        redis_url=redis://127.0.0.1/
        [[ $variant != redis_* ]] || serve_redis "${variant#redis_}"
        serve huike-bench --database-url "$database_url" stand-in "${@:2}" --redis "$redis_url"
        warm_up
        BENCH_RUN=$variant BENCH_TEMPLATES=templates.txt load claim "$connections" "$seconds"
        stop_servers
        none_refused
        note "$variant" none "$connections" "$rps" "$p50" "$p99"
    done
}

# A till has carts of ten lines priced, under a hundred automatic offers of which ten match, and of which half match.
# Against an endpoint behind the same framework and credential that parses the same cart and answers a constant.
bench_quotes() {
    local database matching
    for database in "${databases[@]}"; do
        for matching in 10 50; do
            fill "$database" --customers 1 --templates 1 --offers 100 --matching "$matching"
            variant=matching_$matching
            run_quotes "$database" huike serve --listen 127.0.0.1:0
        done
    done
    fill sqlite --customers 1 --templates 1
    variant=constant
    run_quotes none huike-bench --database-url "$filled_url" stand-in --kind nothing
    compare
}

# run_quotes DATABASE PROGRAM ARGUMENT…
run_quotes() {
    local connections
    for connections in "${connection_counts[@]}"; do
        fresh_database
        serve "${@:2}"
        load quotes 8 1
        BENCH_RUN=$variant load quotes "$connections" "$seconds"
        stop_servers
        none_refused
        note "$variant" "$1" "$connections" "$rps" "$p50" "$p99"
    done
}

# A clerk's till redeems codes. Plain on SQLite: a commit for each instead of one for a group; PostgreSQL has no groups.
bench_redeem() {
    local database
    for database in "${databases[@]}"; do
        fill "$database" --redeemable $((seconds * 6000))
        run_redemptions ours "$database" HUIKE_GATHER_CLAIMS=true
        [[ $database != sqlite ]] || run_redemptions plain "$database" HUIKE_GATHER_CLAIMS=false
    done
    compare
}

run_redemptions() {
    local connections database=$2
    variant=$1
    BENCH_ENV=("${@:3}")
    for connections in "${connection_counts[@]}"; do
        fresh_database
        serve huike serve --listen 127.0.0.1:0
        load warm 8 1
        BENCH_RUN=$variant load redeem "$connections" "$seconds"
        stop_servers
        none_refused
        check_run --redemptions --templates held.txt --answered "$well" --unheard "$connections"
        note "$variant" "$database" "$connections" "$rps" "$p50" "$p99"
    done
    BENCH_ENV=()
}

# An ordinary day: 70 % reads, 20 % looks at figures, 10 % writes.
bench_mixed() {
    local database connections
    variant=ours
    for database in "${databases[@]}"; do
        fill "$database" --redeemable $((seconds * 400))
        for connections in "${connection_counts[@]}"; do
            fresh_database
            serve huike serve --listen 127.0.0.1:0
            warm_up
            BENCH_RUN=$variant load mixed "$connections" "$seconds"
            stop_servers
            none_refused
            local heard=$((claims - connections))
            check_run --templates templates.txt --answered $((heard > 0 ? heard : 0)) --unheard "$connections"
            heard=$((redemptions - connections))
            check_run --redemptions --templates held.txt --answered $((heard > 0 ? heard : 0)) --unheard "$connections"
            note "$variant" "$database" "$connections" "$rps" "$p50" "$p99"
        done
    done
}

# Claims while events go out to receivers that answer, and while they are to go to eight that never answer and eight that
# are not there; against claims of which nobody is told.
bench_receivers() {
    local database
    for database in "${databases[@]}"; do
        fill "$database"
        run_with_receivers ours "$database"
        run_with_receivers answering "$database" --answering 16
        run_with_receivers failing "$database" --silent 8 --dead 8
    done
    compare
}

# run_with_receivers VARIANT DATABASE RECEIVERS-ARGUMENT…
run_with_receivers() {
    local connections database=$2
    variant=$1
    for connections in "${connection_counts[@]}"; do
        fresh_database
        (($# == 2)) || serve huike-bench --database-url "$database_url" receivers "${@:3}"
        serve huike serve --listen 127.0.0.1:0
        warm_up
        BENCH_RUN=$variant BENCH_TEMPLATES=templates.txt load claim "$connections" "$seconds"
        stop_servers
        none_refused
        check_run --templates templates.txt --answered "$well" --unheard "$connections"
        note "$variant" "$database" "$connections" "$rps" "$p50" "$p99"
    done
}
