#!/bin/sh
# Copies bin/terraform-provider-telepath into bin/mirror, for Terraform and for OpenTofu, and writes
# bin/mirror.tfrc, with which `terraform init` installs it. `make mirror` runs this script.
set -eu

bin=$(cd "$(dirname "$0")/.." && pwd)/bin
platform=$(go env GOOS)_$(go env GOARCH)
include=

for host in registry.terraform.io registry.opentofu.org; do
  folder=$bin/mirror/$host/telepathvoice/telepath/0.1.0/$platform
  mkdir -p "$folder"
  cp "$bin"/terraform-provider-telepath* "$folder/"
  include="$include\"$host/telepathvoice/telepath\", "
done

# Terraform parses quotes, backslashes and ${ in a string.
path=$(printf '%s\n' "$bin/mirror" | sed 's/["\\]/\\&/g; s/\$/\\u0024/g')

cat >"$bin/mirror.tfrc" <<EOF
provider_installation {
  filesystem_mirror {
    path    = "$path"
    include = [${include%, }]
  }
  direct {
    exclude = [${include%, }]
  }
}
EOF
