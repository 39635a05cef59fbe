# shellcheck shell=bash
# Named parts of a script: each is timed, a failed one is remembered, and a table at the end shows them all.

parts_failed=0
parts_table=""

# part NAME COMMAND…: runs the command in a subshell that stops at its first error. It always returns 0: what follows
# may still be worth running; ask `parts_ok`. (Never call it in a condition: bash would then ignore errors inside.)
part() {
    local name=$1 started=$SECONDS status=0 result=ok
    shift
    printf '\n==== %s\n' "$name"
    set +e
    (
        set -e
        "$@"
    )
    status=$?
    set -e
    if ((status == SKIPPED)); then
        result="SKIPPED"
    elif ((status != 0)); then
        result="FAILED"
        parts_failed=$((parts_failed + 1))
        printf '==== %s FAILED\n' "$name" >&2
    fi
    parts_table+=$(printf '%-28s %4d min %02d s   %s' "$name" $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)) "$result")$'\n'
}

# Whether no part has failed so far.
parts_ok() {
    ((parts_failed == 0))
}

# Prints how long each part took and how it ended.
print_parts() {
    [[ -n $parts_table ]] || return 0
    printf '\nTime by part\n%s' "$parts_table"
    printf '%-28s %4d min %02d s\n' "in all" $((SECONDS / 60)) $((SECONDS % 60))
}
