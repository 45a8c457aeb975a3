terraform {
  required_version = ">= 1.10" # OpenTofu: 1.11

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}
