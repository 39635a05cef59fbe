# shellcheck shell=bash
# Words to the person in front of the terminal.

# What `skip` exits with; `part` shows it as skipped, not as failed.
readonly SKIPPED=77

# Prints one line of progress.
say() {
    printf '%s\n' "$*"
}

# Prints why nothing more can be done, and ends.
die() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

# Ends a part that cannot be done here. Loud, so that nobody takes it for done.
skip() {
    printf '\n!!!! SKIPPED: %s\n\n' "$*" >&2
    exit "$SKIPPED"
}

# Whether a command is installed.
have() {
    command -v "$1" >/dev/null 2>&1
}

# Prints the comment at the head of a script: its help.
help_of() {
    sed -n '2,/^[^#]/ { /^#/ s/^# \{0,1\}//p }' "$1"
}
