#!/usr/bin/env bash
# A SLURM cluster of this one machine, without systemd and without touching the machine's own settings, for tests and for trying things out.
# As root, with Debian's slurmctld, slurmd, slurm-client and munge:
#
#   deploy/slurm/one-machine.sh start FOLDER     # then: export SLURM_CONF=FOLDER/slurm.conf
#   deploy/slurm/one-machine.sh stop FOLDER
#
# FOLDER gets the configuration, the logs and the state; the user munge must be able to enter it. CPUS says how many processors there are to
# give away (default: all).
set -euo pipefail

fail() {
    echo "one-machine.sh: $1" >&2
    exit 1
}

start() {
    local folder=$1 host ports
    for program in munged slurmctld slurmd sbatch; do
        command -v "$program" > /dev/null || fail "$program is missing: apt-get install slurmctld slurmd slurm-client munge"
    done
    [ "$(id -u)" -eq 0 ] || fail "only root can start it"
    host=$(hostname -s)
    ports=$((20000 + $$ % 10000 * 2))
    mkdir -p "$folder"/{state,spool}
    install -d -o munge -g munge -m 0755 "$folder/munge"
    head -c 1024 /dev/urandom > "$folder/munge/key"
    chown munge:munge "$folder/munge/key"
    chmod 0400 "$folder/munge/key"
    cat > "$folder/slurm.conf" <<END
ClusterName=one-machine
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$ports
SlurmdPort=$((ports + 1))
SlurmUser=root
AuthType=auth/munge
# A requeued job waits until its old credential has expired.
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobRequeue=1
KillWait=5
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=${CPUS:-$(nproc)} State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
    export SLURM_CONF=$folder/slurm.conf
    runuser -u munge -- munged --foreground --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
        --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" > "$folder/munged.out" 2>&1 &
    wait_for "munged" test -S "$folder/munge/socket"
    slurmctld -D > "$folder/slurmctld.out" 2>&1 &
    wait_for "slurmctld" scontrol ping
    slurmd -D -N "$host" > "$folder/slurmd.out" 2>&1 &
    wait_for "slurmd" sh -c 'sinfo --noheader --format=%T | grep -q idle'
}

wait_for() {
    local what=$1
    shift
    for _ in $(seq 100); do
        "$@" > /dev/null 2>&1 && return
        sleep 0.2
    done
    tail -n 20 "$folder"/*.out "$folder"/*.log >&2 || true
    fail "$what did not start within 20 seconds"
}

stop() {
    local folder=$1 pid
    export SLURM_CONF=$folder/slurm.conf
    [ -f "$SLURM_CONF" ] || return 0
    scancel --full --user=root > /dev/null 2>&1 || true
    scancel --signal=KILL --full --user=root > /dev/null 2>&1 || true
    for file in "$folder"/slurmd.pid "$folder"/slurmctld.pid "$folder"/munge/pid; do
        [ -s "$file" ] || continue
        pid=$(cat "$file")
        kill "$pid" 2> /dev/null || continue
        for _ in $(seq 50); do
            kill -0 "$pid" 2> /dev/null || break
            sleep 0.1
        done
        kill -9 "$pid" 2> /dev/null || true
    done
}

[ $# -eq 2 ] || fail "expected: start FOLDER or stop FOLDER"
case $1 in
    start | stop) "$1" "$(realpath -m "$2")" ;;
    *) fail "expected start or stop, found $1" ;;
esac
