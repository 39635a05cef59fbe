# shellcheck shell=bash
# libfaketime: fault tests set the clock of the machine back with it, for one server. Needs packages.sh and say.sh.

has_faketime() {
    compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null
}

# Installs it through apt-get where it is missing. Without it one test is skipped, and says so.
provide_faketime() {
    has_faketime && return
    if have apt-get; then
        say "libfaketime is not installed: installing it through apt-get"
        (install_package libfaketime) && has_faketime && return
    fi
    say "libfaketime is not there: the test that sets the machine's clock back will be skipped"
}
