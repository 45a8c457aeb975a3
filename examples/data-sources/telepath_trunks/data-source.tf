data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}

# Replace terraform_data with the resource that you need for each trunk.
resource "terraform_data" "trunk" {
  for_each = toset(data.telepath_trunks.active.ids)

  input = each.key
}
