terraform {
  required_version = ">= 1.2"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

locals {
  # Replace this with the ID of a trunk in your account.
  known_trunk_id = "conn_abc123xyz"
}
