# Runs against the mock API on this machine, with the real provider.
provider "telepath" {
  api_key     = "sk_live_anything"
  base_url    = "http://127.0.0.1:8080/v1"
  max_retries = 0
}

run "two_trunks_of_the_reference_page" {
  assert {
    condition     = output.names == ["Production OpenAI Agent"]
    error_message = "The active trunks are ${join(", ", output.names)}."
  }

  assert {
    condition     = output.origination_uri == "sip:agent-prod-01@sip.telepathvoice.com"
    error_message = "The URI is ${output.origination_uri}."
  }
}

run "metrics_are_left_out" {
  command = plan

  assert {
    condition     = alltrue([for trunk in data.telepath_trunks.active.trunks : trunk.metrics == null])
    error_message = "A trunk has metrics, which would change the plan with every call."
  }
}
