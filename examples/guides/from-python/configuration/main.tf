terraform {
  required_version = ">= 1.2"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

# The API key comes from the environment variable TELEPATH_API_KEY.
provider "telepath" {}

locals {
  # Replace this with the ID of a trunk in your account.
  known_trunk_id = "conn_abc123xyz"
}

data "telepath_trunks" "all" {
  lifecycle {
    postcondition {
      condition     = contains(self.ids, local.known_trunk_id)
      error_message = "The API key's account has no trunk ${local.known_trunk_id}."
    }
  }
}
