data "telepath_trunks" "lookup" {
  include_metrics = false
}

# Trunks by SIP username, which is unique within an account.
locals {
  trunks = {
    for trunk in data.telepath_trunks.lookup.trunks :
    trunk.sip_username => trunk
    if trunk.sip_username != null
  }
}

output "production_name" {
  value = local.trunks["agent-prod-01"].name
}
