# Compare the host with the URI of a trunk in the Telepath dashboard.
locals {
  sip_host = "sip.telepathvoice.com"
}

# Origination URIs by trunk ID. A trunk without a SIP username has none.
output "origination_uris" {
  value = {
    for trunk in data.telepath_trunks.active.trunks :
    trunk.id => "sip:${trunk.sip_username}@${local.sip_host}"
    if trunk.sip_username != null
  }
}
