terraform {
  required_version = ">= 1.4"

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

variable "carrier" {
  type    = string
  default = "first"
}

resource "terraform_data" "carrier" {
  input = var.carrier
}
