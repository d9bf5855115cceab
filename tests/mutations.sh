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

C=src/Coordinator
R=src/ReplicaNode

mutation I1 'one vote wins a read' $C/Voting/Vote.cs \
  's/\(pending == 0 \|\| certainEarly\)\)/true)/; s/bool certainEarly = [^;]+;/threshold = 1; bool certainEarly = true;/'
mutation I1 "range locks are never in each other's way" $C/Locking/RangeLock.cs \
  's/(bool ConflictsWith\(RangeLock other\)\s*=>)/$1 false \&\&/'
mutation I1 'a takeover reconciles nothing' $C/Volumes/Takeovers/Takeover.cs \
  's/RangeSet toReconcile = UnderWayOf\(holders\);/RangeSet toReconcile = new();/; s/toReconcile\.AddAll\(hot\);//'
mutation I2 'a flush does not sync the data' $R/Replicas/ReplicaSyncs.cs \
  's/bool data = _dataLane\.TryJoin\(wait, _dataChanged\);/bool data = false;/'
mutation I2 'a flush does not reach a Synced child' $C/Requests/FlushCoordinator.cs \
  's/new FlushReplica\(([^;]+)\);/position == 0 ? new StampReplica(RequestTag.Of(RequestStep.Collect, position), child.Ticket, 0, 0, 0, 512) : new FlushReplica($1);/s'
mutation I2 'a checkpoint covers writes that are under way' $C/Volumes/StampClock.cs \
  's/Checkpoint => LowWater - 1/Checkpoint => Last/'
mutation I2 'a write does not wait for its hot mark' $R/Replicas/HotZones.cs \
  's/areDurable &= sidecar\.Hot\.IsDurable\(zone\);(\s+CollectionsMarshal)/$1/'
mutation I2 'hot marks go without a checkpoint' $R/Replicas/ReplicaStanding.cs \
  's/IsContinuous && largestStamp <= sidecar\.Header\.Clean/true/'
mutation I3 'lower epochs and sessions are let in' $R/Replicas/ReplicaFence.cs \
  's/if \(ticket\.Epoch < Epoch[^{]+\{[^}]+\}//s; s/&& ticket\.Epoch == Epoch\s+&& ticket\.Session == Session//'
mutation I3 'an open does not wait for the I/O of earlier sessions' $R/Replicas/ReplicaOpening.cs \
  's/ \|\| Session\.EarlierCount > 0//'
mutation I4 'incarnations are not asked for' $R/Replicas/ReplicaFence.cs \
  's/\s+&& ticket\.Incarnation == Incarnation;/;/; s/Incarnation = 0;\s+IsOpen = false;//'
mutation I4 'a write is acknowledged without its failed child being recorded' $C/Requests/ChangeCoordinator.cs \
  's/if \(faults\.Count == 0\)/if (faults.Count >= 0)/'
mutation I4 'the last flush of a promotion is left out' $C/Volumes/Promotion.cs \
  's/Flush\(_child!, Step\.LastFlush, Record\);/_step = Step.LastFlush; Record();/; s/Flush\(child, Step\.FirstFlush, \(\) => _step = Step\.Draining\);/_step = Step.Draining;/'
mutation I4 'only what is later than twice a child'"'"'s clean is copied' $C/Volumes/ResyncKeeper.cs \
  's/Clean = everything \? 0 : run\.Slot\.Opened\.Clean/Clean = everything ? 0 : run.Slot.Opened.Clean + 20/'
mutation I5 'a read and its repair hold no lock' $C/Volumes/RequestTable.cs \
  's/request is FlushVolume or CheckpointVolume/request is FlushVolume or CheckpointVolume or ReadRange/'
mutation I5 'a copy holds no lock' $C/Volumes/RequestTable.cs \
  's/request is FlushVolume or CheckpointVolume/request is FlushVolume or CheckpointVolume or Resync.CopyRegion/'
mutation I5 'a copy is made from what the child itself has' $C/Requests/RegionCoordinator.cs \
  's/PositionCount, View\.Children\.Length\);/PositionCount, View.Children.Length) { };/; s/IsWritten\(position\) \|\| _isOut/IsWritten(PositionCount - 1 - position) || _isOut/'
mutation I6 'a child is removed below the threshold' src/Cluster/Records/VolumeRecord.cs \
  's/(Children\.RemoveAt\(position\);\s+return )ThresholdError\(children\) is \{ \} refusal/$1ThresholdError(Children) is { } refusal/'
mutation I6 'children that fail are recorded Stale below the threshold' $C/Volumes/ChildJudge.cs \
  's/children\.OpenSyncedWithout\(next\.Faults\) >= record\.Record\.Options\.Threshold/children.OpenSyncedWithout(next.Faults) >= 1/; s/record\.Record\.WithStates\(/record.Record.WithStatesSuspended(/'
mutation I7 'connections stay open when unflushed writes are lost' $C/Volumes/Takeovers/Takeover.cs \
  's/parts\.Context\.System\.EventStream\.Publish\(new VolumeWithdrawn\(name, Reason\)\);//'
mutation I7 'a child that forgot is taken for one that did not' $C/Volumes/ChildSlot.cs \
  's/KnowsEverything => Opened\.Continuous \|\| IsTrusted/KnowsEverything => true/'
mutation I7 'a replica is continuous from its start' $R/Replicas/ReplicaStanding.cs \
  's/IsContinuous \{ get; private set; \} = sidecar\.Header is\s+\{[^}]+\};/IsContinuous { get; private set; } = true;/s'
mutation stop 'blkverify serves the first child where the two differ' $C/Requests/BlkverifyRead.cs \
  's/if \(same < first\.Length\)/if (same < 0)/'
mutation stop 'a stop is not recorded' $C/Volumes/BlkverifyStop.cs \
  's/if \(parts\.State\.IsFailed \|\| parts\.Record\.Stopped\)/if (_finders.Count > 0)/'
mutation stop 'a volume that the record calls stopped serves' $C/Volumes/VolumeState.cs \
  's/_isStopped = record\.Stopped;/_isStopped = record.Stopped \&\& record.Epoch == 0;/g'
mutation stop 'a takeover starts a stopped volume' src/Cluster/Records/VolumeRecord.cs \
  's/Epoch = Epoch \+ 1, Owner = owner/Epoch = Epoch + 1, Owner = owner, Stopped = false/'

exit $failed
