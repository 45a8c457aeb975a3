# Where a carrier sends the calls to, for each trunk that has a SIP username.
output "origination_uris" {
  value = {
    for trunk in data.telepath_trunks.active.trunks :
    trunk.id => "sip:${trunk.sip_username}@sip.telepathvoice.com"
    if trunk.sip_username != null
  }
}
