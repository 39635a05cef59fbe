# shellcheck shell=bash
# Load from wrk, one line of figures for each run, and what they come to.

# run_wrk SCRIPT CONNECTIONS SECONDS URL: prints what the script reports.
run_wrk() {
    local said
    said=$(wrk --threads 1 --connections "$2" --duration "${3}s" --timeout 5s --script "$BENCH_LUA/$1.lua" "$4") ||
        die "wrk failed"
    grep '^RESULT ' <<<"$said" || die "wrk said nothing of use: $said"
}

# load SCRIPT CONNECTIONS SECONDS: loads the server at `base`, and sets what the script reports: well refused broken rps
# all_rps p50 p99 claims redemptions.
load() {
    local result
    result=$(run_wrk "$1" "$2" "$3" "$base")
    # shellcheck disable=SC2034 # Read by the benches.
    read -r _ well refused broken rps all_rps p50 p99 claims redemptions <<<"$result"
}

# Shows the server every credential, so that it knows them all from memory.
warm_up() {
    local known=0
    while ((known < $(wc -l <"$BENCH_DATA/customers.txt"))); do
        load warm 64 1
        known=$((known + refused))
        ((refused > 0)) || die "nobody is let in"
    done
}

# check_run CHECK-ARGUMENT…: fails unless what is stored is what was answered, and all books agree.
check_run() {
    bench_tool check "$@" || die "$bench_name $variant: what is stored is not what was answered"
    (ours huike verify) >"$bench_folder/verify" 2>&1 || {
        cat "$bench_folder/verify"
        die "$bench_name $variant: the books do not agree"
    }
}

# none_refused: fails unless every request was answered well. What `plain` puts off (503) because so many wait for one row
# longer than anybody is let wait is told of; it is not counted as answered.
none_refused() {
    ((refused == 0 && broken == 0)) && return
    local all=$((well + refused + broken))
    if [[ $variant == plain ]] && ((broken == 0)) && ! grep -q 'ERROR' "$bench_folder"/server-*.log; then
        say "$bench_name plain: $refused of $all were put off"
        return
    fi
    tail -n 40 "$bench_folder"/server-*.log >&2
    die "$bench_name $variant: $refused refused and $broken broken of $all"
}

# note VARIANT DATABASE CONNECTIONS RPS P50 P99: keeps and prints one row.
note() {
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$bench_folder/rows"
    if [[ $json == yes ]]; then
        printf '{"name":"%s","variant":"%s","database":"%s","connections":%s,"rps":%s,"p50_ms":%s,"p99_ms":%s}\n' \
            "$bench_name" "$@" >&3
    else
        printf '%-8s %-16s %-9s %4s connections %10s /s   p50 %8s ms   p99 %8s ms\n' "$bench_name" "$@" >&3
    fi
}

# compare: what our path comes to, against the other variants at as many connections. A bench with several paths of ours has
# its own name for each that is not called `ours`.
compare() {
    local way database connections rps against ratio name
    awk -F '\t' '$1 ~ /^(ours|matching_.*)$/ { print $1, $2, $3, $4 }' "$bench_folder/rows" |
        while read -r way database connections rps; do
            awk -F '\t' -v way="$way" -v database="$database" -v connections="$connections" -v rps="$rps" \
                '$1 ~ /^(plain|no_database|constant|redis_.*|answering|failing)$/ && ($2 == database || $2 == "none") && $3 == connections && $4 > 0 \
                { printf "%s %s %s %s %.2f\n", way, database, $1, connections, rps / $4 }' "$bench_folder/rows"
        done | while read -r way database against connections ratio; do
        name=$bench_name
        [[ $way == ours ]] || name+=" $way"
        if [[ $json == yes ]]; then
            printf '{"name":"%s","database":"%s","against":"%s","connections":%s,"ratio":%s}\n' \
                "$name" "$database" "$against" "$connections" "$ratio" >&3
        else
            printf '%-8s on %-9s %4s connections: %6s × %s\n' "$name" "$database" "$connections" "$ratio" "$against" >&3
        fi
    done
}
