# Runs without a provider that is configured, a key or a network.
mock_provider "telepath" {
  source = "./tests/mocks"
}

run "origination_uri" {
  command = plan

  assert {
    condition     = output.origination_uri == "sip:agent-prod-01@sip.telepathvoice.com"
    error_message = "The URI is ${output.origination_uri}."
  }
}

run "an_alert_for_each_active_trunk" {
  assert {
    condition     = toset(keys(terraform_data.alert)) == toset(["conn_abc123xyz", "conn_def456uvw"])
    error_message = "There are alerts for ${join(", ", keys(terraform_data.alert))}."
  }
}

# A single test can have trunks of its own.
run "no_active_trunk" {
  override_data {
    target = data.telepath_trunks.active
    values = { ids = [] }
  }

  assert {
    condition     = length(terraform_data.alert) == 0
    error_message = "There are alerts without a trunk."
  }
}
