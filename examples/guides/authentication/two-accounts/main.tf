provider "telepath" {
  api_key = var.production_api_key
}

provider "telepath" {
  alias   = "staging"
  api_key = var.staging_api_key
}

data "telepath_trunks" "staging" {
  provider        = telepath.staging
  include_metrics = false
}
