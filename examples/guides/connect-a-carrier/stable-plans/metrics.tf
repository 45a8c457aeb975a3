# Avoid this: the plan changes with every phone call.
data "telepath_trunk" "with_metrics" {
  sip_username = "agent-prod-01"
}

resource "terraform_data" "with_metrics" {
  input = data.telepath_trunk.with_metrics
}
