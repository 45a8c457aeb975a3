# Every trunk of the account.
data "telepath_trunks" "all" {}

# The active ones only.
data "telepath_trunks" "active" {
  status = "active"
}

# One thing for each active trunk, known by the trunk's id.
resource "terraform_data" "active" {
  for_each = toset(data.telepath_trunks.active.ids)

  input = each.key
}

# What a carrier needs to send calls to each trunk. A trunk without a SIP username is left out.
output "origination_uris" {
  value = {
    for trunk in data.telepath_trunks.all.trunks :
    trunk.id => "sip:${trunk.sip_username}@sip.telepathvoice.com"
    if trunk.sip_username != null
  }
}
