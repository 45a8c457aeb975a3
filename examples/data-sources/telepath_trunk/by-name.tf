# Where a carrier sends the calls to.
data "telepath_trunk" "carrier" {
  sip_username    = "agent-prod-01"
  include_metrics = false
}

output "origination_uri" {
  value = "sip:${data.telepath_trunk.carrier.sip_username}@sip.telepathvoice.com"
}
