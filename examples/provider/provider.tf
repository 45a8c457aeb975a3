terraform {
  required_providers {
    telepath = {
      source = "telepathvoice/telepath"
    }
  }
}

# The API key comes from the environment variable TELEPATH_API_KEY.
provider "telepath" {}
