data "telepath_trunks" "all" {
  include_metrics = false

  lifecycle {
    postcondition {
      condition     = contains(self.ids, local.known_trunk_id)
      error_message = "The API key's account has no trunk ${local.known_trunk_id}."
    }

    postcondition {
      condition     = alltrue([for trunk in self.trunks : trunk.status != "error"])
      error_message = "In error: ${join(", ", [for trunk in self.trunks : trunk.id if trunk.status == "error"])}."
    }
  }
}
