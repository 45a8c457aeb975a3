#!/bin/sh
# Builds the provider and the mock API, and applies the configuration in this folder.
# Uses a temporary folder and stops the mock API at the end. `make demo` runs this script.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

say() { printf '%s\n' "$*" >&2; }

command -v go >/dev/null 2>&1 || { say "make demo requires Go. Install Go from https://go.dev/dl."; exit 1; }
terraform=$(tools/terraform-path.sh)

work=$(mktemp -d)
mock=
cleanup() {
  trap - EXIT
  if [ -n "$mock" ]; then
    kill "$mock" 2>/dev/null || true
    wait "$mock" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Build for this machine, even if the shell is set up for cross-compiling.
unset GOOS GOARCH

say "Building the provider and the mock API ..."
go build -o "$work/bin/terraform-provider-telepath" .
go build -o "$work/bin/telepath-mock" ./internal/mockapi/telepath-mock

# With port 0, the mock API chooses a free port and prints its address.
mkfifo "$work/address"
"$work/bin/telepath-mock" -addr 127.0.0.1:0 -trunks 205 >"$work/address" 2>"$work/requests" &
mock=$!
read -r line <"$work/address" || { say "The mock API did not start:"; cat "$work/requests" >&2; exit 1; }
base_url=${line#listening on }

mkdir "$work/configuration"
cp "$here"/*.tf "$work/configuration"
# Relative to the configuration, because an absolute path may contain characters that need escapes.
cat >"$work/terraformrc" <<EOF
provider_installation {
  dev_overrides {
    "telepathvoice/telepath" = "../bin"
  }
  direct {}
}
EOF

# Settings of the user must not reach the demo, least of all the API key of a real account.
for name in $(env | sed -n 's/^\(TF_[A-Za-z_]*\)=.*/\1/p'); do unset "$name"; done
export TF_CLI_CONFIG_FILE="$work/terraformrc"
export TELEPATH_BASE_URL="$base_url"
export TELEPATH_API_KEY=sk_live_demo
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

say "Mock API at $base_url. Running $(basename "$terraform") apply ..."
say
(cd "$work/configuration" && "$terraform" apply -auto-approve -input=false -compact-warnings)

say
say "Requests that the provider sent:"
sed 's/^/  /' "$work/requests" >&2
