variable "production_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
  nullable  = false
}

variable "staging_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
  nullable  = false
}
