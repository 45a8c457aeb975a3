# OpenTofu takes this file in place of mocked.tftest.hcl. It has no files of mocks, and does not
# mock what the module sets itself, here the name.
mock_provider "telepath" {
  mock_data "telepath_trunk" {
    defaults = {
      id           = "conn_abc123xyz"
      status       = "active"
      ai_provider  = "openai"
      sip_username = "agent-prod-01"
      created_at   = "2024-01-15T10:30:00Z"
      updated_at   = "2024-03-01T14:22:00Z"
      metrics      = null
    }
  }

  mock_data "telepath_trunks" {
    defaults = {
      ids = ["conn_abc123xyz"]
      trunks = [
        {
          id           = "conn_abc123xyz"
          name         = "Production OpenAI Agent"
          status       = "active"
          ai_provider  = "openai"
          sip_username = "agent-prod-01"
          created_at   = "2024-01-15T10:30:00Z"
          updated_at   = "2024-03-01T14:22:00Z"
          metrics      = null
        },
      ]
    }
  }
}

run "origination_uri" {
  command = plan

  assert {
    condition     = output.origination_uri == "sip:agent-prod-01@sip.telepathvoice.com"
    error_message = "The URI is ${output.origination_uri}."
  }
}

run "names" {
  assert {
    condition     = join(", ", output.names) == "Production OpenAI Agent"
    error_message = "The names are ${join(", ", output.names)}."
  }
}
