terraform {
  required_providers {
    telepath = {
      source  = "telepathvoice/telepath"
      version = "~> 0.1"
    }
  }
}

# An ephemeral value is in no plan and no state. When it is null, the provider takes the key
# from the environment variable TELEPATH_API_KEY.
variable "telepath_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
  default   = null
}

provider "telepath" {
  api_key = var.telepath_api_key
}
