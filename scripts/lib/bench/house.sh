# shellcheck shell=bash
# Benches of the house itself: several servers, years of claims, and a server that has nothing to do.

# Two servers on one PostgreSQL, each with half of the customers: exact, and how they share.
bench_servers() {
    local number bases=() answered=0
    databases=(postgres)
    variant=two_servers
    fill postgres
    fresh_database
    for number in 0 1; do
        serve huike serve --listen 127.0.0.1:0
        warm_up
        bases+=("$base")
    done
    rush_on_both templates.txt "$seconds"
    check_run --templates templates.txt --answered "$answered" --unheard 64
    rush_on_both scarce.txt 2
    stop_servers
    check_run --templates scarce.txt --answered "$answered" --unheard 64 --sold-out
}

# rush_on_both TEMPLATES SECONDS: loads both at once; sets `answered`.
rush_on_both() {
    local number loads=() total=0
    for number in 0 1; do
        BENCH_PART=$number BENCH_PARTS=2 BENCH_RUN="$1-$number" BENCH_TEMPLATES=$1 \
            run_wrk claim 32 "$2" "${bases[$number]}" >"$bench_folder/load-$number" &
        loads+=($!)
    done
    wait "${loads[@]}"
    answered=0
    for number in 0 1; do
        read -r _ well refused broken rps all_rps p50 p99 _ _ <"$bench_folder/load-$number"
        [[ $1 == scarce.txt ]] || none_refused
        answered=$((answered + well))
        total=$(awk -v sum="$total" -v more="$rps" 'BEGIN { printf "%.1f", sum + more }')
        note "${1%.txt}_server_$((number + 1))" postgres 32 "$rps" "$p50" "$p99"
    done
    note "${1%.txt}_both" postgres 64 "$total" "$p50" "$p99"
}

# What a claim costs after a thousand, … a million earlier ones.
bench_growth() {
    local database earlier made
    for database in "${databases[@]}"; do
        fill "$database"
        made=0
        for ((earlier = 1000; earlier <= earlier_max; earlier *= 10)); do
            database_url=$filled_url
            bench_tool grow --claims $((earlier - made))
            made=$earlier
            [[ $database != postgres ]] || "$(postgres_client)" --quiet --dbname "$filled_url" --command "VACUUM ANALYZE"
            variant=after_$earlier
            fresh_database
            serve huike serve --listen 127.0.0.1:0
            warm_up
            BENCH_RUN=$variant BENCH_TEMPLATES=templates.txt load claim 64 "$seconds"
            stop_servers
            none_refused
            bench_tool check --templates templates.txt --answered "$well" --unheard 64 || die "$variant: see above"
            note "$variant" "$database" 64 "$rps" "$p50" "$p99"
        done
    done
}

# A start on a database that is there, and what an idle server holds: milliseconds, and MiB.
bench_idle() {
    local database started ready
    for database in "${databases[@]}"; do
        fill "$database" --redeemable 20000
        fresh_database
        started=$(date +%s%N)
        serve huike serve --listen 127.0.0.1:0
        ready=$(date +%s%N)
        sleep 5
        note_idle "$database" $(((ready - started) / 1000000)) \
            "$(awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/${bench_servers[-1]}/status")"
        stop_servers
    done
    say "the program: $(stat --format %s "$bench_bin/huike") bytes"
}

# note_idle DATABASE START-MS RSS-MIB
note_idle() {
    if [[ $json == yes ]]; then
        printf '{"name":"idle","database":"%s","start_ms":%s,"rss_mib":%s,"program_bytes":%s}\n' "$@" \
            "$(stat --format %s "$bench_bin/huike")" >&3
    else
        printf 'idle     on %-9s starts in %s ms, holds %s MiB\n' "$@" >&3
    fi
}
