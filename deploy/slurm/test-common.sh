# What the tests on a SLURM of this one machine wait and clean up with. They set $here and $ALTCLIP and source this, which makes the folder
# $work, in which the cluster's own is $work/slurm.
# shellcheck shell=bash
[ -n "$ALTCLIP" ] || { echo "${0##*/}: expected the command that runs altclip" >&2; exit 1; }
work=$(mktemp -d)
chmod 755 "$work" # munged runs as another user
trap 'code=$?; [ $code -eq 0 ] || tail -n 20 "$work"/*.log >&2 || true; "$here/one-machine.sh" stop "$work/slurm"; rm -rf "$work"; exit $code' EXIT
deadline=$((SECONDS + 600))

fail() {
    echo "${0##*/}: $1" >&2
    exit 1
}

# Waits until a command succeeds.
until_true() {
    local what=$1
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || { squeue --all >&2 || true; fail "waited in vain until $what"; }
        sleep 0.1
    done
}

is_idle() { [ -z "$(squeue --noheader)" ]; }

# Starts the cluster, and goes to the folder.
start_slurm() {
    "$here/one-machine.sh" start "$work/slurm"
    export SLURM_CONF=$work/slurm/slurm.conf
    cd "$work" || fail "$work can't be entered"
}
