terraform {
  required_version = ">= 1.10" # OpenTofu: 1.11

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

variable "telepath_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
  nullable  = false
}

provider "telepath" {
  api_key         = var.telepath_api_key
  base_url        = "https://api.telepathvoice.com/v1"
  max_retries     = 4
  request_timeout = "30s"
}
