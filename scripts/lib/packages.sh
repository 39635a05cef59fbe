# shellcheck shell=bash
# Packages of the system.

# install_package NAME: through apt-get, as root or through sudo.
install_package() {
    local as_root=()
    if ((EUID != 0)); then
        have sudo || die "$1 is not installed, and installing it takes root or sudo."
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update --quiet --quiet || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$1"
}
