data "telepath_trunk" "production" {
  sip_username    = "agent-prod-01"
  include_metrics = false
}

# Compare the host with the URI of a trunk in the Telepath dashboard.
locals {
  sip_host = "sip.telepathvoice.com"
}

# The URI to which a carrier sends the calls of this trunk.
output "origination_uri" {
  value = "sip:${data.telepath_trunk.production.sip_username}@${local.sip_host}"
}
