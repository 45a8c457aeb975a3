git clone https://github.com/telepathvoice/terraform-provider-telepath
cd terraform-provider-telepath
go run ./internal/mockapi/telepath-mock -addr 127.0.0.1:8080
