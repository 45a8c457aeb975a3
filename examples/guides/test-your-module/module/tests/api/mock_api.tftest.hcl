provider "telepath" {
  api_key     = "sk_live_anything"
  base_url    = "http://127.0.0.1:8080/v1"
  max_retries = 0
}

run "trunks_of_the_api_reference" {
  command = plan

  assert {
    condition     = output.active_ids == ["conn_abc123xyz"]
    error_message = "The active trunks are ${join(", ", output.active_ids)}."
  }

  assert {
    condition     = output.main_uri == "sip:agent-prod-01@sip.telepathvoice.com"
    error_message = "The URI is ${output.main_uri}."
  }
}
