# Trunks by SIP username, which is unique within an account.
locals {
  trunks_by_sip_username = {
    for trunk in data.telepath_trunks.all.trunks :
    trunk.sip_username => trunk
    if trunk.sip_username != null
  }
}

output "production_name" {
  value = local.trunks_by_sip_username["agent-prod-01"].name
}
