terraform {
  required_version = ">= 1.4"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

# Compare the host with the URI of a trunk in the Telepath dashboard.
locals {
  sip_host = "sip.telepathvoice.com"
}

variable "trunk_name" {
  type    = string
  default = "Production OpenAI Agent"
}

data "telepath_trunk" "main" {
  name            = var.trunk_name
  include_metrics = false
}

data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}

resource "terraform_data" "route" {
  for_each = {
    for trunk in data.telepath_trunks.active.trunks :
    trunk.id => trunk.sip_username
    if trunk.sip_username != null
  }

  input = "sip:${each.value}@${local.sip_host}"
}

output "main_uri" {
  value = "sip:${data.telepath_trunk.main.sip_username}@${local.sip_host}"
}

output "active_ids" {
  value = data.telepath_trunks.active.ids
}
