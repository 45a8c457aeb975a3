terraform {
  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1"
    }
  }
}

variable "trunk_name" {
  type    = string
  default = "Production OpenAI Agent"
}

data "telepath_trunk" "carrier" {
  name            = var.trunk_name
  include_metrics = false
}

data "telepath_trunks" "active" {
  status          = "active"
  include_metrics = false
}

resource "terraform_data" "alert" {
  for_each = toset(data.telepath_trunks.active.ids)

  input = each.key
}

output "origination_uri" {
  value = "sip:${data.telepath_trunk.carrier.sip_username}@sip.telepathvoice.com"
}

output "names" {
  value = [for trunk in data.telepath_trunks.active.trunks : trunk.name]
}
