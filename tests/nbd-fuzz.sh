#!/usr/bin/env bash
# Fuzzes the NBD server of a process of its own (tests/Fuzz, docs/testing.md): --help says how.
set -euo pipefail
cd "$(dirname "$0")/.."

dotnet build -c Release tests/Fuzz/Fuzz.csproj -v quiet --nologo -clp:NoSummary
exec dotnet tests/Fuzz/bin/Release/net10.0/Replication.Fuzz.dll "$@"
