#!/usr/bin/env bash
# Runs altclip-embed.sbatch on a SLURM of this one machine: 16 shards over the emoji pictures. Meanwhile it requeues a task, cancels one,
# which is submitted again, and kills a worker with -9. In the end nothing may be lost or be there twice, and the embeddings are to be those of
# one run in one piece.
#
#   deploy/slurm/test.sh COMMAND…        # how altclip is run, as `dotnet AltClip.Cli.dll`
set -euo pipefail
# One thread, as each task has: how many share a product changes the last bits of its sums (by 5e-8), and nothing else does.
export ALTCLIP="$*" CPUS=2 OMP_NUM_THREADS=1
here=$(cd "$(dirname "$0")" && pwd)
pictures=$here/../../tests/data/emoji
# shellcheck source=test-common.sh
. "$here/test-common.sh"

# The numbers of the array's tasks that are in a state.
tasks() { squeue --noheader --array --states="$1" --format=%K; }

finished() { find "$work/sharded" -name "$1" 2> /dev/null | wc -l; }
has_finished() { [ "$(finished "$1")" -ge "$2" ]; }
is_running() { tasks RUNNING | grep -q .; }

# 40 times each picture, and one that is none.
mkdir "$work/pictures"
cp "$pictures"/*.png "$work/pictures"
echo "no picture" > "$work/pictures/broken.png"
for _ in $(seq 40); do (cd "$work/pictures" && ls ./*.png); done > "$work/pictures/list.txt"
options=("$work/pictures/list.txt" --format jsonl --part-size 4)

start_slurm
submit() { sbatch --parsable --cpus-per-task=1 --mem=0 "$@" "$here/altclip-embed.sbatch" "${options[@]}" --output "$work/sharded"; }
job=$(submit --array=0-15)
until_true "two parts are finished" has_finished part.json 2

until_true "a task runs" is_running
requeued=$(tasks RUNNING | head -n 1)
scontrol requeue "${job}_$requeued"
echo "requeued task $requeued"

cancelled=$(tasks PENDING | sort -n | tail -n 1)
scancel "${job}_$cancelled"
echo "cancelled task $cancelled"

# A worker in the middle of its shard: it has finished parts, but is not complete.
victim=
find_victim() {
    local task shard
    for task in $(tasks RUNNING); do
        shard=$(printf '%s/sharded/shard-%05d-of-00016' "$work" "$task")
        [ -n "$(find "$shard" -name part.json 2> /dev/null)" ] && [ ! -e "$shard/complete.json" ] || continue
        victim=$(pgrep -f -- "embed $work/pictures" | while read -r pid; do
            grep -qz "^SLURM_ARRAY_TASK_ID=$task$" "/proc/$pid/environ" 2> /dev/null && [ "$(cat "/proc/$pid/comm")" != bash ] && echo "$pid"
        done | head -n 1)
        [ -n "$victim" ] && kill -9 "$victim" 2> /dev/null && killed=$task && return
    done
    return 1
}
killed=
until_true "a worker is in the middle of its shard" find_victim
echo "killed the worker of task $killed with -9"

ALTCLIP_SHARDS=16 submit --array="$cancelled" > /dev/null
until_true "all tasks have ended" is_idle
has_finished complete.json 16 || fail "only $(finished complete.json) of 16 shards are complete"
grep -q "is requeued" "altclip-embed-${job}_$killed.log" || fail "the killed worker's task was not requeued"

[ -z "$(find sharded/shard-* -name '*.unfinished-*')" ] || fail "a killed worker's unfinished part is still there"

# Run again, a worker leaves its shard as it is.
before=$(find sharded -type f -newer slurm/slurm.conf -printf '%p %T@\n' | sort | sha256sum)
# shellcheck disable=SC2086
$ALTCLIP embed "${options[@]}" --output sharded --shard 3/16 --accept-failures
[ "$before" = "$(find sharded -type f -newer slurm/slurm.conf -printf '%p %T@\n' | sort | sha256sum)" ] || fail "a complete shard was written again"

code=0
# shellcheck disable=SC2086
$ALTCLIP embed verify sharded || code=$?
[ "$code" -eq 3 ] || fail "verify ended with $code; expected 3: whole, and the broken pictures failed"
# shellcheck disable=SC2086
$ALTCLIP embed "${options[@]}" --output whole --accept-failures
rows() { find "$1" -name "$2" -exec cat {} + | sort; }
[ "$(rows whole embeddings.jsonl | wc -l)" -eq 320 ] || fail "one run gave another number of embeddings than 320"
[ "$(rows whole errors.jsonl | wc -l)" -eq 40 ] || fail "one run gave another number of failures than 40"
cmp <(rows whole embeddings.jsonl) <(rows sharded embeddings.jsonl) || fail "the embeddings are others than those of one run"
cmp <(rows whole errors.jsonl) <(rows sharded errors.jsonl) || fail "the failures are others than those of one run"
echo "16 shards in $SECONDS seconds: 320 embeddings and 40 failures, each once, as in one run"
