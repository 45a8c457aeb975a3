# What a carrier has to know of each trunk that has a SIP username, by the trunk's id.
locals {
  routes = {
    for trunk in data.telepath_trunks.active.trunks :
    trunk.id => "sip:${trunk.sip_username}@sip.telepathvoice.com"
    if trunk.sip_username != null
  }
}

# In place of terraform_data, think of your carrier's resource for an origination URI.
resource "terraform_data" "route" {
  for_each = local.routes

  input = {
    trunk_id = each.key
    uri      = each.value
  }
}
