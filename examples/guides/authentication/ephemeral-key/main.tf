variable "telepath_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
  nullable  = false
}

provider "telepath" {
  api_key = var.telepath_api_key
}
