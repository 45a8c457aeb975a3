# The trunks of Telepath's API reference.
mock_data "telepath_trunk" {
  defaults = {
    id           = "conn_abc123xyz"
    name         = "Production OpenAI Agent"
    status       = "active"
    ai_provider  = "openai"
    sip_username = "agent-prod-01"
    created_at   = "2024-01-15T10:30:00Z"
    updated_at   = "2024-03-01T14:22:00Z"
    metrics = {
      calls_today    = 142
      success_rate   = 98.6
      avg_latency_ms = 187
    }
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
        metrics = {
          calls_today    = 142
          success_rate   = 98.6
          avg_latency_ms = 187
        }
      },
      {
        id           = "conn_def456uvw"
        name         = "Staging ElevenLabs Agent"
        status       = "inactive"
        ai_provider  = "elevenlabs"
        sip_username = "agent-staging-01"
        created_at   = "2024-02-10T09:00:00Z"
        updated_at   = "2024-02-28T11:45:00Z"
        metrics = {
          calls_today    = 0
          success_rate   = 95.2
          avg_latency_ms = 210
        }
      },
    ]
  }
}
