terraform {
  required_version = ">= 1.5"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

data "telepath_trunks" "all" {}
