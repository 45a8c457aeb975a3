# Write this: the resource refers to both, so Terraform knows the order.
data "telepath_trunk" "stable" {
  sip_username    = "agent-prod-01"
  include_metrics = false
}

resource "terraform_data" "stable" {
  input = {
    trunk_id = data.telepath_trunk.stable.id
    carrier  = terraform_data.carrier.output
  }
}
