#!/usr/bin/env bash
# Runs simulated clusters from seeds: --seeds N runs seeds 1 to N, --seed S replays one.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  echo "usage: bash tests/simulate.sh [--seeds N] [--seed S] [--jobs N] [--trace FILE]"
  echo "  --seeds N     how many seeds, from 1 or from S on (default 300)"
  echo "  --seed S      seed S alone, as a failure's message says, unless --seeds is given too"
  echo "  --jobs N      seeds that run at a time (default 2)"
  echo "  --trace FILE  write every step of the last seed there"
}

while [ $# -gt 0 ]; do
  case "$1" in
    --seeds) export REPLICATION_SEEDS="${2:?--seeds wants a number}"; shift 2 ;;
    --seed) export REPLICATION_SEED="${2:?--seed wants a number}"; shift 2 ;;
    --jobs) export REPLICATION_JOBS="${2:?--jobs wants a number}"; shift 2 ;;
    --trace) export REPLICATION_TRACE="${2:?--trace wants a file}"; shift 2 ;;
    -h|--help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

dotnet build -c Release tests/Simulation/Simulation.csproj -v quiet --nologo
exec dotnet test --no-build -c Release tests/Simulation/Simulation.csproj \
  --filter "FullyQualifiedName~Hundreds_of_seeds" --logger "console;verbosity=detailed" --nologo
