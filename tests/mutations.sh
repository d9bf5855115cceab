#!/usr/bin/env bash
# Breaks the code, one rule at a time, and says which seed of the simulation finds it: a check that cannot fail
# is a defect. Each mutation is a Perl substitution in one file of a copy of this tree; one that does not apply
# any more, or is not found, fails the script.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C

seeds=1000
jobs=2
only=

usage() {
  echo "usage: bash tests/mutations.sh [--seeds N] [--jobs N] [--only TEXT]"
  echo "  --seeds N    seeds that a mutation may take to be found (default 1000)"
  echo "  --jobs N     seeds that run at a time (default 2)"
  echo "  --only TEXT  just the mutations whose line contains TEXT"
}

while [ $# -gt 0 ]; do
  case "$1" in
    --seeds) seeds="${2:?--seeds wants a number}"; shift 2 ;;
    --jobs) jobs="${2:?--jobs wants a number}"; shift 2 ;;
    --only) only="${2:?--only wants a text}"; shift 2 ;;
    -h|--help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

tree=$(mktemp -d "${TMPDIR:-/tmp}/replication-mutations.XXXXXX") || exit 1
trap 'rm -rf "$tree"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$tree"

build() {
  dotnet build -c Release "$tree/tests/Simulation/Simulation.csproj" -v quiet --nologo \
    -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false >"$tree/build.log" 2>&1
}

run_seeds() {
  REPLICATION_SEEDS=$seeds REPLICATION_JOBS=$jobs dotnet test --no-build -c Release --nologo \
    "$tree/tests/Simulation/Simulation.csproj" --filter "FullyQualifiedName~Hundreds_of_seeds" \
    --logger "console;verbosity=detailed" >"$tree/run.log" 2>&1
}

failed=0

# mutation INVARIANT WHAT FILE SUBSTITUTION
mutation() {
  local invariant=$1 what=$2 file=$3 substitution=$4 seed found
  [[ -z $only || "$invariant $what $file" == *"$only"* ]] || return 0
  perl -0777 -pi -e "$substitution" "$tree/$file"
  if cmp -s "$file" "$tree/$file"; then
    found='does not apply'
    failed=1
  elif ! build; then
    found='does not build'
    grep -m3 'error' "$tree/build.log" >&2
    failed=1
  elif run_seeds; then
    found="not in $seeds seeds"
    failed=1
  else
    seed=$(grep -o -m1 'seed [0-9]* failed' "$tree/run.log" | tr -dc 0-9)
    found="seed ${seed:-?}: $(grep -m1 -E '^ *seed [0-9]+, step' "$tree/run.log" |
      sed -E 's/^ *seed [0-9]+, step [0-9]+, at [0-9.]+ ms: //' | cut -c1-110)"
  fi
  printf '| %s | %s | %s |\n' "$what" "$invariant" "$found"
  cp "$file" "$tree/$file"
}

printf '| broken | invariant | found by |\n|---|---|---|\n'

mutation I1 'one vote wins a read' src/Coordinator/Voting/Vote.cs \
  's/bool certainEarly = 2 \* threshold > answers.Length;/threshold = 1; bool certainEarly = true;/'
mutation I1 'range locks are never in each other'"'"'s way' src/Coordinator/Locking/RangeLock.cs \
  's/(bool ConflictsWith\(RangeLock other\)\s*=>)/$1 false \&\&/'

exit $failed
