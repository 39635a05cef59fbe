# shellcheck shell=bash
# A private PostgreSQL server for tests and benches: in a temporary folder, on a free port of 127.0.0.1, gone when the script ends.

postgres_folder=""
postgres_bin=""

# provide_postgres: sets HUIKE_TEST_POSTGRES_URL. A server that the caller names in it already is used as it is.
provide_postgres() {
    if [[ -n ${HUIKE_TEST_POSTGRES_URL:-} ]]; then
        say "PostgreSQL: the server that HUIKE_TEST_POSTGRES_URL names"
        return
    fi
    find_postgres || install_postgres
    find_postgres || die "PostgreSQL's initdb was not found. $postgres_advice"
    start_postgres
}

readonly postgres_advice="Install PostgreSQL 15 or newer (on Debian: apt-get install postgresql), or name a server of your own: HUIKE_TEST_POSTGRES_URL=postgres://SUPERUSER@HOST/postgres"

# Looks for the server's programs in the PATH and where Debian puts them; the newest version wins.
find_postgres() {
    local folder
    if have initdb && have pg_ctl; then
        postgres_bin=$(dirname "$(command -v initdb)")
        return 0
    fi
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse); do
        if [[ -x $folder/initdb && -x $folder/pg_ctl ]]; then
            postgres_bin=$folder
            return 0
        fi
    done
    return 1
}

# Prints the path of psql.
postgres_client() {
    [[ -n $postgres_bin ]] || find_postgres || true
    if [[ -x $postgres_bin/psql ]]; then
        printf '%s\n' "$postgres_bin/psql"
    else
        command -v psql || die "psql was not found. $postgres_advice"
    fi
}

install_postgres() {
    have apt-get || die "PostgreSQL is not installed, and there is no apt-get. $postgres_advice"
    say "PostgreSQL is not installed: installing it through apt-get"
    install_package postgresql || die "apt-get could not install PostgreSQL. $postgres_advice"
}

# PostgreSQL refuses to run as root, so there it runs as an ordinary user.
as_postgres() {
    if ((EUID == 0)); then
        (cd / && runuser -u "$(postgres_user)" -- "$@")
    else
        "$@"
    fi
}

postgres_user() {
    if id postgres >/dev/null 2>&1; then
        say postgres
    else
        id huike-test >/dev/null 2>&1 || useradd --system --shell /usr/sbin/nologin huike-test
        say huike-test
    fi
}

start_postgres() {
    local port
    trap stop_postgres EXIT
    postgres_folder=$(mktemp -d "${TMPDIR:-/tmp}/huike-postgres.XXXXXX")
    if ((EUID == 0)); then
        chown "$(postgres_user)" "$postgres_folder"
    fi
    # Anybody on this machine may connect while the tests run; there is nothing of worth inside.
    as_postgres "$postgres_bin/initdb" --pgdata="$postgres_folder/data" --username=huike --auth=trust \
        --locale=C --encoding=UTF8 --no-sync >"$postgres_folder/initdb.log" ||
        die "initdb failed, see above"
    for _ in {1..10}; do
        port=$((20000 + RANDOM % 30000))
        if try_port "$port"; then
            export HUIKE_TEST_POSTGRES_URL="postgres://huike@127.0.0.1:$port/postgres"
            say "PostgreSQL: $("$postgres_bin/postgres" --version), private, on 127.0.0.1:$port"
            return
        fi
    done
    cat "$postgres_folder/data/server.log" >&2
    die "PostgreSQL would not start"
}

# A server that loses its data in a power cut is all right for tests, and much faster; scripts/bench empties this.
postgres_haste=(-c fsync=off -c full_page_writes=off -c autovacuum=off)

# Each test keeps a pool of its own, so the server allows many connections.
try_port() {
    as_postgres "$postgres_bin/pg_ctl" start --wait --silent --pgdata="$postgres_folder/data" \
        --log="$postgres_folder/data/server.log" --options="\
            -c listen_addresses=127.0.0.1 -c port=$1 -c unix_socket_directories='' -c max_connections=300 \
            ${postgres_haste[*]}" >/dev/null 2>&1
}

stop_postgres() {
    if [[ -f $postgres_folder/data/postmaster.pid ]]; then
        as_postgres "$postgres_bin/pg_ctl" stop --wait --silent --mode=immediate --pgdata="$postgres_folder/data" || true
    fi
    rm -rf -- "$postgres_folder"
}
