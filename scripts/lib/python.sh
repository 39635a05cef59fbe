# shellcheck shell=bash
# Python, for tools that are not part of Huike: in a virtual environment of their own, below the build's folder.

# provide_python FOLDER REQUIREMENTS: makes the environment unless it is there, and installs what the file pins.
provide_python() {
    local folder=$1 requirements=$2
    if cmp --silent "$requirements" "$folder/installed.txt"; then
        return
    fi
    rm -rf -- "$folder"
    can_make_environments || install_python
    can_make_environments || die "python3 cannot make virtual environments. $python_advice"
    say "installing $(grep --count == "$requirements") Python packages into $folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$requirements" ||
        die "pip could not install what $requirements names"
    cp "$requirements" "$folder/installed.txt"
}

readonly python_advice="Install Python 3.11 or newer with venv (on Debian: apt-get install python3-venv)."

# Debian's python3 comes without the module that puts pip into an environment.
can_make_environments() {
    have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null
}

install_python() {
    have apt-get || die "Python's venv is not installed, and there is no apt-get. $python_advice"
    say "Python's venv is not installed: installing it through apt-get"
    install_package python3-venv || die "apt-get could not install Python. $python_advice"
}
