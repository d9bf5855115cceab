#!/usr/bin/env bash
# Searches the model of the protocol (tests/Model, docs/protocol.md): --help says how.
set -euo pipefail
cd "$(dirname "$0")/.."

dotnet build -c Release tests/Model/Model.csproj -v quiet --nologo -clp:NoSummary
exec dotnet tests/Model/bin/Release/net10.0/Replication.Model.dll "$@"
