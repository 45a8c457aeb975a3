terraform {
  required_version = ">= 1.10" # OpenTofu: 1.11

  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1.0"
    }
  }
}

variable "production_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
  nullable  = false

  validation {
    condition     = startswith(var.production_api_key, "sk_")
    error_message = "Set production_api_key to a key of the production account."
  }
}

variable "staging_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
  nullable  = false

  validation {
    condition     = startswith(var.staging_api_key, "sk_")
    error_message = "Set staging_api_key to a key of the staging account."
  }
}

provider "telepath" {
  api_key = var.production_api_key
}

provider "telepath" {
  alias   = "staging"
  api_key = var.staging_api_key
}

data "telepath_trunks" "production" {
  include_metrics = false
}

data "telepath_trunks" "staging" {
  provider        = telepath.staging
  include_metrics = false
}

output "trunks_by_account" {
  value = {
    production = length(data.telepath_trunks.production.ids)
    staging    = length(data.telepath_trunks.staging.ids)
  }
}
