#!/usr/bin/env bash
# The test command of this project: installs what is missing, builds, runs every test project, sums up.
#
#   bash tests/run.sh                 everything; the last line is `N passed, N failed`, exit 1 if any failed
#   bash tests/run.sh Actors.Tests    just the projects that are named
#
# Order: the rooms' unit tests, Architecture and Model, then Simulation, Fuzz and EndToEnd, one after the other:
# the end-to-end tests time real processes and must not share two cores with anything else. A project that
# crashes, hangs past its limit or runs no test counts as one failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 LC_ALL=C

readonly PROJECT_LIMIT_S=600
readonly PACKAGES=(qemu-utils qemu-system-common qemu-block-extra libnbd-bin python3-libnbd nbdkit fio xxhash
    strace fuse3 e2fsprogs zsh fish)

results=$(mktemp -d "${TMPDIR:-/tmp}/replication-tests.XXXXXX") || exit 1
running=
stop() {
    [[ -z $running ]] || kill "$running" 2>/dev/null
    exit "$1"
}
trap 'rm -rf "$results"' EXIT
trap 'stop 130' INT
trap 'stop 143' TERM

passed=0
failed=0
failures=()

finish() {
    if ((${#failures[@]})); then
        printf '\nFailed:\n'
        printf '  %s\n' "${failures[@]}"
    fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
    ((failed == 0)) && exit 0
    exit 1
}

# give_up WHAT WHY: nothing more can run.
give_up() {
    printf '%s: %s\n' "$1" "$2" >&2
    failures+=("$1: $2")
    failed=$((failed + 1))
    finish
}

install_missing() {
    local missing=() package as_root=() log=$results/apt.log
    for package in "${PACKAGES[@]}"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] ||
            missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null ||
        give_up packages "missing, and there is no apt-get to install them with: ${missing[*]}"
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null ||
            give_up packages "missing; run as root: apt-get install ${missing[*]}"
        as_root=(sudo -n)
    fi
    printf 'installing %s\n' "${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if ! { "${as_root[@]}" apt-get -q update &&
        "${as_root[@]}" apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        give_up packages "apt-get could not install ${missing[*]}"
    fi
}

# promtool alone, out of Debian's prometheus: installed, the package would start a service.
install_promtool() {
    local folder=$results/prometheus log=$results/promtool.log as_root=()
    command -v promtool >/dev/null && return 0
    command -v apt-get >/dev/null || give_up promtool 'missing, and there is no apt-get to get it with'
    ((EUID == 0)) || as_root=(sudo -n)
    printf 'installing promtool\n'
    mkdir "$folder"
    if ! { "${as_root[@]}" apt-get -q update &&
        (cd "$folder" && apt-get -q download prometheus && dpkg -x prometheus_*.deb .) &&
        "${as_root[@]}" install -m 755 "$folder/usr/bin/promtool" /usr/local/bin/promtool; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        give_up promtool 'could not be taken out of the package prometheus; put it on the PATH'
    fi
}

build() {
    local started=$SECONDS log=$results/build.log
    command -v dotnet >/dev/null || give_up build 'dotnet was not found; install the .NET 10 SDK'
    if ! dotnet build -c Release Replication.sln -v quiet -clp:NoSummary >"$log" 2>&1; then
        sort -u "$log" | grep -E 'error' | head -n 40 >&2
        give_up build 'dotnet build -c Release Replication.sln failed'
    fi
    printf '%-20s %4d s\n' build $((SECONDS - started))
}

# counter FILE NAME: an attribute of the <Counters> of a trx file.
counter() {
    sed -n "s/.*<Counters [^>]*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1
}

run_project() {
    local project=$1 started=$SECONDS trx log status ran=0 good=0 bad=0 name
    trx=$results/$project.trx
    log=$results/$project.log
    timeout --kill-after=15 "$PROJECT_LIMIT_S" \
        dotnet test --no-build -c Release "tests/$project/$project.csproj" \
        --logger "trx;LogFileName=$trx" --logger 'console;verbosity=minimal' >"$log" 2>&1 &
    running=$!
    wait "$running"
    status=$?
    running=
    if [[ -s $trx ]]; then
        ran=$(counter "$trx" executed)
        good=$(counter "$trx" passed)
        bad=$((${ran:-0} - ${good:-0}))
    fi
    passed=$((passed + ${good:-0}))
    failed=$((failed + bad))
    while read -r name; do
        failures+=("$project: $name")
    done < <(grep -s '<UnitTestResult .*outcome="Failed"' "$trx" |
        sed 's/.* testName="\([^"]*\)".*/\1/; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g')
    if ((bad == 0)) && ((status != 0 || ${ran:-0} == 0)); then
        failed=$((failed + 1))
        case $status in
            124 | 137) failures+=("$project: did not end within $PROJECT_LIMIT_S s") ;;
            0) failures+=("$project: ran no test") ;;
            *) failures+=("$project: ended with status $status") ;;
        esac
    fi
    printf '%-20s %4d s  %d passed, %d failed\n' "$project" $((SECONDS - started)) "${good:-0}" "$bad"
    ((status == 0)) || sed 's/^/    /' "$log"
}

install_missing
install_promtool
build
if (($#)); then
    projects=("$@")
else
    projects=()
    for project in tests/*.Tests/*.csproj tests/{Architecture,Model,Simulation,Fuzz,EndToEnd}/*.csproj; do
        projects+=("$(basename "$project" .csproj)")
    done
fi
for project in "${projects[@]}"; do
    run_project "$project"
done
printf '%-20s %4d s\n' total "$SECONDS"
finish
