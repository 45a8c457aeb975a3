resource "twilio_trunking_trunks_v1" "telepath" {
  for_each = local.trunks

  friendly_name = "Telepath ${each.value.sip_username}"

  lifecycle {
    prevent_destroy = true
  }
}

resource "twilio_trunking_trunks_origination_urls_v1" "telepath" {
  for_each = local.trunks

  trunk_sid     = twilio_trunking_trunks_v1.telepath[each.key].sid
  friendly_name = each.value.sip_username
  sip_url       = "sip:${each.value.sip_username}@${local.sip_host}"
  enabled       = each.value.status != "inactive"
  priority      = 10
  weight        = 10
}
