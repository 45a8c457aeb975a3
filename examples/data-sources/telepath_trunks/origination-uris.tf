# Origination URIs by trunk ID. A trunk without a SIP username has none.
output "origination_uris" {
  value = {
    for trunk in data.telepath_trunks.active.trunks :
    trunk.id => "sip:${trunk.sip_username}@sip.telepathvoice.com"
    if trunk.sip_username != null
  }
}
