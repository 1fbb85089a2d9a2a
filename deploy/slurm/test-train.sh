#!/usr/bin/env bash
# Runs altclip-train.sbatch on a SLURM of this one machine: four processes train on the emoji pictures. One of them is killed with -9; the
# others must end within a minute, and the job go on from its checkpoint to the very weights of a run that nobody disturbed.
#
#   deploy/slurm/test-train.sh COMMAND…        # how altclip is run, as `dotnet AltClip.Cli.dll`
set -euo pipefail
export ALTCLIP="$*" CPUS=4 OMP_NUM_THREADS=1
here=$(cd "$(dirname "$0")" && pwd)
pictures=$(realpath "$here/../../tests/data/emoji")
# shellcheck source=test-common.sh
. "$here/test-common.sh"

processes() { pgrep -f -- "train $work/captions.tsv" | while read -r pid; do [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = dotnet ] && echo "$pid"; done; }
rank_is() { grep -qz "^SLURM_PROCID=$2$" "/proc/$1/environ" 2> /dev/null; }
is_over() { [ -z "$(processes)" ]; }

{ echo "image	caption"; for _ in 1 2 3; do for file in "$pictures"/*.png; do echo "$file	$(basename "$file" .png)"; done; done; } > "$work/captions.tsv"
options=("$work/captions.tsv" --steps 40 --batch-size 2 --checkpoint-every 5 --learning-rate 1e-4 --seed 3)

# shellcheck disable=SC2086
$ALTCLIP train "${options[@]}" --output "$work/whole" --processes 4 2> "$work/whole.log"

start_slurm
job=$(sbatch --parsable --ntasks=4 --cpus-per-task=1 --mem=0 "$here/altclip-train.sbatch" "${options[@]}" --output "$work/trained")
until_true "there is a checkpoint" test -s "$work/trained/checkpoint.safetensors"
for pid in $(processes); do rank_is "$pid" 2 && victim=$pid; done
[ -n "${victim:-}" ] || fail "rank 2 does not run"
kill -9 "$victim"
killed=$SECONDS
until_true "all processes have ended" is_over
echo "killed rank 2 with -9; the others ended within $((SECONDS - killed + 1)) seconds"
[ $((SECONDS - killed)) -le 60 ] || fail "the others took more than a minute to end"

until_true "the job has ended" is_idle
grep -q "another process has ended" "altclip-train-$job.log" || fail "nobody said that another process has ended"
grep -q "Going on after step" "altclip-train-$job.log" || fail "the job did not go on from its checkpoint"
[ "$(cut -d, -f1 trained/training-log.csv | tr '\n' ' ')" = "step $(seq -s ' ' 40) " ] || fail "the log does not have each step once"
cmp whole/model.safetensors trained/model.safetensors || fail "the weights are others than those of a run that nobody disturbed"
echo "four processes in $SECONDS seconds: the same weights, killed and resumed or not"
