data "telepath_trunk" "patient" {
  id              = "conn_abc123xyz"
  include_metrics = false
  timeouts        = { read = "10m" }
}

output "patient_name" {
  value = data.telepath_trunk.patient.name
}
