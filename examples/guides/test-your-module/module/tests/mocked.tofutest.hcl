# OpenTofu runs this file instead of mocked.tftest.hcl.
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
      ids = ["conn_abc123xyz", "conn_def456uvw"]
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
        {
          id           = "conn_def456uvw"
          name         = "Staging ElevenLabs Agent"
          status       = "inactive"
          ai_provider  = "elevenlabs"
          sip_username = "agent-staging-01"
          created_at   = "2024-02-10T09:00:00Z"
          updated_at   = "2024-02-28T11:45:00Z"
          metrics      = null
        },
      ]
    }
  }
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
