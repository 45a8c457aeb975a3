resource "twilio_trunking_trunks_v1" "telepath" {
  for_each = local.sip_usernames

  friendly_name = "Telepath ${each.value}"
}

resource "twilio_trunking_trunks_origination_urls_v1" "telepath" {
  for_each = local.sip_usernames

  trunk_sid     = twilio_trunking_trunks_v1.telepath[each.key].sid
  friendly_name = each.value
  sip_url       = "sip:${each.value}@sip.telepathvoice.com"
  enabled       = true
  priority      = 10
  weight        = 10
}
