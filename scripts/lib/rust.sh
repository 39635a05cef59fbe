# shellcheck shell=bash
# Cargo, and what this workspace wants of it.

# Ends with advice unless the workspace can be built here: a Rust toolchain, and a C compiler for SQLite and libpq.
require_rust() {
    have cargo || die "cargo was not found. Install Rust (the version is in Cargo.toml, rust-version): https://rustup.rs"
    have cc || die "no C compiler was found (SQLite and libpq are built from source). On Debian: apt-get install build-essential"
}

# Names the domain crates, one a line: all crates but those that know the database.
domain_crates() {
    local folder name
    for folder in crates/*/; do
        name=$(basename "$folder")
        case $name in
        persistence | usecases) ;;
        *) printf 'huike-%s\n' "$name" ;;
        esac
    done
}

# Prints the path of the `huike` binary that the workspace's own build leaves behind.
huike_binary() {
    printf '%s/debug/huike\n' "${CARGO_TARGET_DIR:-target}"
}

# run_tests ARGUMENT…: runs tests (all but those in documentation) with nextest where it is installed. Both runners
# take `-p PACKAGE`, `--workspace` and a part of a test's name.
run_tests() {
    if have cargo-nextest; then
        cargo nextest run --locked "$@"
    else
        cargo test --locked --lib --bins --tests "$@"
    fi
}
