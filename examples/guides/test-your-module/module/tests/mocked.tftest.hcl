mock_provider "telepath" {
  source = "./tests/mocks"
}

run "main_uri" {
  command = plan

  assert {
    condition     = output.main_uri == "sip:agent-prod-01@sip.telepathvoice.com"
    error_message = "The URI is ${output.main_uri}."
  }
}

run "a_route_for_each_trunk" {
  command = plan

  assert {
    condition     = keys(terraform_data.route) == ["conn_abc123xyz", "conn_def456uvw"]
    error_message = "The routes are ${join(", ", keys(terraform_data.route))}."
  }
}

# override_data replaces the mocked trunks for one run.
run "no_sip_username" {
  command = plan

  override_data {
    target = data.telepath_trunks.all
    values = {
      ids = ["conn_abc123xyz", "conn_2"]
      trunks = [
        { id = "conn_abc123xyz", sip_username = "agent-prod-01" },
        { id = "conn_2", sip_username = null },
      ]
    }
  }

  expect_failures = [data.telepath_trunks.all]
}
