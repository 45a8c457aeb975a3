#!/bin/sh
# Builds a release as a tag would, without publishing it, and installs it the way a user does:
# Terraform finds the zip's content in a mirror, `init` selects it by its version, and `apply`
# reads trunks with it from a mock API. No development override is in effect, and nothing is
# taken from the network. Needs Go, git, unzip, and Terraform or OpenTofu. Leaves nothing
# behind: it works on a copy of this checkout, with whatever is not committed yet.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

# The most bytes that a binary may have.
limit=20000000

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "release-check: $*"
  exit 1
}

for tool in go git unzip; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is needed and not on the PATH"
done
terraform=$(tools/terraform-path.sh)

work=$(mktemp -d)
mock=
cleanup() {
  trap - EXIT
  if [ -n "$mock" ]; then
    kill "$mock" 2>/dev/null || true
    wait "$mock" 2>/dev/null || true
  fi
  if [ -d "$work/gnupg" ]; then
    GNUPGHOME="$work/gnupg" gpgconf --kill all 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The version that comes next is the first one of the changelog.
version=$(sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
[ -n "$version" ] || fail "CHANGELOG.md has no heading such as \"## 1.2.3 (Unreleased)\""

# It is built here, as its own path is what the second build needs.
goreleaser=$(go tool -modfile=tools/go.mod -n goreleaser) || fail "goreleaser, which tools/go.mod pins, does not build"
"$goreleaser" check >/dev/null 2>&1 || fail ".goreleaser.yml is not valid"

# copy makes a folder with what is in this checkout, and its last commit.
copy() {
  git clone --quiet --no-checkout . "$1" 2>"$work/log" || fail "git cannot copy the checkout: $(cat "$work/log")"
  git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
    [ -e "$file" ] || continue
    mkdir -p "$1/$(dirname "$file")"
    cp -p "$file" "$1/$file"
  done
}

# goreleaser runs it in a folder, silently unless it fails.
goreleaser() {
  folder=$1
  shift
  (cd "$folder" && SNAPSHOT_VERSION="$version" "$goreleaser" "$@" >"$work/log" 2>&1) || {
    cat "$work/log" >&2
    fail "goreleaser $1 failed"
  }
}

# A key of RSA is what the registry takes. This one signs nothing but this test.
sign=
skip=publish,sign
if command -v gpg >/dev/null 2>&1 && command -v gpgconf >/dev/null 2>&1; then
  sign=yes
  skip=publish
  mkdir -m 700 "$work/gnupg"
  GNUPGHOME="$work/gnupg" gpg --batch --quiet --passphrase '' --quick-generate-key release-check rsa3072 sign 1d 2>"$work/log" ||
    fail "gpg cannot make a key to sign with: $(cat "$work/log")"
  GPG_FINGERPRINT=$(GNUPGHOME="$work/gnupg" gpg --batch --with-colons --list-keys 2>/dev/null | sed -n 's/^fpr:::::::::\([0-9A-F]*\):$/\1/p' | head -n 1)
  export GPG_FINGERPRINT
fi

say "Building $version for all platforms ..."
copy "$work/first"
(
  if [ -n "$sign" ]; then export GNUPGHOME="$work/gnupg"; fi
  goreleaser "$work/first" release --snapshot --clean --skip="$skip"
)
dist=$work/first/dist
name=terraform-provider-telepath_$version

for binary in "$dist"/*/terraform-provider-telepath_v*; do
  size=$(wc -c <"$binary" | tr -d ' ')
  [ "$size" -le "$limit" ] || fail "$(basename "$(dirname "$binary")") has a binary of $size bytes, which is more than $limit"
  say "  $(basename "$(dirname "$binary")" | sed 's/^terraform-provider-telepath_//'): $size bytes"
done

say "Checking checksums, manifest and signature ..."
cp terraform-registry-manifest.json "$dist/${name}_manifest.json"
grep -q "  ${name}_manifest.json\$" "$dist/${name}_SHA256SUMS" || fail "the manifest is not in SHA256SUMS"
[ "$(grep -c '\.zip$' "$dist/${name}_SHA256SUMS")" = "$(find "$dist" -name '*.zip' | wc -l | tr -d ' ')" ] || fail "not every zip is in SHA256SUMS"
if command -v sha256sum >/dev/null 2>&1; then sha256=sha256sum; else sha256="shasum -a 256"; fi
(cd "$dist" && $sha256 -c "${name}_SHA256SUMS" >"$work/log" 2>&1) || fail "a checksum is wrong: $(cat "$work/log")"
if [ -n "$sign" ]; then
  GNUPGHOME="$work/gnupg" gpg --batch --quiet --verify "$dist/${name}_SHA256SUMS.sig" "$dist/${name}_SHA256SUMS" 2>"$work/log" ||
    fail "the signature is wrong: $(cat "$work/log")"
  if head -n 1 "$dist/${name}_SHA256SUMS.sig" | grep -q -e '-----BEGIN'; then
    fail "the signature is ASCII armoured, which the registry does not take"
  fi
else
  say "  There is no gpg on the PATH: the signature was not tried."
fi

# From another folder, with nothing compiled before: what is left of it in the bytes would show.
os=$(go env GOOS)
arch=$(go env GOARCH)
say "Building $os/$arch once more, from nothing ..."
copy "$work/second"
(
  export GOCACHE="$work/cache" GOOS="$os" GOARCH="$arch"
  goreleaser "$work/second" build --snapshot --clean --single-target
)
for binary in "$work"/second/dist/*/terraform-provider-telepath_v*; do
  cmp "$binary" "$dist/${binary#"$work/second/dist/"}" >&2 || fail "two builds of $os/$arch from the same sources are not the same"
done

# Terraform wants HOST/NAMESPACE/TYPE/VERSION/OS_ARCH in a mirror; the host is its own registry.
host=registry.terraform.io
case $(basename "$terraform") in tofu*) host=registry.opentofu.org ;; esac
mirror=$work/mirror/$host/telepathvoice/telepath/$version/${os}_$arch
mkdir -p "$mirror"
unzip -q "$dist/${name}_${os}_$arch.zip" -d "$mirror" || fail "the zip of $os/$arch does not unpack"
cat >"$work/terraformrc" <<EOF
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
EOF

# Port 0 is a free one; the first line that the mock prints says which.
go build -o "$work/telepath-mock" ./internal/mockapi/telepath-mock
"$work/telepath-mock" -addr 127.0.0.1:0 -trunks 205 >"$work/address" 2>"$work/requests" &
mock=$!

base_url=
tries=0
while [ -z "$base_url" ]; do
  kill -0 "$mock" 2>/dev/null || fail "the mock API did not start: $(cat "$work/requests")"
  [ "$tries" -lt 100 ] || fail "the mock API did not say within 10 seconds where it listens"
  base_url=$(sed -n 's/^listening on //p' "$work/address")
  [ -n "$base_url" ] || sleep 0.1
  tries=$((tries + 1))
done

# What the first page of the documentation tells to write, and the first example of a list.
mkdir "$work/configuration"
cp examples/provider/provider.tf examples/data-sources/telepath_trunks/data-source.tf "$work/configuration"

# The user's own settings must not reach it, least of all the key of a real account.
unset TF_WORKSPACE TF_DATA_DIR TF_CLI_ARGS TF_CLI_ARGS_init TF_CLI_ARGS_apply TF_REATTACH_PROVIDERS TF_APPEND_USER_AGENT TF_PLUGIN_CACHE_DIR
export TF_CLI_CONFIG_FILE="$work/terraformrc"
export TELEPATH_BASE_URL="$base_url"
export TELEPATH_API_KEY=sk_live_release_check
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

say "Installing it from the zip: $(basename "$terraform") init and apply"
cd "$work/configuration"
for command in "init -input=false" "apply -auto-approve -input=false"; do
  # shellcheck disable=SC2086 # The words of a command.
  "$terraform" $command -no-color >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "$(basename "$terraform") $command failed"
  }
  cat "$work/log"
done
grep -q '^how_many = ' "$work/log" || fail "the apply has no trunks to show"
say "release-check: $version can be released"
