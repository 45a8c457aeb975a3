locals {
  # Replace this with the ID of a trunk in your account.
  known_trunk_id = "conn_abc123xyz"
}

data "telepath_trunks" "all" {
  include_metrics = false

  lifecycle {
    postcondition {
      condition     = contains(self.ids, local.known_trunk_id)
      error_message = "The API key's account has no trunk ${local.known_trunk_id}."
    }
  }
}

# Replace terraform_data with the resource that you need for each trunk.
resource "terraform_data" "trunk" {
  for_each = toset(data.telepath_trunks.all.ids)

  input = each.key
}
