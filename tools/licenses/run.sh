#!/bin/sh
# Writes the licenses and notices of the modules in the provider's binary, and Go's own, to
# THIRD_PARTY_LICENSES/. goreleaser runs this script, and puts the folder into each zip.
set -eu

cd "$(dirname "$0")/../.."
folder=THIRD_PARTY_LICENSES

rm -rf "$folder"

# The path of the binary: go tool would build it for the platform below.
licenses=$(go tool -modfile=tools/go.mod -n go-licenses)
# Every platform links the same modules. Of one platform, because folders are named after packages.
GOOS=linux GOARCH=amd64 CGO_ENABLED=0 "$licenses" save . --save_path="$folder" --ignore github.com/telepathvoice/terraform-provider-telepath

# For MPL-2.0, go-licenses also saves the sources, which are published with each module.
find "$folder" -type f ! \( -iname 'license' -o -iname 'license.txt' -o -iname 'license.md' -o -iname 'notice' -o -iname 'notice.txt' -o -iname 'notice.md' \) -delete
find "$folder" -type d -empty -delete

mkdir "$folder/go"
cp "$(go env GOROOT)/LICENSE" "$folder/go/LICENSE"
