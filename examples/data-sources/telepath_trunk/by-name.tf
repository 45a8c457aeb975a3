data "telepath_trunk" "by_name" {
  name            = "Production OpenAI Agent"
  include_metrics = false
}

output "production_id" {
  value = data.telepath_trunk.by_name.id
}
