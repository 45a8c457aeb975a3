# One thing for each active trunk, known by the trunk's id: when a trunk is gone, so is its
# thing, and all others stay as they are. In place of terraform_data, think of an alert.
resource "terraform_data" "alert" {
  for_each = toset(data.telepath_trunks.active.ids)

  input = each.key
}
