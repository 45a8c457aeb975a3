// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"maps"
	"net/http"
	"strconv"
)

// reply is a whole answer that has not been sent yet.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// jsonReply is an answer with a JSON body.
func jsonReply(status int, body []byte) reply {
	return contentReply(status, "application/json", body)
}

// contentReply is an answer with a body of the given type.
func contentReply(status int, contentType string, body []byte) reply {
	return reply{status: status, body: body, header: http.Header{
		"Content-Type":   {contentType},
		"Content-Length": {strconv.Itoa(len(body))},
	}}
}

// writeHead sends status and headers, which announce the whole body.
func (r reply) writeHead(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.WriteHeader(r.status)
}

// write sends the answer.
func (r reply) write(w http.ResponseWriter) {
	r.writeHead(w)
	writeAndForget(w, r.body)
}

// writeAndForget sends a part of a body. It can only fail when the client has left,
// and then there is nobody to tell.
func writeAndForget(w http.ResponseWriter, part []byte) {
	_, _ = w.Write(part)
}

// capture runs a handler and keeps its answer back, for a fault that spoils it.
func capture(handler http.HandlerFunc, r *http.Request) reply {
	k := &keeper{kept: reply{header: http.Header{}}}
	handler(k, r)
	k.WriteHeader(http.StatusOK)
	return k.kept
}

// keeper is a ResponseWriter that keeps what is written. The recorder of httptest
// would register flags in the command.
type keeper struct{ kept reply }

// Header gives the headers that are kept.
func (k *keeper) Header() http.Header { return k.kept.header }

// WriteHeader keeps the first status, as a real one does.
func (k *keeper) WriteHeader(status int) {
	if k.kept.status == 0 {
		k.kept.status = status
	}
}

// Write keeps a part of the body.
func (k *keeper) Write(part []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	k.kept.body = append(k.kept.body, part...)
	return len(part), nil
}
