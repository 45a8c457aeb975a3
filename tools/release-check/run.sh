#!/bin/sh
# Builds a release without publishing it, and installs the zip from a local mirror, as a user
# does: `init` selects the version and `apply` reads trunks from the mock API. Works on a copy
# of this checkout, including uncommitted changes. `make release-check` runs this script.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

# Maximum size of a binary in bytes. The formats of macOS and Windows take more for the same code.
limit=20000000
limit_other_formats=21000000

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "release-check: $*"
  exit 1
}

for tool in go git unzip; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is required; install it"
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

# The next version is the first one in the changelog.
version=$(sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
[ -n "$version" ] || fail "CHANGELOG.md needs a heading such as \"## 1.2.3 (Unreleased)\""

say "Building goreleaser, as pinned in tools/go.mod ..."
# The second build runs in another folder and needs the path of the binary.
goreleaser=$(go tool -modfile=tools/go.mod -n goreleaser) || fail "goreleaser does not build"
"$goreleaser" check >/dev/null 2>&1 || fail ".goreleaser.yml is not valid"

# copy copies this checkout with its last commit.
copy() {
  git clone --quiet --no-checkout . "$1" 2>"$work/log" || fail "git cannot copy the checkout: $(cat "$work/log")"
  git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
    [ -e "$file" ] || continue
    mkdir -p "$1/$(dirname "$file")"
    cp -p "$file" "$1/$file"
  done
}

# goreleaser runs goreleaser in a folder. It prints each step, because a build can take minutes.
goreleaser() {
  folder=$1
  shift
  (cd "$folder" && SNAPSHOT_VERSION="$version" "$goreleaser" "$@" >&2) || fail "goreleaser $1 failed"
}

# The registry accepts RSA keys. This key signs only this test.
sign=
skip=publish,sign
if command -v gpg >/dev/null 2>&1 && command -v gpgconf >/dev/null 2>&1; then
  sign=yes
  skip=publish
  say "Creating a key to sign with ..."
  mkdir -m 700 "$work/gnupg"
  GNUPGHOME="$work/gnupg" gpg --batch --quiet --passphrase '' --quick-generate-key release-check rsa3072 sign 1d 2>"$work/log" ||
    fail "gpg cannot create a key: $(cat "$work/log")"
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
  platform=$(basename "$(dirname "$binary")" | sed 's/^terraform-provider-telepath_//')
  case $platform in
  darwin_* | windows_*) max=$limit_other_formats ;;
  *) max=$limit ;;
  esac
  [ "$size" -le "$max" ] || fail "$platform has a binary of $size bytes, above the limit of $max"
  say "  $platform: $size bytes"
done

say "Checking that each zip has the license and the notice of each linked module ..."
go list -m -f '{{.Path}} {{.Dir}}' all >"$work/folders"
for zip in "$dist"/*.zip; do
  rm -rf "$work/zip"
  unzip -q "$zip" -d "$work/zip"
  go version -m "$work"/zip/terraform-provider-telepath_v* | awk '$1 == "dep" { print $2 }' >"$work/modules"
  [ -s "$work/modules" ] || fail "the binary in $(basename "$zip") does not name its modules"
  while IFS= read -r module; do
    licenses=$work/zip/THIRD_PARTY_LICENSES/$module
    [ -n "$(find "$licenses" -iname 'license*' 2>/dev/null)" ] || fail "$(basename "$zip") has no license of $module"
    for notice in "$(awk -v module="$module" '$1 == module { print $2 }' "$work/folders")"/NOTICE*; do
      [ ! -e "$notice" ] || cmp -s "$notice" "$licenses/$(basename "$notice")" || fail "$(basename "$zip") has no notice of $module"
    done
  done <"$work/modules"
  [ -s "$work/zip/THIRD_PARTY_LICENSES/go/LICENSE" ] || fail "$(basename "$zip") has no license of Go"
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
    fail "the signature is ASCII-armored, which the registry rejects"
  fi
else
  say "  gpg is not on the PATH: the signature was not checked."
fi

# Another folder and an empty build cache would change the bytes if the build depended on them.
os=$(go env GOOS)
arch=$(go env GOARCH)
say "Building $os/$arch again in another folder ..."
copy "$work/second"
(
  export GOCACHE="$work/cache" GOOS="$os" GOARCH="$arch"
  goreleaser "$work/second" build --snapshot --clean --single-target
)
for binary in "$work"/second/dist/*/terraform-provider-telepath_v*; do
  cmp "$binary" "$dist/${binary#"$work/second/dist/"}" >&2 || fail "two builds of $os/$arch from the same source differ"
done

# A mirror contains zips as HOST/NAMESPACE/TYPE/FILE.zip.
host=registry.terraform.io
case $(basename "$terraform") in tofu*) host=registry.opentofu.org ;; esac
mirror=$work/mirror/$host/telepathvoice/telepath
mkdir -p "$mirror"
cp "$dist/${name}_${os}_$arch.zip" "$mirror"
# Relative to the configuration, because an absolute path may contain characters that need escapes.
cat >"$work/terraformrc" <<EOF
provider_installation {
  filesystem_mirror {
    path = "../mirror"
  }
}
EOF

say "Building the mock API ..."
go build -o "$work/telepath-mock" ./internal/mockapi/telepath-mock
# With port 0, the mock API chooses a free port and prints its address.
mkfifo "$work/address"
"$work/telepath-mock" -addr 127.0.0.1:0 -trunks 205 >"$work/address" 2>"$work/requests" &
mock=$!
read -r line <"$work/address" || fail "the mock API did not start: $(cat "$work/requests")"
base_url=${line#listening on }

# The example on the first page of the documentation.
mkdir "$work/configuration"
cp examples/provider/provider.tf "$work/configuration"

# Settings of the user must not reach Terraform, least of all the API key of a real account.
unset TF_WORKSPACE TF_DATA_DIR TF_CLI_ARGS TF_CLI_ARGS_init TF_CLI_ARGS_apply TF_REATTACH_PROVIDERS TF_APPEND_USER_AGENT TF_PLUGIN_CACHE_DIR
export TF_CLI_CONFIG_FILE="$work/terraformrc"
export TELEPATH_BASE_URL="$base_url"
export TELEPATH_API_KEY=sk_live_release_check
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

say "Installing it from the zip: $(basename "$terraform") init and apply ..."
cd "$work/configuration"
for command in "init -input=false" "apply -auto-approve -input=false"; do
  # shellcheck disable=SC2086 # The words of a command.
  "$terraform" $command -no-color >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "$(basename "$terraform") $command failed"
  }
  cat "$work/log"
done
grep -q '^active_ids = ' "$work/log" || fail "apply printed no trunks"
say "release-check: $version can be released"
