# Compare the host with the URI of a trunk in the Telepath dashboard.
locals {
  sip_host = "sip.telepathvoice.com"
}

output "origination_uris" {
  value = {
    for trunk in data.telepath_trunks.all.trunks :
    trunk.id => "sip:${trunk.sip_username}@${local.sip_host}"
  }
}
