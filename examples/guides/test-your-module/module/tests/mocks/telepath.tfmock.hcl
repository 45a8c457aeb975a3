# What the data sources return under mock_provider: the trunks of Telepath's own example.
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

# Terraform cannot mock what is in a list of nested objects: trunks is always empty here.
mock_data "telepath_trunks" {
  defaults = {
    ids = ["conn_abc123xyz", "conn_def456uvw"]
  }
}
