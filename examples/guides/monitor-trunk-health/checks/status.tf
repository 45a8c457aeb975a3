locals {
  trunks_in_error = [
    for trunk in data.telepath_trunks.all.trunks : trunk.id
    if trunk.status == "error"
  ]
}

check "trunk_status" {
  assert {
    condition     = length(local.trunks_in_error) == 0
    error_message = "In error: ${join(", ", local.trunks_in_error)}."
  }
}
