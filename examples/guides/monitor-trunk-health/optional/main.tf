check "trunk_status" {
  data "telepath_trunks" "all" {
    include_metrics = false
  }

  assert {
    condition     = contains(data.telepath_trunks.all.ids, local.known_trunk_id)
    error_message = "The API key's account has no trunk ${local.known_trunk_id}."
  }

  assert {
    condition     = alltrue([for trunk in data.telepath_trunks.all.trunks : trunk.status != "error"])
    error_message = "In error: ${join(", ", [for trunk in data.telepath_trunks.all.trunks : trunk.id if trunk.status == "error"])}."
  }
}
