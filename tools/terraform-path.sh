#!/bin/sh
# Prints the path of the Terraform that the targets and the tests run: TF_ACC_TERRAFORM_PATH,
# else terraform on the PATH, else tofu, else bin/terraform, which is downloaded on first use.
set -eu

# The oldest series on which the acceptance tests run without skips. hc-install verifies the
# release's signature and checksum.
version=1.11.4

root=$(cd "$(dirname "$0")/.." && pwd)
bin=$root/bin

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

chosen=${TF_ACC_TERRAFORM_PATH:-}
if [ -n "$chosen" ]; then
  if [ ! -f "$chosen" ] || [ ! -x "$chosen" ]; then
    fail "TF_ACC_TERRAFORM_PATH is $chosen, which is not an executable file. Set it to the path of Terraform or OpenTofu, or unset it."
  fi
  # The tests run in other folders.
  printf '%s/%s\n' "$(cd "$(dirname "$chosen")" && pwd)" "$(basename "$chosen")"
  exit
fi

command -v terraform || command -v tofu && exit

# bin/terraform may be missing, or another version.
case $("$bin/terraform" version 2>/dev/null || true) in
"Terraform v$version"*) ;;
*)
  printf 'Downloading Terraform %s into bin/ ...\n' "$version" >&2
  mkdir -p "$bin"
  # An interrupted download must not look like an installed Terraform.
  download=$(mktemp -d "$bin/download.XXXXXX")
  trap 'rm -rf "$download"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  cd "$root"
  TMPDIR=$download go tool -modfile=tools/go.mod hc-install install -version "$version" -path "$download" terraform >"$download/log" 2>&1 ||
    fail "Terraform $version was not downloaded: $(tail -n 1 "$download/log" | sed 's/.*": //'). Connect to the internet, or install Terraform or OpenTofu."
  mv "$download/terraform" "$bin/terraform"
  ;;
esac

printf '%s\n' "$bin/terraform"
