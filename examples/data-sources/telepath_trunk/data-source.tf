data "telepath_trunk" "production" {
  sip_username    = "agent-prod-01"
  include_metrics = false
}

# The address to which a carrier sends the calls of this trunk.
output "origination_uri" {
  value = "sip:${data.telepath_trunk.production.sip_username}@sip.telepathvoice.com"
}
