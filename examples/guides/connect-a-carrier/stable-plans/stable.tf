# Write this: it depends on what it uses, and has no metrics.
data "telepath_trunk" "quiet" {
  sip_username    = "agent-prod-01"
  include_metrics = false
}

resource "terraform_data" "quiet" {
  input = {
    trunk_id = data.telepath_trunk.quiet.id
    carrier  = terraform_data.carrier.output
  }
}
